"""The installed models' vectors are what transformers itself computes, and say about words what the page says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from models import catalog, embeddings, engine, vocabulary
from models.engine import Request
from models.language_model import LanguageModel
from models.traces import ContextTrace, InputError, NeighbourTrace, PositionTrace, SentenceTrace, TableTrace

MINILM, SMOLLM2 = "minilm-l6-v2", "smollm2-135m"
RIVER = ("They sat on the river bank.", "The muddy bank of the stream was steep.")
MONEY = ("The bank lent them money for a house.", "She opened an account at the bank.")
TEXTS = [
    "The dog bit the man.",
    "The man bit the dog.",
    "A physician drove the automobile.",
    "The doctor drove the car.",
    "Привет, мир! 你好，世界。",
    "x",
    "word " * 300,
]


@pytest.fixture(scope="module")
def minilm_by_transformers() -> tuple[Any, Any]:
    folder = catalog.resolve(MINILM).location
    model = AutoModel.from_pretrained(folder, attn_implementation="eager")
    return model.eval(), AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def models() -> dict[str, LanguageModel]:
    return {name: catalog.load(name) for name in (MINILM, SMOLLM2)}


@pytest.mark.parametrize("name", [MINILM, SMOLLM2])
def test_vectors_in_context_equal_output_hidden_states(name: str, models: dict[str, LanguageModel]) -> None:
    lm = models[name]
    trace = embeddings.contextual(lm, RIVER + MONEY, "bank")
    assert trace.vectors.shape == (lm.layers + 1, 4, lm.config.hidden_size)
    for use, sentence in enumerate(RIVER + MONEY):
        batch = lm.tokenizer(sentence, return_tensors="pt")
        places = [n for n, token in enumerate(batch["input_ids"][0]) if lm.tokenizer.decode(token).strip() == "bank"]
        with torch.inference_mode():
            states = torch.cat(lm.model(**batch, output_hidden_states=True).hidden_states)
        np.testing.assert_array_equal(trace.vectors[:, use], states[:, places].mean(dim=1).numpy())
    np.testing.assert_allclose(trace.static_cosines, 1, atol=1e-6)  # one row of the table, whatever the sentence


def test_a_decoder_tells_banks_by_what_came_before(models: dict[str, LanguageModel]) -> None:
    trace = embeddings.contextual(models[SMOLLM2], ["The river bank", "The money bank", "A river bank"], "bank")
    assert trace.cosines[0, 0, 1] == pytest.approx(1, abs=1e-6)  # before the first block only the token counts
    last = trace.cosines[-1]
    assert last[0, 2] > last[0, 1] + 0.05


def test_sentences_equal_the_reference_computation(
    minilm_by_transformers: tuple[Any, Any], models: dict[str, LanguageModel]
) -> None:
    """Mean pooling over the attention mask, then length 1: as the model's own description says."""
    model, tokenizer = minilm_by_transformers
    batch = tokenizer(TEXTS, padding=True, truncation=True, max_length=512, return_tensors="pt")
    with torch.no_grad():
        hidden = model(**batch).last_hidden_state
    mask = batch["attention_mask"][:, :, None].float()
    pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
    expected = torch.nn.functional.normalize(pooled, dim=1)
    found = embeddings.embed(models[MINILM], TEXTS)
    np.testing.assert_allclose(found.vectors, pooled, atol=1e-5)
    np.testing.assert_allclose(embeddings.similarity(found.vectors), expected @ expected.T, atol=1e-5)


@pytest.mark.parametrize("name", [MINILM, SMOLLM2])
def test_together_is_as_alone(name: str, models: dict[str, LanguageModel]) -> None:
    lm = models[name]
    together = embeddings.embed(lm, TEXTS[:6]).vectors
    alone = np.concatenate([embeddings.embed(lm, [text]).vectors for text in TEXTS[:6]])
    np.testing.assert_allclose(together, alone, atol=1e-5 * np.abs(alone).max())


def test_what_counting_loses_and_vectors_keep(models: dict[str, LanguageModel]) -> None:
    synonyms = ["A big car.", "One large automobile.", "I sing"]
    trace = embeddings.compare(embeddings.embed(models[MINILM], synonyms))
    np.testing.assert_array_equal(trace.cosines[:2, 0, 1], 0)
    assert trace.cosines[2, 0, 1] > trace.cosines[2, 0, 2] + 0.3
    order = embeddings.compare(embeddings.embed(models[MINILM], TEXTS[:2]))
    np.testing.assert_allclose(order.cosines[:2, 0, 1], 1, atol=1e-6)
    assert order.cosines[2, 0, 1] < 0.9999


def test_search_finds_what_shares_no_word(models: dict[str, LanguageModel]) -> None:
    lm = models[MINILM]
    found = embeddings.embed(lm, TEXTS[:4])
    query = embeddings.embed(lm, ["a medic in a vehicle"]).vectors[0]
    assert set(embeddings.search(found.vectors, query, 2)[0].tolist()) == {2, 3}


@pytest.mark.parametrize("name", [MINILM, SMOLLM2])
def test_neighbours_are_read_as_the_whole_vocabulary_is(name: str, models: dict[str, LanguageModel]) -> None:
    near = embeddings.neighbours(models[name], "Ein naïver König 😀", count=20)
    whole = vocabulary.describe(models[name].tokenizer)
    texts = dict(zip(whole.ids.tolist(), whole.texts, strict=True))
    for row, read in zip(near.ids, near.texts, strict=True):
        assert read == tuple(texts[number] for number in row.tolist())


def test_the_engine_runs_every_analysis() -> None:
    lines = "\n".join(("", *RIVER, "  ", *MONEY))
    context = engine.run(Request("context", MINILM, lines, settings=(("word", "bank"), ("pooling", "first"))))
    assert isinstance(context, ContextTrace)
    assert context.sentences == RIVER + MONEY
    sentences = engine.run(Request("sentences", MINILM, lines, settings=(("pooling", "max"),)))
    assert isinstance(sentences, SentenceTrace)
    assert (sentences.texts, sentences.pooling) == (RIVER + MONEY, "max")
    near = engine.run(Request("neighbours", SMOLLM2, " dog", settings=(("count", "5"),)))
    assert isinstance(near, NeighbourTrace)
    assert near.ids.shape == (1, 5)
    assert " dogs" in near.texts[0]
    table = engine.run(Request("table", SMOLLM2))
    assert isinstance(table, TableTrace)
    assert (table.head, len(table.norms), table.dimensions) == ("tied", 49_152, 576)
    turned = engine.run(Request("positions", SMOLLM2, settings=(("count", "64"),)))
    assert isinstance(turned, PositionTrace)
    assert (turned.kind, turned.similarity.shape) == ("rotary", (1, 64, 64))
    learned = engine.run(Request("positions", MINILM))
    assert isinstance(learned, PositionTrace)
    assert (learned.kind, learned.similarity.shape) == ("learned", (1, 128, 128))


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (Request("context", MINILM, "a bank"), "word is empty"),
        (Request("context", MINILM, "", settings=(("word", "a"),)), "no sentence"),
        (Request("sentences", MINILM, "a", settings=(("pooling", "sum"),)), "mean, first, max"),
        (Request("sentences", MINILM, " \n"), "no text"),
        (Request("neighbours", MINILM, "a", settings=(("count", "-1"),)), "whole number"),
        (Request("positions", MINILM, settings=(("count", "9" * 50),)), "whole number"),
    ],
)
def test_what_a_link_may_hold_is_refused_in_a_sentence(request_: Request, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        engine.run(request_)

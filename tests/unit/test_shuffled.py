"""A text in another order, moved, and without positions: against models whose positions were really taken away."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

from models import adapters, catalog, shuffled, traces
from models.language_model import LanguageModel
from models.traces import InputError
from tests.families import DECODERS, ENCODERS, USUAL, hooks, shaken, tiny_tokenizer

TEXT = "a quick brown fox ran off"
ROTARY = ("llama", "qwen2", "qwen3", "mistral", "gemma2", "gpt_neox", "phi")
LEARNED = ("gpt2", "opt", "bert", "roberta", "distilbert")


def plain(lm: Any, model: Any, ids: torch.Tensor) -> torch.Tensor:
    """[token, dimension] behind the last layer of a model that is asked in the usual way."""
    with torch.inference_mode():
        return model.base_model(input_ids=ids[None]).last_hidden_state[0]


@pytest.mark.parametrize("family", [*DECODERS, *ENCODERS])
def test_words_in_another_order_are_another_text(family: str) -> None:
    lm = shaken(family)
    found = shuffled.shuffle(lm, TEXT, seed=3)
    assert hooks(lm) == 0
    assert found.difference < 1e-5
    order = found.orders[1]
    assert sorted(order) == list(range(len(TEXT)))
    assert (order != np.arange(len(TEXT))).any()
    ids = lm.encode(TEXT).ids
    theirs = plain(lm, lm.model, ids[torch.from_numpy(order)])
    for place, token in enumerate(order):
        np.testing.assert_allclose(found.vectors[1, token], theirs[place].numpy(), atol=1e-4)
    if family in DECODERS:
        last = lm.model(input_ids=ids[torch.from_numpy(order)][None]).logits[0, -1].detach().numpy()
        np.testing.assert_allclose(found.logits[1], last, atol=1e-4)
        assert list(order[-3:]) == list(range(len(TEXT)))[-3:]  # "off" stays
    again = shuffled.shuffle(lm, TEXT, seed=3)
    np.testing.assert_array_equal(again.orders, found.orders)


@pytest.mark.parametrize("family", ROTARY)
def test_with_rope_only_distances_count_and_without_it_nothing_turns(family: str) -> None:
    lm = shaken(family)
    found = shuffled.shuffle(lm, TEXT, by=40)
    assert found.way == "rotary"
    np.testing.assert_allclose(found.vectors[2], found.vectors[0], atol=1e-4)
    assert found.lost(2) < 1e-6
    model = copy.deepcopy(lm.model)
    rotary: Any = model.base_model.rotary_emb

    def still(_module: Any, _given: Any, output: Any) -> Any:
        return torch.ones_like(output[0]), torch.zeros_like(output[1])

    rotary.register_forward_hook(still)
    theirs = plain(lm, model, lm.encode(TEXT).ids)
    np.testing.assert_allclose(found.vectors[3], theirs.numpy(), atol=1e-4)
    assert found.lost(3) > 1e-5


@pytest.mark.parametrize("family", LEARNED)
def test_a_learned_row_for_all_is_a_table_of_equal_rows(family: str) -> None:
    lm = shaken(family)
    found = shuffled.shuffle(lm, TEXT, by=40)
    assert found.way == "learned"
    assert np.abs(found.vectors[2] - found.vectors[0]).max() > 1e-3  # moved positions are other rows
    model = copy.deepcopy(lm.model)
    table: Any = model.base_model.get_submodule(adapters.FAMILIES[family].positions)
    first = int(found.places[0, 0]) + int(getattr(table, "offset", 0))
    with torch.no_grad():
        table.weight[:] = table.weight[first].clone()
    ids = lm.encode(TEXT).ids
    np.testing.assert_allclose(found.vectors[3], plain(lm, model, ids).numpy(), atol=1e-4)
    bag = np.abs(found.vectors[4] - found.vectors[3]).max()
    if family in ENCODERS:
        assert bag < 1e-4  # a bag of words
    else:
        assert bag > 1e-3  # the mask still tells


def test_moved_positions_are_those_rows_of_the_table() -> None:
    lm = shaken("gpt2")
    found = shuffled.shuffle(lm, TEXT, by=40)
    model = copy.deepcopy(lm.model)
    with torch.no_grad():
        model.transformer.wpe.weight[:60] = lm.model.transformer.wpe.weight[40:100]
    np.testing.assert_allclose(found.vectors[2], plain(lm, model, lm.encode(TEXT).ids).numpy(), atol=1e-4)


@pytest.mark.parametrize("family", ["bloom", "falcon"])
def test_who_takes_no_positions_is_only_shuffled(family: str) -> None:
    model = shaken(family)
    found = shuffled.shuffle(model, TEXT)
    assert len(found.runs) == (2 if family == "bloom" else 5)


def undescribed(family: str, **special: int) -> LanguageModel:
    """A tiny model of a family that models/adapters.py doesn't describe."""
    build = AutoModelForCausalLM if special else AutoModel
    model = build.from_config(AutoConfig.for_model(family, **(special or USUAL)), attn_implementation="eager")
    return catalog.wrap(model.eval(), tiny_tokenizer())


@pytest.mark.parametrize(("family", "first"), [("xlm-roberta", 1), ("mpnet", 2)])
def test_positions_begin_behind_the_padding_tokens(family: str, first: int) -> None:
    found = shuffled.shuffle(undescribed(family), TEXT)
    assert found.places[0].tolist() == list(range(first, first + len(TEXT)))
    assert found.difference < 1e-5  # from a pass that is given no positions
    assert found.way == "unknown"


@pytest.mark.parametrize("family", ["gptj", "codegen"])
def test_a_table_of_sines_has_an_end(family: str) -> None:
    lm = undescribed(family, n_embd=32, n_layer=2, n_head=4, n_positions=128, rotary_dim=4, vocab_size=300)
    assert shuffled.shuffle(lm, TEXT, by=128 - len(TEXT)).difference < 1e-5
    with pytest.raises(InputError, match="by 103 at most"):
        shuffled.shuffle(lm, TEXT, by=129 - len(TEXT))


def test_bits_are_torchs() -> None:
    found = shuffled.shuffle(shaken("llama"), TEXT)
    logs = torch.from_numpy(found.logits).double().log_softmax(-1)
    bits = torch.nn.functional.kl_div(logs[1], logs[0], log_target=True, reduction="sum") / np.log(2)
    assert found.lost(1) == pytest.approx(float(bits), rel=1e-9)
    top = logs.exp().topk(5)
    np.testing.assert_array_equal(found.likely, top.indices.numpy())
    np.testing.assert_allclose(found.probabilities, top.values.numpy(), rtol=1e-9)
    first, second = (torch.from_numpy(found.vectors[run]).double() for run in (0, 1))
    cosines = torch.cosine_similarity(first, second)
    np.testing.assert_allclose(found.cosines(1), cosines.numpy(), atol=1e-9)


def test_a_trace_comes_back_from_its_file() -> None:
    found = shuffled.shuffle(shaken("gpt2"), TEXT)
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.ShuffledTrace)
    assert again.words == found.words
    assert again.runs == found.runs
    np.testing.assert_array_equal(again.vectors, found.vectors)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one two  three", ("one", " two", "  three")),
        ("tabs\tand\nlines", ("tabs", "\tand", "\nlines")),
        ("你好吗", ("你", "好", "吗")),
        ("abc", ("a", "b", "c")),
        ("👩\u200d🚀 flies", ("👩\u200d🚀", " flies")),
        ("", ()),
    ],
)
def test_words_are_what_stands_between_spaces(text: str, words: tuple[str, ...]) -> None:
    lm = shaken("llama")
    if not text:
        with pytest.raises(InputError):
            shuffled.shuffle(lm, text)
        return
    table = lm.encode(text).token_table
    found = tuple(b"".join(table.raw[start:end]).decode() for start, end in shuffled.words_of(table, text))
    assert found == words


@pytest.mark.parametrize(
    ("family", "text", "by", "part"),
    [
        ("llama", "two words", 0, "at least three words"),
        ("bert", "x", 0, "at least two words"),
        ("gpt2", TEXT, 120, "by 103 at most"),
        ("llama", TEXT, 5_000, "4,096"),
    ],
)
def test_what_can_not_be_is_one_sentence(family: str, text: str, by: int, part: str) -> None:
    with pytest.raises(InputError, match=part):
        shuffled.shuffle(shaken(family), text, by=by)

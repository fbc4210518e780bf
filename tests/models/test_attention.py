"""The installed models' attention is what transformers itself computes from the same files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer

from models import attention, catalog, defaults, engine, traces
from models.engine import Request
from models.traces import AttentionTrace

TEXTS = [
    defaults.TEXT,
    "Привет, мир! 你好，世界。 مرحبا بالعالم 👩‍🚀🇩🇪",
    "def fibonacci(n):\n\treturn n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)  # 12345",
    "</script><script>alert(1)</script>" + "\x00 " * 20,
]


@pytest.fixture(scope="module")
def smollm2_by_transformers() -> tuple[Any, Any]:
    """Read straight from the package's file, with no code of ours."""
    reference = catalog.resolve("smollm2-135m")
    folder, _, file = reference.location.rpartition("/")
    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=file, dtype=torch.float32, attn_implementation="eager"
    )
    return model.eval(), AutoTokenizer.from_pretrained(folder, gguf_file=file)


@pytest.fixture(scope="module")
def minilm_by_transformers() -> tuple[Any, Any]:
    folder = catalog.resolve("minilm-l6-v2").location
    model = AutoModel.from_pretrained(folder, attn_implementation="eager")
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def eager_attentions(model: Any, batch: Any) -> np.ndarray:
    with torch.no_grad():
        return torch.stack(model(**batch, output_attentions=True).attentions)[:, 0].numpy()


@pytest.mark.parametrize("text", TEXTS, ids=["english", "scripts", "code", "hostile"])
def test_smollm2_equals_transformers(text: str, smollm2_by_transformers: tuple[Any, Any]) -> None:
    model, tokenizer = smollm2_by_transformers
    batch = tokenizer(text, return_tensors="pt")
    trace = attention.trace(catalog.load("smollm2-135m"), text)
    assert trace.token_table.ids.tolist() == batch["input_ids"][0].tolist()
    assert b"".join(trace.token_table.raw) == text.encode()
    np.testing.assert_allclose(trace.weights, eager_attentions(model, batch), atol=1e-6, rtol=0)
    assert trace.weights.shape[:2] == (30, 9)
    assert trace.key_value_heads.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize(("text", "pair"), [(TEXTS[0], None), (TEXTS[1], TEXTS[2]), defaults.PAIR])
def test_minilm_equals_transformers(text: str, pair: str | None, minilm_by_transformers: tuple[Any, Any]) -> None:
    model, tokenizer = minilm_by_transformers
    batch = tokenizer(text, pair, return_tensors="pt")
    trace = attention.trace(catalog.load("minilm-l6-v2"), text, pair)
    assert trace.token_table.ids.tolist() == batch["input_ids"][0].tolist()
    np.testing.assert_allclose(trace.weights, eager_attentions(model, batch), atol=1e-6, rtol=0)
    assert not trace.causal


def test_512_tokens_work(smollm2_by_transformers: tuple[Any, Any]) -> None:
    model, tokenizer = smollm2_by_transformers
    lm = catalog.load("smollm2-135m")
    text = " the" * lm.max_tokens
    trace = attention.trace(lm, text)
    assert len(trace.token_table) == 512
    batch = tokenizer(text, return_tensors="pt")
    np.testing.assert_allclose(trace.weights, eager_attentions(model, batch), atol=1e-6, rtol=0)


def test_the_opening_view_shows_what_it_says() -> None:
    """The default head, in each model, is one in which "it" looks at the animal more than at anything else."""
    for model, (layer, head) in defaults.HEADS.items():
        trace = engine.run(Request("attention", model, defaults.TEXT))
        assert isinstance(trace, AttentionTrace)
        words = [text.strip() for text in trace.tokens]
        assert words[int(trace.weights[layer, head, words.index("it")].argmax())] == "animal"
        if model == defaults.DECODER:
            assert words[defaults.TOKEN] == "it"


def test_induction_heads_copy_what_came_next() -> None:
    """The best heads by score do, on real text, what their score says."""
    lm = catalog.load("smollm2-135m")
    scores = attention.induction(lm).scores
    trace = attention.trace(lm, "Mr Harry Potter met Ron. The next day Mr Harry Potter met Hermione.")
    words = [text.strip() for text in trace.tokens]
    again = len(words) - 1 - words[::-1].index("Harry")
    for best in np.argsort(-scores, axis=None)[:3]:
        layer, head = divmod(int(best), lm.heads)
        assert scores[layer, head] > 0.7
        row = trace.weights[layer, head, again].copy()
        row[0] = 0  # where heads rest
        assert words[int(row.argmax())] == "Potter"


def weight(request: Request, head: tuple[int, int], query: str, key: str) -> float:
    trace = engine.run(request)
    assert isinstance(trace, AttentionTrace)
    words = [text.strip() for text in trace.tokens]
    return float(trace.weights[head][words.index(query), words.index(key)])


def test_what_the_presets_say_is_so() -> None:
    tired, wide = defaults.TEXT, defaults.OTHER_TEXT
    assert weight(Request("attention", "smollm2-135m", tired), (13, 8), "it", "animal") == pytest.approx(
        0.75, abs=0.005
    )
    same = [weight(Request("attention", "smollm2-135m", text), (13, 8), "it", "animal") for text in (tired, wide)]
    assert same[0] == pytest.approx(same[1], abs=1e-6)
    first, second = (
        weight(Request("attention", "minilm-l6-v2", text), (3, 1), "it", "animal") for text in (tired, wide)
    )
    assert second < first / 2


def test_a_trace_of_a_real_model_survives_its_file() -> None:
    trace = attention.trace(catalog.load("minilm-l6-v2"), *defaults.PAIR)
    after = traces.from_bytes(traces.to_bytes(trace))
    assert isinstance(after, AttentionTrace)
    np.testing.assert_array_equal(after.weights, trace.weights)
    assert after.source == trace.source

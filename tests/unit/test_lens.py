"""The logit lens, against transformers' and torch's own modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import interventions, lens, switched_off, traces
from models.language_model import LanguageModel
from models.traces import InputError, LensTrace
from tests.families import DECODERS, FAMILIES, hooks, shaken

TEXT = "Hello, world of walks"


def final_norm(lm: LanguageModel) -> Any:
    """The last norm of the model that is in none of its layers."""
    inside = {id(module) for block in lm.blocks() for module in block.modules()}
    outside = [module for module in lm.model.base_model.modules() if id(module) not in inside]
    return [module for module in outside if "Norm" in type(module).__name__][-1]


@pytest.mark.parametrize("family", DECODERS)
def test_the_last_layer_is_the_model_and_the_others_are_its_head(family: str) -> None:
    lm = shaken(family)
    found = lens.logit_lens(lm, TEXT)
    assert hooks(lm) == 0
    with torch.inference_mode():
        theirs = lm.model(**lm.encode(TEXT).inputs, output_hidden_states=True, use_cache=False)
        np.testing.assert_array_equal(found.logits(lm.layers), theirs.logits[0])
        np.testing.assert_array_equal(found.logits(-1), theirs.logits[0])
        assert found.trace.difference == 0
        for layer in range(lm.layers):
            logits = lm.model.get_output_embeddings()(final_norm(lm)(theirs.hidden_states[layer]))[0]
            cap = getattr(lm.config, "final_logit_softcapping", None)
            logits = cap * torch.tanh(logits / cap) if cap else logits
            np.testing.assert_array_equal(found.logits(layer), logits)


@pytest.mark.parametrize("family", ["llama", "gemma2", "falcon"])
@pytest.mark.parametrize("batch", [1, 4_000, 1 << 24])
def test_what_the_trace_says_is_torchs(family: str, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lens, "BATCH", batch)
    lm = shaken(family)
    found = lens.logit_lens(lm, TEXT, [70, 5], k=4)
    trace = found.trace
    answers = torch.from_numpy(found.logits(-1)).argmax(-1)
    assert trace.followed.tolist() == [answers.tolist(), [70] * len(TEXT), [5] * len(TEXT)]
    for layer in range(lm.layers + 1):
        logits = torch.from_numpy(found.logits(layer)).double()
        chances = logits.softmax(-1)
        np.testing.assert_array_equal(trace.ids[layer], logits.topk(4).indices)
        np.testing.assert_allclose(trace.probabilities[layer], chances.topk(4).values, rtol=1e-5)
        entropy = torch.distributions.Categorical(logits=logits).entropy() / np.log(2)
        np.testing.assert_allclose(trace.entropies[layer], entropy, rtol=1e-5)
        for number, ids in enumerate(torch.from_numpy(trace.followed)):
            own = chances.gather(1, ids[:, None])[:, 0]
            np.testing.assert_allclose(trace.followed_probabilities[number, layer], own, rtol=1e-5)
            order = logits.argsort(-1, descending=True)
            ranks = (order == ids[:, None]).long().argmax(-1)
            np.testing.assert_array_equal(trace.followed_ranks[number, layer], ranks)
    ids, probabilities = found.top(4)
    np.testing.assert_array_equal(ids, trace.ids)
    np.testing.assert_array_equal(probabilities, trace.probabilities)
    for position, layer in enumerate(trace.settled):
        right = trace.ids[:, position, 0] == answers[position].item()
        assert right[layer:].all()
        assert layer == 0 or not right[layer - 1]


@pytest.mark.parametrize(("first", "begin"), [(-1, 15), (0, 0), (7, 7), (15, 15), (16, 15), (900, 15)])
def test_a_part_of_a_text_is_read_off_and_all_of_it_read(first: int, begin: int) -> None:
    lm = shaken("llama")
    whole = lens.logit_lens(lm, TEXT, [70]).trace
    assert (whole.first, whole.entropies.shape[1], whole.vocabulary) == (0, len(TEXT), 300)
    part = lens.logit_lens(lm, TEXT, [70], first=first, count=6).trace
    assert part.first == begin
    assert part.token_table.ids.tolist() == whole.token_table.ids.tolist()
    shown = slice(begin, begin + 6)
    np.testing.assert_array_equal(part.ids, whole.ids[:, shown])
    np.testing.assert_array_equal(part.followed_ranks, whole.followed_ranks[:, :, shown])
    np.testing.assert_array_equal(part.settled, whole.settled[shown])
    np.testing.assert_allclose(part.probabilities, whole.probabilities[:, shown], rtol=1e-5)
    np.testing.assert_allclose(part.entropies, whole.entropies[:, shown], rtol=1e-5)
    assert part.difference < 1e-5
    assert lens.logit_lens(lm, TEXT, first=first, count=60).trace.first == 0


def test_every_token_of_a_trace_is_named() -> None:
    lm = shaken("llama")
    trace = lens.logit_lens(lm, TEXT, [70], k=4).trace
    named = dict(zip(trace.entries.tolist(), trace.texts, strict=True))
    assert set(named) == {*trace.ids.ravel().tolist(), *trace.followed.ravel().tolist()}
    assert named[70] == lm.tokenizer.decode([70])


def test_a_token_that_can_not_come_adds_nothing_to_the_entropy() -> None:
    logits = torch.tensor([[0.0, 1.0, -torch.inf, 2.0]])
    expected = torch.distributions.Categorical(logits=logits[0, [0, 1, 3]]).entropy() / np.log(2)
    ids, shares, entropy, own, ranks = lens._numbers(logits.clone(), torch.tensor([[2, 1]]), 4, torch.empty(1, 4))
    assert ids.tolist() == [[3, 1, 0, 2]]
    torch.testing.assert_close(shares, logits.softmax(-1)[:, [3, 1, 0, 2]])
    torch.testing.assert_close(entropy[0], expected)
    torch.testing.assert_close(own, logits.softmax(-1)[:, [2, 1]])
    assert ranks.tolist() == [[3, 1]]


def test_a_token_is_typed_by_its_text_or_its_id() -> None:
    lm = shaken("llama")
    a = lm.tokenizer("a", add_special_tokens=False)["input_ids"]
    assert [lens.typed(lm, "a")] == a
    assert [lens.typed(lm, " a")] == a  # no single token is both
    assert lens.typed(lm, "#17") == 17
    assert lens.typed(lm, "#") == lm.tokenizer("#", add_special_tokens=False)["input_ids"][0]
    for text, sentence in (
        ("ab", "no single token"),
        ("#300", "from #0 to #299"),
        ("x" * 500, "no single token"),
        ("", "is empty"),
        ("\ud800", "half a character"),
        ("#" + "9" * 400, "no single token"),
    ):
        with pytest.raises(InputError, match=sentence):
            lens.typed(lm, text)


@pytest.mark.parametrize("family", ["llama", "gpt2"])
@pytest.mark.parametrize("off", ["l0", "l1", "1.2,m1x0.5"])
def test_parts_that_are_off_are_off_in_every_cell(family: str, off: str) -> None:
    lm = shaken(family)
    usual = lens.logit_lens(lm, TEXT)
    with interventions.changed(lm, switched_off.parts_of(off)):
        found = lens.logit_lens(lm, TEXT)
        with torch.inference_mode():
            own = lm.model(**lm.encode(TEXT).inputs).logits[0]
    assert hooks(lm) == 0
    np.testing.assert_array_equal(found.logits(-1), own)
    assert not np.array_equal(found.logits(-1), usual.logits(-1))
    if off.startswith("l"):  # what leaves the layer is what entered it
        layer = int(off[1:])
        np.testing.assert_array_equal(found.residuals[layer + 1], found.residuals[layer])


def test_files_keep_them() -> None:
    lm = shaken("llama")
    found = lens.logit_lens(lm, TEXT, [3]).trace
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, LensTrace)
    assert traces.to_bytes(again) == traces.to_bytes(found)


def test_what_has_no_lens() -> None:
    for family in ("bert", "distilbert"):
        with pytest.raises(InputError, match="predicts no next token"):
            lens.logit_lens(shaken(family), TEXT)
    lm = shaken("llama")
    with pytest.raises(InputError, match="300 tokens"):
        lens.logit_lens(lm, TEXT, [300])
    with pytest.raises(InputError, match="The text is empty"):
        lens.logit_lens(lm, "")


def test_a_model_with_more_behind_its_last_layer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES["opt"], "word_embed_proj_dim", 16)
    lm = shaken("opt")
    with pytest.raises(InputError, match="more than a norm and a head"):
        lens.logit_lens(lm, TEXT)
    assert hooks(lm) == 0

"""Tensors from another prompt, against plain passes one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
import torch

from models import adapters, inside, patching, traces
from models.engine import Request
from models.language_model import LanguageModel
from models.progress import Cancelled
from models.traces import InputError
from tests.families import DECODERS, hooks, shaken

TEXT, OTHER = "Hello, world", "Hellish moon"
DIFFERS = 4  # the first token that isn't the same
KNOWN = [family for family in DECODERS if family != "falcon"]
LONG = "Some words that both have, and much more of them. " * 2


def alone(
    lm: LanguageModel, text: str, other: str, what: str, layer: int, positions: slice, head: int = 0
) -> torch.Tensor:
    """The logits behind a prompt, by one plain pass with one tensor of the other."""
    described = adapters.FAMILIES[lm.config.model_type]
    blocks: Any = lm.model.base_model.get_submodule(described.blocks)
    around = described.norms == "around"
    path = {
        "residual": "",
        "attention": described.norm_attention_after if around else described.output,
        "mlp": described.norm_mlp_after if around else described.down,
        "heads": described.output,
    }[what]
    module = blocks[layer].get_submodule(path)
    kept: list[torch.Tensor] = []
    count = len(lm.encode(text).ids)

    def put(found: torch.Tensor) -> torch.Tensor:
        if not kept:
            kept.append(found.reshape(count, -1).clone())
            return found
        changed = found.clone().view(count, -1)
        size = changed.shape[1] // 4 if what == "heads" else changed.shape[1]
        columns = slice(head * size, (head + 1) * size)
        changed[positions, columns] = kept[0][positions, columns]
        return changed.view(found.shape)

    def behind(_module: Any, _given: Any, output: Any) -> Any:
        return put(output) if isinstance(output, torch.Tensor) else (put(output[0]), *output[1:])

    if what == "heads":
        handle = module.register_forward_pre_hook(lambda _module, given: (put(given[0]), *given[1:]))
    else:
        handle = module.register_forward_hook(behind)
    with torch.inference_mode():
        lm.model(**lm.encode(other).inputs)
        logits = lm.model(**lm.encode(text).inputs).logits[0, -1]
    handle.remove()
    return logits


@pytest.mark.parametrize("family", KNOWN)
@pytest.mark.parametrize("what", patching.PATCHED)
def test_patching_is_a_pass_with_that_one_tensor(family: str, what: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patching, "TOKENS", 40)  # five passes a batch
    lm = shaken(family)
    found = patching.patch(lm, TEXT, OTHER, what=what, answer=70, rival=5)
    assert hooks(lm) == 0
    last = len(TEXT) - 1
    heads = [(layer, head) for layer in range(3) for head in range(4)]
    for layer, column in heads if what == "heads" else [(0, 0), (1, DIFFERS), (1, 6), (2, last), (1, last)]:
        if what == "heads":
            logits = alone(lm, TEXT, OTHER, what, layer, slice(0, None), column)
        else:
            logits = alone(lm, TEXT, OTHER, what, layer, slice(column, column + 1))
        assert found.patched[layer, column] == pytest.approx(float(logits[70] - logits[5]), abs=1e-4)
        shares = logits.softmax(-1)
        np.testing.assert_allclose(found.chosen[layer, column], shares[[70, 5]], atol=1e-5)
        likely = shares.topk(patching.TOP)
        np.testing.assert_allclose(found.top_probabilities[layer, column], likely.values, atol=1e-5)
        np.testing.assert_allclose(shares[found.top[layer, column]], likely.values, atol=1e-5)
    if what == "residual":  # behind the last layer only the last position counts, and carries all
        assert found.recovered[-1, -1] == pytest.approx(1, abs=1e-4)
        np.testing.assert_allclose(found.recovered[-1, :-1], 0, atol=1e-4)
    for (layer, column), again in zip(found.checked, found.alone, strict=True):
        assert again == pytest.approx(found.patched[layer, column], abs=1e-4)
    assert len(found.checked) == 3


@pytest.mark.parametrize("what", patching.PATCHED)
@pytest.mark.parametrize("family", ["llama", "mistral", "gpt2", "bloom"])  # mistral sees five tokens back
def test_of_a_long_prompt_a_window_is_patched(family: str, what: Any) -> None:
    lm = shaken(family)
    text, other = LONG + TEXT, "T" + LONG[1:] + OTHER
    found = patching.patch(lm, text, other, what=what, first=20, answer=70, rival=5)
    assert found.first == 20
    assert found.patched.shape[1] == (4 if what == "heads" else patching.WINDOW)
    if what == "heads":
        logits = alone(lm, text, other, what, 1, slice(20, 84), 2)
        assert found.patched[1, 2] == pytest.approx(float(logits[70] - logits[5]), abs=1e-4)
    else:
        logits = alone(lm, text, other, what, 1, slice(60, 61))
        assert found.patched[1, 40] == pytest.approx(float(logits[70] - logits[5]), abs=1e-4)
    assert patching.patch(lm, text, other, what=what).first == len(text) - patching.WINDOW
    same = patching.patch(lm, text, LONG + OTHER, what=what, first=0)  # they differ behind what is patched
    assert np.unique(same.patched).tolist() == [np.float32(same.before)]
    assert len(same.checked) == 0


@pytest.mark.parametrize("family", KNOWN)
@pytest.mark.parametrize("what", patching.PATCHED)
def test_a_prompt_patched_with_itself_stays(family: str, what: Any) -> None:
    lm = shaken(family)
    found = patching.patch(lm, TEXT, TEXT, what=what)
    assert found.before == found.other
    np.testing.assert_allclose(found.patched, found.before, atol=2e-5)
    np.testing.assert_allclose(found.alone, found.before, atol=2e-5)
    assert len(found.checked) == 3  # it was run
    assert np.isnan(found.recovered).all()


def test_the_usual_tokens_are_the_two_answers() -> None:
    lm = shaken("llama")
    found = patching.patch(lm, TEXT, OTHER)
    logits = [lm.logits(lm.encode(text).inputs)[-1] for text in (TEXT, OTHER)]
    answers = [int(each.argmax()) for each in logits]
    assert answers[0] != answers[1]
    assert [found.answer, found.rival] == answers
    assert found.other < 0 < found.before
    assert [found.before, found.other] == pytest.approx([float(each[answers[0]] - each[answers[1]]) for each in logits])
    assert found.ends_top[:, 0].tolist() == answers
    np.testing.assert_allclose(found.ends_chosen[0], logits[0].softmax(-1)[answers], atol=1e-6)
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.PatchingTrace)
    np.testing.assert_array_equal(again.recovered, found.recovered)
    assert again.other_table.texts == found.other_table.texts == tuple(OTHER)


def test_the_engine_asks_for_it() -> None:
    lm = shaken("llama")
    settings = (("what", "heads"), ("answer", "#70"), ("rival", "#5"))
    ours = inside.ANALYSES["patching"](lm, Request("patching", "x", TEXT, OTHER, settings), lambda *_: None)
    assert isinstance(ours, traces.PatchingTrace)
    theirs = patching.patch(lm, TEXT, OTHER, what="heads", answer=70, rival=5)
    np.testing.assert_array_equal(ours.patched, theirs.patched)
    with pytest.raises(InputError, match="first is 'x'"):
        inside.ANALYSES["patching"](lm, Request("patching", "x", TEXT, OTHER, (("first", "x"),)), lambda *_: None)


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda lm: patching.patch(lm, TEXT, "Hello"), "have 12 and 5 tokens"),
        (lambda lm: patching.patch(lm, TEXT, ""), "other prompt is empty"),
        (lambda lm: patching.patch(lm, TEXT, OTHER, answer=300), "300 tokens"),
        (lambda lm: patching.patch(lm, TEXT, OTHER, rival=-1), "300 tokens"),
        (lambda lm: patching.patch(lm, TEXT, OTHER, answer=5, rival=5), "same token"),
        (lambda lm: patching.patch(lm, TEXT, OTHER, first=1), "can be 0 to 0"),
        (lambda lm: patching.patch(lm, TEXT, OTHER, what=cast("Any", "soul")), "one of residual"),
        (lambda _: patching.patch(shaken("bert"), TEXT, OTHER), "predicts no next token"),
        (lambda _: patching.patch(shaken("falcon"), TEXT, OTHER), "falcon"),
    ],
)
def test_what_can_not_be_patched(ask: Callable[[LanguageModel], object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        ask(shaken("llama"))


def test_it_stops_when_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    lm = shaken("llama")
    monkeypatch.setattr(patching, "TOKENS", 60)

    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        patching.patch(lm, TEXT, OTHER, progress=stop)
    assert hooks(lm) == 0

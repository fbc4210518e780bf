"""Norms, masks and padding: against PyTorch's own functions, and against what transformers gives when asked plainly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from models import catalog, forward, interventions, normalised, padded, switched_off, traces, unmasked
from models.progress import Cancelled
from models.traces import InputError, NormalisedTrace, PaddedTrace, UnmaskedTrace
from tests.families import DECODERS, ENCODERS, FAMILIES, USUAL, hooks, shaken, tiny_tokenizer

TEXT = "Hello, world of norms"
SHORT, LONG = "Hello", "Hi there, you two"
KNOWN = [family for family in FAMILIES if family != "falcon"]
MASKED = [family for family in FAMILIES if family not in {"bloom", "mistral", "gemma2"}]


def same_file(trace: Any) -> None:
    """A file gives the trace back."""
    again = traces.from_bytes(traces.to_bytes(trace))
    assert type(again) is type(trace)
    for name in vars(trace):
        value, other = getattr(trace, name), getattr(again, name)
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(other, value)
        elif name == "token_table":
            assert other.texts == value.texts
        else:
            assert other == value


@pytest.mark.parametrize("family", KNOWN)
def test_every_norm_is_the_models_own_and_the_other_kind_is_pytorchs(family: str) -> None:
    lm = shaken(family)
    trace = normalised.trace(lm, TEXT, position=3)
    assert hooks(lm) == 0
    assert trace.max_difference < 1e-5
    assert trace.other_differences.max() < 1e-5
    walked = forward.walk(lm, TEXT)
    for at, (place, layer) in enumerate(zip(trace.places, trace.layers.tolist(), strict=True)):
        x = torch.from_numpy(trace.vectors[at])
        weight = torch.from_numpy(trace.weights[at])
        bias = torch.from_numpy(trace.biases[at]) if trace.biases.shape[1] else None
        if trace.kind == "LayerNorm":
            out = torch.nn.functional.layer_norm(x, x.shape, weight, bias, trace.eps)
        else:
            out = torch.nn.functional.rms_norm(x, x.shape, weight, trace.eps)
        stage = {
            "embedding": "embedding.norm",
            "final": "final.norm",
            "attention": "attention.norm",
            "attention after": "attention.norm_after",
            "mlp": "mlp.norm",
            "mlp after": "mlp.norm_after",
        }[place]
        theirs = walked[stage if layer < 0 else f"layers.{layer}.{stage}"]
        np.testing.assert_allclose(out, theirs[3], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(trace.lengths[1, at], np.linalg.norm(theirs, axis=-1), rtol=1e-5)
        if place == "attention":
            np.testing.assert_array_equal(trace.vectors[at], walked[f"layers.{layer}.input"][3])
    same_file(trace)


@pytest.mark.parametrize(("position", "found"), [(-1, 20), (0, 0), (20, 20), (21, 20), (10**9, 20), (-21, 0)])
def test_a_position_that_the_text_has_not_got_is_the_last(position: int, found: int) -> None:
    assert normalised.trace(shaken("llama"), TEXT, position=position).position == found


def test_what_has_no_norms_to_show() -> None:
    with pytest.raises(InputError, match="falcon"):
        normalised.trace(shaken("falcon"), TEXT)
    with pytest.raises(InputError, match="empty"):
        normalised.trace(shaken("llama"), "")


@pytest.mark.parametrize("family", MASKED)
def test_the_mask_is_the_other_one_and_nothing_else_changes(family: str) -> None:
    lm = shaken(family)
    trace = unmasked.trace(lm, TEXT)
    assert trace.causal == (family in DECODERS)
    assert trace.difference < 1e-6
    encoding = lm.encode(TEXT)
    with torch.inference_mode():
        plain = lm.model(**encoding.inputs, output_attentions=True)
    np.testing.assert_array_equal(trace.weights[0], torch.cat(plain.attentions))
    upper = np.triu(np.ones(trace.weights.shape[-2:], bool), 1)
    hidden, open_ = (trace.weights[0], trace.weights[1]) if trace.causal else (trace.weights[1], trace.weights[0])
    assert not hidden[..., upper].any()
    assert (open_[..., upper] > 0).all()
    np.testing.assert_allclose(trace.weights.sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(trace.later, np.where(upper, open_, 0).sum(-1).mean(-1), atol=1e-6)
    np.testing.assert_allclose(trace.cosines[0], 1, atol=1e-6)  # what enters the first layer has seen no mask
    if family in ENCODERS:
        assert trace.likely.shape == (2, len(TEXT), 0)
        assert trace.cosines[-1].min() < 0.999
    else:
        loss = torch.nn.functional.cross_entropy(plain.logits[0, :-1], encoding.ids[1:])
        assert trace.surprisals[0].mean() == pytest.approx(float(loss) / np.log(2), rel=1e-5)
        assert (trace.divergences >= 0).all()
        assert trace.likely[0, :, 0].tolist() == plain.logits[0].argmax(-1).tolist()
    same_file(trace)


def test_a_lifted_mask_is_an_encoder_made_of_the_decoder() -> None:
    """By transformers' sdpa attention, told by its own argument not to be causal."""
    lm, other = shaken("llama"), shaken("llama", attn_implementation="sdpa")
    for module in other.model.modules():
        if hasattr(module, "is_causal"):
            module.is_causal = False
    with torch.inference_mode():
        count = len(lm.encode(TEXT).ids)
        everything = torch.ones(1, 1, count, count, dtype=torch.bool)
        theirs = other.model(input_ids=lm.encode(TEXT).ids[None], attention_mask=everything).logits[0]
    trace = unmasked.trace(lm, TEXT)
    probabilities = theirs[:-1].double().softmax(-1).numpy()
    np.testing.assert_allclose(
        trace.true_probabilities[1], probabilities[np.arange(count - 1), lm.encode(TEXT).ids[1:]], rtol=1e-3
    )


def test_a_long_text_keeps_the_attention_of_a_part() -> None:
    lm, text = shaken("llama"), "abcdefgh" * 12
    ends, begins = unmasked.trace(lm, text), unmasked.trace(lm, text, first=5)
    assert (ends.first, begins.first) == (32, 5)
    assert ends.weights.shape[-2:] == begins.weights.shape[-2:] == (64, 64)
    np.testing.assert_array_equal(ends.weights[..., :37, :37], begins.weights[..., 27:, 27:])
    assert unmasked.trace(lm, text, first=90).first == 32


@pytest.mark.parametrize(("family", "said"), [("bloom", "doesn't take a mask"), ("mistral", "only the last 5")])
def test_what_takes_no_other_mask(family: str, said: str) -> None:
    lm = shaken(family)
    with pytest.raises(InputError, match=said):
        unmasked.trace(lm, TEXT)
    assert hooks(lm) == 0


def test_what_has_no_attention_takes_no_mask() -> None:
    config = AutoConfig.for_model("rwkv", **USUAL)
    lm = catalog.wrap(AutoModelForCausalLM.from_config(config).eval(), tiny_tokenizer())
    with pytest.raises(InputError, match="doesn't take a mask"):
        unmasked.trace(lm, TEXT)


def test_one_token_has_nothing_to_leak() -> None:
    with pytest.raises(InputError, match="one token"):
        unmasked.trace(shaken("gpt2"), "x")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("swapped", [False, True])
def test_a_masked_filling_changes_nothing(family: str, swapped: bool) -> None:
    lm = shaken(family)
    trace = padded.trace(lm, *((LONG, SHORT) if swapped else (SHORT, LONG)))
    assert trace.swapped == swapped
    assert trace.source.text == SHORT
    assert trace.differences[:, 1, 1].max() < 1e-5
    assert trace.divergences[:, 1, 1].max() < 1e-5
    np.testing.assert_allclose(trace.cosines[:, 1, 1], 1, atol=1e-6)
    assert trace.differences[0, 0].max() > 0.01  # on the left, without a mask: words that were never written
    if family in DECODERS:
        assert trace.differences[1].max() < 1e-5  # behind the text, a decoder doesn't see them anyway
        np.testing.assert_allclose(trace.probabilities[:, 1, 1], np.stack([trace.alone] * 2), atol=1e-6)
        np.testing.assert_array_equal(trace.at_the_end[0], trace.probabilities[0])
    else:
        assert trace.differences[1, 0].max() > 0.01
    if family in {"gpt2", "opt", "bert", "roberta", "distilbert"}:
        assert trace.differences[0, 1, 0].max() > 0.01  # learned positions: another place is another row
    if family in {"llama", "qwen2", "phi", "gpt_neox"}:
        assert trace.differences[0, 1, 0].max() < 1e-5  # RoPE knows distances only
    same_file(trace)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_batch_is_that_of_transformers_tokenizer(side: str) -> None:
    lm = shaken("gpt2")
    lm.tokenizer.padding_side = side
    batch = lm.tokenizer([SHORT, LONG], padding=True, return_tensors="pt")
    assert batch["attention_mask"][0].sum() == len(SHORT)
    with torch.inference_mode():
        logits = lm.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[0]
    trace = padded.trace(lm, SHORT, LONG)
    way = (["left", "right"].index(side), 1, 0)
    found = logits.double().softmax(-1).numpy()[:, trace.candidates]
    np.testing.assert_allclose(trace.at_the_end[way], found[-1], rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(
        trace.probabilities[way], found[-1 if side == "left" else len(SHORT) - 1], rtol=1e-4, atol=1e-7
    )
    assert trace.padding_side == side


def test_positions_are_counted_as_generate_counts_them() -> None:
    lm = shaken("gpt2")
    lm.tokenizer.padding_side = "left"
    batch = lm.tokenizer([SHORT, LONG], padding=True, return_tensors="pt")
    with torch.inference_mode():
        made = lm.model.generate(**batch, max_new_tokens=1, do_sample=False, eos_token_id=None)
    trace = padded.trace(lm, SHORT, LONG)
    assert trace.candidates[trace.probabilities[0, 1, 1].argmax()] == made[0, -1]


def test_texts_of_one_length_are_not_filled_up() -> None:
    with pytest.raises(InputError, match="Both texts have 5 tokens"):
        padded.trace(shaken("llama"), "Hello", "World")
    with pytest.raises(InputError, match="empty"):
        padded.trace(shaken("llama"), "Hello", "")


def test_a_cut_edge_has_no_place_in_a_batch_that_is_filled_up() -> None:
    lm = shaken("llama")
    with (
        interventions.changed(lm, switched_off.parts_of("1.2:3>1")),
        pytest.raises(InputError, match="An edge of attention is cut"),
    ):
        padded.trace(lm, SHORT, LONG)
    with interventions.changed(lm, switched_off.parts_of("1.2,m0x0.5")):
        assert padded.trace(lm, SHORT, LONG).differences[:, 1, 1].max() < 1e-5


def test_a_tokenizer_without_a_padding_token_borrows_one() -> None:
    lm = shaken("llama")
    lm.tokenizer.pad_token = None
    trace = padded.trace(lm, SHORT, LONG)
    assert (trace.padding, trace.padding_text, trace.padding_borrowed) == (2, "</s>", True)


def test_each_can_be_stopped() -> None:
    lm = shaken("llama")

    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        normalised.trace(lm, TEXT, progress=stop)
    assert hooks(lm) == 0
    with pytest.raises(Cancelled):
        unmasked.trace(lm, TEXT, progress=stop)
    with pytest.raises(Cancelled):
        padded.trace(lm, SHORT, LONG, progress=stop)


def test_parts_that_do_not_fit() -> None:
    lm = shaken("llama")
    cases: list[tuple[NormalisedTrace | UnmaskedTrace | PaddedTrace, str, Any]] = [
        (normalised.trace(lm, TEXT), "lengths", np.zeros((2, 1, 1), np.float32)),
        (unmasked.trace(lm, TEXT), "true_probabilities", np.zeros((2, 1))),
        (padded.trace(lm, SHORT, LONG), "at_the_end", np.zeros((2, 2, 2, 1))),
    ]
    for trace, name, value in cases:
        with pytest.raises(ValueError, match=r"\d"):
            type(trace)(**{**vars(trace), name: value})

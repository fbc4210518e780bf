"""The walk: every stage by our own arithmetic, against the model's tensors and against what transformers hands out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from models import adapters, forward, forward_arithmetic, forward_capture, traces
from models.language_model import LanguageModel
from models.progress import Cancelled
from models.traces import ForwardTrace, InputError
from tests.families import DECODERS, ENCODERS, FAMILIES, USUAL, hooks, shaken

TEXT = "Hello, world of walks"
KNOWN = [family for family in FAMILIES if family != "falcon"]
TOLERANCE = 1e-5


def changed(monkeypatch: pytest.MonkeyPatch, family: str, settings: dict[str, Any]) -> LanguageModel:
    """A tiny model of the family whose configuration has other settings."""
    for name, value in settings.items():
        monkeypatch.setitem(USUAL if name in USUAL else FAMILIES[family], name, value)
    return shaken(family)


@pytest.mark.parametrize("family", KNOWN)
def test_every_stage_is_the_models_own(family: str) -> None:
    lm = shaken(family)
    assert hooks(lm) == 0
    walked = forward.walk(lm, TEXT)
    assert hooks(lm) == 0
    assert walked.max_difference <= TOLERANCE
    assert {name for name in walked.names if walked.difference(name) is None} == {
        f"layers.{layer}.{stage}"
        for layer in range(lm.layers)
        for stage in ["input"] + ["attention.bias"] * (family == "bloom")
    }

    inputs = lm.encode(TEXT).inputs
    with torch.inference_mode():
        theirs = lm.model(**inputs, output_hidden_states=True, output_attentions=True, use_cache=False)
    for layer in range(lm.layers):
        np.testing.assert_array_equal(walked[f"layers.{layer}.input"], theirs.hidden_states[layer][0])
        np.testing.assert_array_equal(walked[f"layers.{layer}.attention.weights"], theirs.attentions[layer][0])
        mask = np.broadcast_to(walked[f"layers.{layer}.attention.mask"] > 0, theirs.attentions[layer][0].shape)
        np.testing.assert_array_equal(mask, theirs.attentions[layer][0].numpy() > 0)
        # The softmax of the scores that are seen, by torch.
        scores = torch.from_numpy(np.where(mask, walked[f"layers.{layer}.attention.scores"], -np.inf))
        np.testing.assert_allclose(scores.softmax(-1), theirs.attentions[layer][0], atol=1e-6)
    if family in DECODERS:
        np.testing.assert_array_equal(walked["final.logits"], theirs.logits[0])
        np.testing.assert_array_equal(walked["final.norm"], theirs.hidden_states[-1][0])
    else:
        np.testing.assert_array_equal(walked[f"layers.{lm.layers - 1}.mlp.norm_after"], theirs.last_hidden_state[0])
        assert "final.logits" not in walked.names
    heads = len(walked["layers.0.attention.weights"])
    assert walked["attention.query"].shape == (lm.layers, len(TEXT), heads, 8)
    assert walked["attention.mixed"].shape == walked["attention.query"].shape


@pytest.mark.parametrize("family", KNOWN)
@pytest.mark.parametrize("position", [0, 7, -1])
def test_one_position_is_a_row_of_all(family: str, position: int) -> None:
    lm = shaken(family)
    every, one = forward.walk(lm, TEXT), forward.walk(lm, TEXT, position=position)
    assert one.max_difference <= TOLERANCE
    assert one.names == every.names
    assert one.positions.tolist() == [position % len(TEXT)]
    for name in one.names:
        whole, row = every[name], one[name]
        if whole.shape != row.shape:
            axis = next(axis for axis in range(whole.ndim) if whole.shape[axis] != row.shape[axis])
            whole = whole.take(one.positions, axis)
        # Scores that the mask hides are ours, and not the model's; and the logits of this position are asked for alone:
        # another product, another rounding.
        tolerance = 1e-5 if name.endswith((".scores", ".logits")) else 0
        np.testing.assert_allclose(row, whole, rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("gpt_neox", {"use_parallel_residual": False}),
        ("opt", {"do_layer_norm_before": False}),
        ("opt", {"_remove_final_layer_norm": True}),
        ("gpt2", {"scale_attn_by_inverse_layer_idx": True}),
        ("gpt2", {"reorder_and_upcast_attn": True}),
        ("llama", {"attention_bias": True, "mlp_bias": True}),
        ("llama", {"rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0}}),
        ("bloom", {"n_head": 6, "hidden_size": 48}),
        ("qwen2", {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1}),
        ("llama", {"hidden_act": "gelu_pytorch_tanh"}),
        ("llama", {"num_hidden_layers": 1}),
    ],
)
def test_configurations_that_differ_from_their_family(
    family: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    lm = changed(monkeypatch, family, settings)
    for position in (None, -1):
        assert forward.walk(lm, TEXT, position=position).max_difference <= TOLERANCE


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_two_texts(family: str) -> None:
    lm = shaken(family)
    lm.tokenizer.model_input_names = ["input_ids", "token_type_ids", "attention_mask"]
    walked = forward.walk(lm, "one", "another")
    assert walked.max_difference <= TOLERANCE
    assert len(walked.token_table) == len("oneanother")


@pytest.mark.parametrize("stage", ["rotated", "norm", "softmax", "product", "slopes"])
def test_a_wrong_formula_shows(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lm = shaken("bloom" if stage == "slopes" else "llama")
    right = getattr(forward_arithmetic, stage)
    monkeypatch.setattr(forward_arithmetic, stage, lambda *given, **named: right(*given, **named) * 1.001)
    assert forward.walk(lm, TEXT).max_difference > 1e-4


def test_the_activations_are_transformers() -> None:
    from transformers.activations import ACT2FN

    x = torch.linspace(-6, 6, 500)
    for name, ours in forward_arithmetic.ACTIVATIONS.items():
        torch.testing.assert_close(ours(x), ACT2FN[name](x), rtol=1e-5, atol=1e-6)


def test_a_file_keeps_it_all() -> None:
    walked = forward.walk(shaken("gemma2"), TEXT, position=-1)
    again = traces.from_bytes(traces.to_bytes(walked))
    assert isinstance(again, ForwardTrace)
    assert again.names == walked.names
    assert again.max_difference == walked.max_difference
    for name in walked.names:
        np.testing.assert_array_equal(again[name], walked[name])
        assert again.difference(name) == walked.difference(name)
    arrays: list[Any] = [*walked.tensors.values(), walked.positions, walked.windows, walked.scales]
    assert traces.size_of(walked) == sum(array.nbytes for array in [*arrays, *walked.differences.values()])


def test_what_can_not_be_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="falcon"):
        forward.walk(shaken("falcon"), TEXT)
    lm = shaken("llama")
    for position in (len(TEXT), -len(TEXT) - 1):
        with pytest.raises(InputError, match="There is no token"):
            forward.walk(lm, TEXT, position=position)
    with pytest.raises(InputError, match="The text is empty"):
        forward.walk(lm, "")
    monkeypatch.setattr(forward_capture, "MAX_BYTES", 50_000)
    with pytest.raises(InputError, match="choose one token, or a shorter text"):
        forward.walk(lm, TEXT)
    assert hooks(lm) == 0
    assert forward.walk(lm, "Hello", position=-1).max_difference <= TOLERANCE
    monkeypatch.setattr(lm.config, "hidden_act", "mish")
    with pytest.raises(InputError, match="mish"):
        forward.walk(lm, TEXT)


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("opt", {"word_embed_proj_dim": 16}),
        ("bloom", {"apply_residual_connection_post_layernorm": True}),
        ("phi", {"qk_layernorm": True}),
        ("gpt2", {"add_cross_attention": True}),
    ],
)
def test_unusual_models_are_refused(family: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    lm = changed(monkeypatch, family, settings)
    with pytest.raises(InputError, match="has parts that other models of the family"):
        adapters.of(lm)


def test_stopping_leaves_nothing_behind() -> None:
    lm = shaken("llama")
    before = forward.walk(lm, TEXT)

    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        forward.walk(lm, TEXT, progress=stop)
    assert hooks(lm) == 0
    assert torch.overrides._get_current_function_mode() is None
    after = forward.walk(lm, TEXT)
    for name in before.names:
        np.testing.assert_array_equal(after[name], before[name])


def test_many_at_once_are_as_alone() -> None:
    lm = shaken("qwen3")
    texts = [f"text number {number}" for number in range(8)]
    alone = [lm.logits(lm.encode(text).inputs) for text in texts]

    def ask(number: int) -> bool:
        text, expected = texts[number % 8], alone[number % 8]
        if number % 2:
            found = torch.from_numpy(forward.walk(lm, text)["final.logits"])
        else:
            found = lm.logits(lm.encode(text).inputs)
        return torch.equal(found, expected)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(80)))
    assert hooks(lm) == 0


def test_families_are_complete() -> None:
    assert set(adapters.FAMILIES) == (set(DECODERS) | set(ENCODERS)) - {"falcon"}

"""Each way of computing is transformers' own call, and the texts part where they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from models import catalog, traces, variation
from models.language_model import LanguageModel
from models.traces import InputError, VariationTrace
from tests import families

PROMPT = "In the year 2050,"
TOKENS = 12


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


@pytest.fixture(scope="module")
def found(smollm2: LanguageModel) -> VariationTrace:
    return variation.trace(smollm2, PROMPT, tokens=TOKENS)


def generated(lm: LanguageModel, rows: list[str], **settings: Any) -> tuple[list[int], np.ndarray[Any, Any]]:
    """(tokens, logits [step, vocabulary]) that transformers' own `generate` gives for the first of the texts."""
    lm.tokenizer.padding_side = "left"
    try:
        batch = lm.tokenizer(rows, return_tensors="pt", padding=True, truncation=True, max_length=16)
    finally:
        lm.tokenizer.padding_side = "right"
    with torch.inference_mode():
        answer = lm.model.generate(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            max_new_tokens=TOKENS,
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
            pad_token_id=0,
            **settings,
        )
    tokens = answer.sequences[0, batch["input_ids"].shape[1] :].tolist()
    return tokens, torch.stack([row[0].float() for row in answer.logits]).numpy()


@pytest.mark.parametrize("way", variation.WAYS)
def test_each_way_is_transformers_own_call(way: traces.Way, smollm2: LanguageModel, found: VariationTrace) -> None:
    assert way in found.ways, found.skipped
    setting = variation.WAYS[way]
    rows = [PROMPT, *([PROMPT] if setting.twin else []), *setting.beside]
    dtype = getattr(torch, setting.bits or "bfloat16")
    with torch.autocast(smollm2.device.type, dtype=dtype, enabled=bool(setting.bits)):
        tokens, logits = generated(smollm2, rows, use_cache=setting.cached)
    number = found.ways.index(way)
    if not setting.bits:  # 16 bits are the same sums in the same order only where the same code calls them
        assert found.tokens[number].tolist() == tokens
    together = 0
    while together < TOKENS and tokens[:together] == found.tokens[number, :together].tolist():
        best = found.best[number, together]
        off = np.abs(logits[together, best] - found.best_logits[number, together]).max()
        assert off < (0.3 if setting.bits == "bfloat16" else 0.05 if setting.bits else 1e-4)
        together += 1
    assert together >= 4


def test_differences_are_those_of_passes_by_hand(smollm2: LanguageModel, found: VariationTrace) -> None:
    ids = smollm2.tokenizer(PROMPT, return_tensors="pt").input_ids
    written = torch.tensor([found.tokens[0].tolist()])
    low = found.ways.index("bfloat16")
    for step in range(3):
        text = torch.cat([ids, written[:, :step]], dim=1)
        with torch.inference_mode():
            alone = smollm2.model(text, use_cache=False, logits_to_keep=1).logits[0, -1].numpy()
            with torch.autocast(smollm2.device.type, dtype=torch.bfloat16):
                half = smollm2.model(text, use_cache=False, logits_to_keep=1).logits[0, -1].float().numpy()
        two = np.sort(alone)[-2:]
        assert found.margins[0, step] == pytest.approx(two[1] - two[0], abs=1e-3)
        assert found.best_logits[0, step].tolist() == pytest.approx(two[::-1].tolist(), abs=1e-3)
        off = float(np.abs(alone - half).max())
        assert 0.2 * off < found.differences[low, step] < 5 * off  # the order of the sums is another again


def test_texts_part_only_where_the_margin_lets_them(found: VariationTrace) -> None:
    assert found.differences[0].max() == 0
    for number, parted in enumerate(found.parted):
        known = np.isfinite(found.differences[number])
        if parted is None:
            assert known.all()
            assert (found.tokens[number] == found.tokens[0]).all()
        else:
            assert known.sum() == parted + 1  # where they part, the tokens before are the same
            assert (found.tokens[number, :parted] == found.tokens[0, :parted]).all()
            assert found.tokens[number, parted] != found.tokens[0, parted]
            assert 2 * found.differences[number, parted] >= found.margins[0, parted]


def test_nothing_is_written_on_the_model(smollm2: LanguageModel) -> None:
    before = {name: (weight.dtype, weight.data_ptr()) for name, weight in smollm2.model.named_parameters()}
    total = sum(float(weight.double().sum()) for weight in smollm2.model.parameters())
    variation.trace(smollm2, "a", tokens=2)
    assert before == {name: (weight.dtype, weight.data_ptr()) for name, weight in smollm2.model.named_parameters()}
    assert total == sum(float(weight.double().sum()) for weight in smollm2.model.parameters())


@pytest.mark.parametrize("family", families.DECODERS)
def test_all_families_write_the_same_in_32_bits(family: str) -> None:
    lm = catalog.wrap(families.tiny_model(family), families.tiny_tokenizer())
    trace = variation.trace(lm, "Some text", tokens=6)
    ids = lm.encode("Some text").ids[None]
    with torch.inference_mode():
        theirs = lm.model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=6, do_sample=False, pad_token_id=0
        )
    assert [token for token in trace.tokens[0].tolist() if token >= 0] == theirs[0, ids.shape[1] :].tolist()
    for way in ("whole", "twins", "batch"):
        number = trace.ways.index(way)
        assert np.nanmax(trace.differences[number]) < 1e-4


def test_a_model_without_a_cache_is_compared_with_its_whole_passes() -> None:
    torch.manual_seed(0)
    config = AutoConfig.for_model("openai-gpt", vocab_size=300, n_embd=32, n_layer=2, n_head=4, n_positions=128)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    lm = catalog.wrap(model, families.tiny_tokenizer())
    trace = variation.trace(lm, "Some text", tokens=6)
    assert trace.ways[:3] == ("whole", "twins", "batch")
    assert dict(trace.skipped) == {
        "cache": "This model keeps nothing of earlier tokens: it reads the whole text for each one."
    }
    ids = lm.encode("Some text").ids[None]
    with torch.inference_mode():
        theirs = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=6, do_sample=False)
    assert trace.tokens[:3].tolist() == [theirs[0, ids.shape[1] :].tolist()] * 3
    assert np.nanmax(trace.differences[:3]) < 1e-4


def test_weights_of_16_bits_skip_the_other_precisions() -> None:
    model = families.tiny_model("llama").to(torch.bfloat16)
    trace = variation.trace(catalog.wrap(model, families.tiny_tokenizer()), "Text", tokens=2)
    assert dict(trace.skipped) == {
        "float16": "The weights are bfloat16 as it is.",
        "bfloat16": "The weights are bfloat16 as it is.",
    }
    assert trace.ways == ("cache", "whole", "twins", "batch")


def test_a_text_that_ends_at_once_and_a_file_of_it(smollm2: LanguageModel) -> None:
    trace = variation.trace(smollm2, "Why is the sky blue?", tokens=5)
    assert trace.tokens[0].tolist()[0] in smollm2.ends
    again = traces.from_bytes(traces.to_bytes(trace))
    assert isinstance(again, VariationTrace)
    assert again.best_texts == trace.best_texts
    assert again.parted == trace.parted
    np.testing.assert_array_equal(again.differences, trace.differences)


def test_what_cannot_be_computed_is_refused(smollm2: LanguageModel) -> None:
    with pytest.raises(InputError, match="1 to 40 tokens"):
        variation.trace(smollm2, "a", tokens=41)
    with pytest.raises(InputError, match="over the"):
        variation.trace(smollm2, "word " * 500, tokens=20)
    with pytest.raises(InputError, match="predicts no next token"):
        variation.trace(catalog.load("minilm-l6-v2"), "a")

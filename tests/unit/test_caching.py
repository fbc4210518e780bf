"""Writing with and without a cache: transformers' own texts, caches and counts, on small models of every family."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

from models import caching, catalog, costs, interventions, traces
from models.engine import Request
from models.language_model import LanguageModel
from models.progress import Cancelled
from models.switched_off import Part
from models.traces import CacheTimesTrace, CachingTrace, InputError, RereadTrace
from tests.families import DECODERS, ENCODERS, shaken, tiny_model, tiny_tokenizer

TEXT = "one two"


def ids_of(lm: LanguageModel, text: str = TEXT) -> torch.Tensor:
    return torch.tensor([lm.tokenizer(text)["input_ids"]])


def written_by_transformers(lm: LanguageModel, tokens: int) -> list[int]:
    settings = GenerationConfig(do_sample=False, max_new_tokens=tokens, eos_token_id=sorted(lm.ends), pad_token_id=0)
    ids = ids_of(lm)
    with torch.inference_mode():
        found = lm.model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=settings)
    tail: list[int] = found[0, ids.shape[1] :].tolist()
    return tail


@pytest.mark.parametrize("family", DECODERS)
def test_both_ways_write_what_transformers_writes(family: str) -> None:
    lm = shaken(family)
    found = caching.trace(lm, TEXT, tokens=8)
    assert found.written.tolist() == written_by_transformers(lm, 8)
    assert found.choices.tolist() == found.written.tolist()
    assert found.same == len(found.written)
    assert found.differences.max() < 1e-5
    assert found.reading[0].tolist() == [7, 1, 1, 1, 1, 1, 1, 1]
    assert found.reading[1].tolist() == [7, 8, 9, 10, 11, 12, 13, 14]


@pytest.mark.parametrize("family", DECODERS)
def test_the_cache_holds_what_the_formula_says(family: str) -> None:
    lm = shaken(family)
    found = caching.trace(lm, TEXT, tokens=8)
    layers = costs.cache(lm.model.config)
    assert found.kept.tolist() == [[layer.tokens(int(read)) for layer in layers] for read in found.reading[1]]
    with torch.inference_mode():
        whole = torch.cat([ids_of(lm), torch.tensor([found.written[:-1].tolist()])], dim=1)
        theirs = lm.model(whole, use_cache=True).past_key_values
    assert found.bytes[-1].tolist() == [layer.keys.nbytes + layer.values.nbytes for layer in theirs.layers]
    assert found.token_bytes == 4 * costs.cache_numbers(lm.model.config, 1)
    assert found.weights == sum(weight.nbytes for weight in lm.model.parameters())


def test_a_sliding_window_bounds_the_cache() -> None:
    found = caching.trace(shaken("mistral"), TEXT, tokens=4)
    assert found.windows.tolist() == [5, 5, 5]
    assert (found.kept == 4).all()
    assert len(set(found.bytes.ravel().tolist())) == 1
    mixed = caching.trace(shaken("gemma2"), TEXT, tokens=4)
    assert mixed.windows.tolist() == [4, 0, 4]
    assert mixed.kept.tolist() == [[3, read, 3] for read in (7, 8, 9, 10)]


@pytest.mark.parametrize("family", DECODERS)
def test_the_multiplications_are_what_torch_counts(family: str) -> None:
    lm = shaken(family)
    found = caching.trace(lm, TEXT, tokens=3)
    ids = ids_of(lm)
    with torch.inference_mode():
        with FlopCounterMode(display=False) as first:
            cache = lm.model(ids, use_cache=True, logits_to_keep=1).past_key_values
        with FlopCounterMode(display=False) as kept:
            lm.model(torch.tensor([found.written[:1].tolist()]), past_key_values=cache, logits_to_keep=1)
        longer = torch.cat([ids, torch.tensor([found.written[:1].tolist()])], dim=1)
        with FlopCounterMode(display=False) as anew:
            lm.model(longer, use_cache=False, logits_to_keep=1)
    counts = [counter.get_total_flops() // 2 for counter in (first, kept, anew)]
    assert found.products[:, 0].tolist() == [counts[0], counts[0]]
    assert found.products[:, 1].tolist() == counts[1:]


def test_the_stated_formula_gives_the_multiplications() -> None:
    lm = shaken("llama")
    found = caching.trace(lm, TEXT, tokens=4)
    matrices = sum(weight.numel() for name, weight in lm.model.model.layers.named_parameters() if weight.dim() == 2)
    width, vocabulary, size = 32, 300, 8
    for read, products in zip(found.reading, found.products, strict=True):
        scores = 3 * 4 * 2 * size * read * found.reading[1]
        assert products.tolist() == (read * matrices + width * vocabulary + scores).tolist()


def test_keys_and_values_stay_when_the_text_grows() -> None:
    lm = shaken("llama")
    found = caching.trace(lm, TEXT, tokens=5)
    ids = ids_of(lm)
    with torch.inference_mode():
        alone = lm.model(ids).past_key_values
        within = lm.model(torch.cat([ids, torch.tensor([found.written.tolist()])], dim=1)).past_key_values
    for number, (short, long) in enumerate(zip(alone.layers, within.layers, strict=True)):
        for ours, before, after in (
            (found.key_changes, short.keys, long.keys),
            (found.value_changes, short.values, long.values),
        ):
            change = (before - after[:, :, :7]).abs().max() / before.abs().max()
            assert ours[number] == pytest.approx(float(change))
            assert ours[number] < 1e-5


@pytest.mark.parametrize("family", ["mistral", "gemma2"])
def test_a_window_hides_no_change(family: str) -> None:
    found = caching.trace(shaken(family), "a longer text than any window", tokens=6)
    assert max(found.key_changes.max(), found.value_changes.max()) < 1e-5


def test_a_token_that_ends_the_text_ends_the_writing() -> None:
    lm = shaken("llama")
    third = int(caching.trace(lm, TEXT, tokens=3).written[2])
    lm.model.generation_config.eos_token_id = third
    found = caching.trace(lm, TEXT, tokens=9)
    assert found.ended
    assert found.written.tolist() == written_by_transformers(lm, 9)
    assert found.written[-1] == third
    assert caching.times(lm, TEXT, tokens=9).seconds.shape == (2, 3, len(found.written))


@pytest.mark.parametrize(
    ("text", "tokens", "part"),
    [
        ("", 4, "The prompt is empty"),
        (TEXT, 0, "1 to 64 tokens"),
        (TEXT, 65, "1 to 64 tokens"),
        ("a" * 120, 20, "over the 128"),
        ("half \ud83d", 4, "half a character"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_sentence(text: str, tokens: int, part: str) -> None:
    with pytest.raises(InputError, match=part):
        caching.trace(shaken("gpt2"), text, tokens=tokens)
    with pytest.raises(InputError, match=part):
        caching.times(shaken("gpt2"), text, tokens=tokens)


@pytest.mark.parametrize("part", [Part("head", 1, 2), Part("attention", 1, edge=(8, 2)), Part("mlp", 0, scale=0.5)])
def test_what_is_switched_off_is_off_in_both_ways(part: Part) -> None:
    lm = shaken("gpt2")
    usual = caching.trace(lm, TEXT, tokens=6)
    with interventions.changed(lm, [part]):
        found = caching.trace(lm, TEXT, tokens=6)
    assert found.written.tolist() != usual.written.tolist()
    assert found.same == 6
    assert found.differences.max() < 1e-5


def test_an_encoder_writes_nothing() -> None:
    with pytest.raises(InputError, match="predicts no next token"):
        caching.trace(shaken("bert"), TEXT)


@pytest.mark.parametrize(
    ("family", "sizes"),
    [
        ("mamba", {"hidden_size": 16, "num_hidden_layers": 2, "state_size": 4, "num_attention_heads": 1}),
        ("rwkv", {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 1}),
    ],
)
def test_a_model_without_such_a_cache_is_refused(family: str, sizes: dict[str, int]) -> None:
    config = AutoConfig.for_model(family, vocab_size=300, eos_token_id=2, **sizes)
    lm = catalog.wrap(AutoModelForCausalLM.from_config(config).eval(), tiny_tokenizer())
    for ask in (caching.trace, caching.times):
        with pytest.raises(InputError, match="keeps no keys and values of each token"):
            ask(lm, TEXT, tokens=3)


def test_times_have_every_round_and_step_and_leave_the_model_as_it_was() -> None:
    lm = shaken("llama")
    before = caching.trace(lm, TEXT, tokens=4)
    said: list[tuple[str, float | None]] = []
    found = caching.times(lm, TEXT, tokens=4, progress=lambda *stage: said.append(stage))
    assert found.seconds.shape == (2, 3, 4)
    assert (found.seconds > 0).all()
    np.testing.assert_array_equal(found.medians, np.median(found.seconds, axis=1))
    assert len(said) == 16
    assert said[0][0].startswith("Warming up")
    fractions = [fraction for _, fraction in said]
    assert fractions == sorted(fractions, key=float)  # type: ignore[arg-type]
    assert caching.rounds_of(500, 64) == 1
    after = caching.trace(lm, TEXT, tokens=4)
    assert after.written.tolist() == before.written.tolist()
    np.testing.assert_array_equal(after.differences, before.differences)


@pytest.mark.parametrize("ask", [caching.trace, caching.times])
def test_it_stops_between_two_steps(ask: object) -> None:
    asked: list[str] = []

    def stop(sentence: str, _fraction: float | None) -> None:
        asked.append(sentence)
        if len(asked) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        ask(shaken("gpt2"), TEXT, tokens=8, progress=stop)  # type: ignore[operator]
    assert len(asked) == 3


@pytest.mark.parametrize("family", ENCODERS)
def test_an_encoders_vectors_change(family: str) -> None:
    lm = shaken(family)
    found = caching.reread(lm, TEXT)
    assert found.added == len(found.token_table) - 1  # this tokenizer puts no special tokens behind
    with torch.inference_mode():
        long = lm.model(ids_of(lm), output_hidden_states=True).hidden_states[:3]
        short = lm.model(ids_of(lm)[:, :-1], output_hidden_states=True).hidden_states[:3]
    changes = [float((a - b[:, :-1]).abs().max() / a.abs().max()) for a, b in zip(short, long, strict=True)]
    np.testing.assert_allclose(found.changes, changes, rtol=1e-4)
    assert found.changes[0] == 0
    assert (found.changes[1:] > 1e-3).all()
    with pytest.raises(InputError, match="a single token"):
        caching.reread(lm, "x")


def test_the_engine_asks_each_kind_what_it_can_tell() -> None:
    def nothing(_sentence: str, _fraction: float | None) -> None:
        return

    request = Request("caching", "tiny", TEXT, settings=(("tokens", "2"),))
    decoder, encoder = shaken("gpt2"), shaken("bert")
    made = (
        caching.ANALYSES["caching"](decoder, request, nothing),
        caching.ANALYSES["caching"](encoder, request, nothing),
        caching.ANALYSES["cache times"](decoder, dataclasses.replace(request, analysis="cache times"), nothing),
    )
    for trace, kind in zip(made, (CachingTrace, RereadTrace, CacheTimesTrace), strict=True):
        assert isinstance(trace, kind)
        blob = traces.to_bytes(trace)
        assert traces.to_bytes(traces.from_bytes(blob)) == blob
    with pytest.raises(InputError, match="must be a whole number"):
        caching.ANALYSES["caching"](decoder, dataclasses.replace(request, settings=(("tokens", "x"),)), nothing)


def test_in_16_bits_a_token_takes_half_the_bytes() -> None:
    lm = catalog.wrap(tiny_model("llama").to(torch.bfloat16), tiny_tokenizer())
    assert (
        caching.trace(lm, TEXT, tokens=2).token_bytes * 2 == caching.trace(shaken("llama"), TEXT, tokens=2).token_bytes
    )

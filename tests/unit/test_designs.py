"""Designs: the sizes of published models give back their counts, and what can't be is refused."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForCausalLM

from models import configurations, designs, parameter_formulas
from models.published import PUBLISHED
from models.traces import InputError

SMALL = {
    "layers": 3, "width": 64, "heads": 4, "kv": 2, "head": 0, "mlp": 96, "vocabulary": 256, "tied": 1,
    "experts": 1, "chosen": 1, "context": 16,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("llama-3.2-1b", 1_235_814_400),
        ("llama-3-8b", 8_030_261_248),
        ("smollm2-135m", 134_515_008),
        ("llama-2-7b", 6_738_415_616),
    ],
)
def test_published_sizes_give_published_counts(name: str, total: int) -> None:
    found = designs.count(designs.published()[name] | {"context": 8192})
    assert (found.total, found.active) == (total, total)


def test_mixtral_is_a_design_whose_experts_rest() -> None:
    found = designs.count(designs.published()["mixtral-8x7b"] | {"context": 8192})
    assert (found.total, found.active) == (46_702_792_704, 12_879_925_248)


@pytest.mark.parametrize("name", list(designs.published()))
def test_sizes_there_and_back_are_the_same_model(name: str) -> None:
    ours = parameter_formulas.count(configurations.build(designs.fields(designs.published()[name] | {"context": 128})))
    theirs = parameter_formulas.count(configurations.build(PUBLISHED[name].fields))
    assert ours is not None
    assert ours == theirs


@pytest.mark.parametrize("more", [{}, {"head": 32}, {"tied": 0}, {"experts": 4, "chosen": 2}])
def test_cache_and_arithmetic_are_those_of_a_real_model(more: dict[str, int]) -> None:
    design = SMALL | more
    config = configurations.build(designs.fields(design))
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", experts_implementation="eager").eval()
    with torch.inference_mode():
        kept = model(torch.arange(design["context"])[None], use_cache=True).past_key_values
        numbers = sum(layer.keys.numel() + layer.values.numel() for layer in kept.layers)
        with FlopCounterMode(display=False) as counter:
            model(torch.tensor([[5]]), past_key_values=kept, use_cache=True)
    found = designs.count(design)
    assert (found.total, found.cache) == (model.num_parameters(), numbers)
    assert found.arithmetic == counter.get_total_flops()


@pytest.mark.parametrize("wrong", [{"heads": 7}, {"kv": 3}, {"heads": 0}])
def test_what_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError):
        designs.count(SMALL | wrong)


def test_the_rules_are_those_of_their_sources() -> None:
    chinchilla, llama = designs.RULES
    assert chinchilla.rate == 1.4e12 / 70e9
    assert round(llama.rate) == 1_868
    largest = next(each for each in designs.TRAINED if each.name == "Llama 3.1 405B")
    assert 6 * largest.parameters * largest.tokens == pytest.approx(3.8e25, rel=0.01)  # as its paper says

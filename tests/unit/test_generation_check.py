"""The check of a written text tells a right one from a wrong one, in several families."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import catalog, generation, generation_check, traces
from models.language_model import LanguageModel
from models.progress import Cancelled
from models.traces import SamplerName
from tests.families import tiny_model, tiny_tokenizer

CHAIN: list[tuple[SamplerName, Any]] = [
    ("repetition_penalty", 1.2),
    ("temperature", 1.3),
    ("top_k", 40),
    ("top_p", 0.9),
    ("min_p", 0.01),
]
GREEDY: list[tuple[SamplerName, Any]] = [("repetition_penalty", 1.2), ("temperature", 0.0)]


@pytest.fixture(scope="module", params=["llama", "gpt2", "bloom"])
def lm(request: pytest.FixtureRequest) -> LanguageModel:
    return catalog.wrap(tiny_model(request.param), tiny_tokenizer())


def test_what_was_drawn_is_drawn_again(lm: LanguageModel) -> None:
    found = generation.generate(lm, "Hello", chain=CHAIN, seed=5, tokens=12, given=[70])
    check = generation_check.check(lm, "Hello", found.tokens.tolist(), chain=CHAIN, seed=5, given=1)
    assert (check.agreeing, check.drawn) == (len(found.tokens) - 1, len(found.tokens) - 1)
    np.testing.assert_allclose(check.chances, found.chances, atol=1e-6)
    assert not len(check.generated)
    again = traces.from_bytes(traces.to_bytes(check))
    assert traces.to_bytes(again) == traces.to_bytes(check)


def test_another_token_is_noticed(lm: LanguageModel) -> None:
    found = generation.generate(lm, "Hello", chain=CHAIN, seed=5, tokens=6)
    tokens = found.tokens.tolist()
    tokens[2] = int(next(token for token in found.likely[2] if token != tokens[2]))
    check = generation_check.check(lm, "Hello", tokens, chain=CHAIN, seed=5)
    assert check.taken[2] == found.tokens[2]
    assert check.agreeing < check.drawn


def test_greedy_search_is_generates_own(lm: LanguageModel) -> None:
    found = generation.generate(lm, "Hello", chain=GREEDY, tokens=10, given=[80, 81])
    tokens = found.tokens.tolist()
    check = generation_check.check(lm, "Hello", tokens, chain=GREEDY, given=2)
    ids = lm.encode("Hello").ids.tolist() + tokens[:2]
    with torch.inference_mode():
        theirs = lm.model.generate(
            torch.tensor([ids]),
            attention_mask=torch.ones((1, len(ids)), dtype=torch.long),
            max_new_tokens=8,
            do_sample=False,
            repetition_penalty=1.2,
            pad_token_id=0,
        )[0, len(ids) :].tolist()
    assert check.generated.tolist() == tokens[:2] + theirs == tokens
    assert check.as_generated
    assert check.agreeing == check.drawn
    tokens[-1] = (tokens[-1] + 1) % 250 + 3
    assert not generation_check.check(lm, "Hello", tokens, chain=GREEDY, given=2).as_generated


def test_generate_can_be_left(lm: LanguageModel) -> None:
    def report(sentence: str, _fraction: float | None) -> None:
        if "generate" in sentence:
            raise Cancelled

    with pytest.raises(Cancelled):
        generation_check.check(lm, "Hello", [70, 71], chain=GREEDY, progress=report)

"""A shorter window gives what transformers gives for the truncated text."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from models import catalog, defaults, prompts, traces, window
from models.language_model import LanguageModel
from models.traces import InputError, WindowTrace
from tests.families import DECODERS, tiny_model, tiny_tokenizer


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


def truncated(lm: LanguageModel, text: str, size: int) -> np.ndarray:
    """[vocabulary] transformers' probabilities behind its own truncation."""
    tokenizer = copy.deepcopy(lm.tokenizer)  # truncating is remembered by it
    tokenizer.truncation_side = "left"
    inputs = tokenizer(text, truncation=True, max_length=size, return_tensors="pt")
    inputs.pop("token_type_ids", None)
    assert inputs["input_ids"].shape[1] == size
    with torch.inference_mode():
        return lm.model(**inputs).logits[0, -1].double().softmax(-1).numpy()


def agrees(found: WindowTrace, lm: LanguageModel, text: str, sizes: list[int], error: float) -> None:
    whole = truncated(lm, text, int(found.windows[-1]))
    for size in sizes:
        row = found.windows.tolist().index(size)
        theirs = truncated(lm, text, size)
        np.testing.assert_allclose(found.probabilities[row], theirs[found.candidates], atol=error)
        np.testing.assert_allclose(
            found.probabilities[row][found.likely[row]], np.sort(theirs)[::-1][: window.LIKELY], atol=error
        )
        lost = torch.nn.functional.kl_div(torch.tensor(theirs).log(), torch.tensor(whole), reduction="sum") / np.log(2)
        assert found.divergences[row] == pytest.approx(float(lost), abs=50 * error)
        entropy = torch.distributions.Categorical(torch.tensor(theirs)).entropy() / np.log(2)
        assert found.entropies[row] == pytest.approx(float(entropy), abs=50 * error)


def test_each_window_is_transformers_own_truncation(smollm2: LanguageModel) -> None:
    found = window.trace(smollm2, defaults.WINDOWED)
    assert found.lost == 0
    assert found.divergences[-1] == 0
    agrees(found, smollm2, defaults.WINDOWED, [1, 2, 17, 32, *found.windows[[40, -2, -1]].tolist()], 2e-5)
    clara = found.texts.index(" Clara")
    assert found.likely[-1][0] == clara
    assert found.probabilities[-1][clara] > 0.8
    assert found.probabilities[found.windows < 80][:, clara].max() < 0.01
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, WindowTrace)
    np.testing.assert_array_equal(again.probabilities, found.probabilities)


@pytest.mark.parametrize("family", DECODERS)
def test_every_family_sees_no_more_than_the_window(family: str) -> None:
    lm = catalog.wrap(tiny_model(family), tiny_tokenizer())
    text = "A text of some more letters than the short windows have, which all run in batches."
    found = window.trace(lm, text)
    agrees(found, lm, text, [1, 5, 16, 31, 34, len(text)], 1e-6)
    assert found.difference < 1e-6


def test_what_the_tokenizer_puts_at_the_beginning_stays() -> None:
    from tokenizers.processors import TemplateProcessing

    tokenizer = tiny_tokenizer()
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.bos_token_id)]
    )
    lm = catalog.wrap(tiny_model("llama"), tokenizer)
    text = "The first token is not of the text, and stays."
    found = window.trace(lm, text)
    assert found.leading == 1
    assert found.windows[0] == 2
    agrees(found, lm, text, [2, 9, 40, len(text) + 1], 1e-6)
    assert window.trace(lm, "</s></s>a").leading == 1  # what the text itself begins with is not the tokenizer's


def test_a_text_over_the_limit_is_compared_with_the_largest_window() -> None:
    lm = catalog.wrap(tiny_model("gpt2"), tiny_tokenizer())  # 128 positions
    text = "letters " * 40
    found = window.trace(lm, text)
    assert (found.limit, found.reach, found.windows[-1], found.lost) == (128, 128, 128, 192)
    assert len(found.token_table) == 320
    agrees(found, lm, text, [3, 128], 1e-6)
    with pytest.raises(InputError, match="at most 128"):
        prompts.encode(lm, text)


@pytest.mark.parametrize(
    ("tokens", "leading", "limit", "expected"),
    [
        (1, 0, 512, [1]),
        (1, 1, 512, [1]),
        (5, 1, 512, [2, 3, 4, 5]),
        (33, 0, 512, [*range(1, 34)]),
        (900, 0, 40, [*range(1, 41)]),
        (900, 0, 512, [*range(1, 33), *(32 + 16 * n for n in range(1, 31))]),
    ],
)
def test_the_windows(tokens: int, leading: int, limit: int, expected: list[int]) -> None:
    assert window.lengths(tokens, leading, limit).tolist() == expected


def test_what_has_no_window_is_refused(smollm2: LanguageModel) -> None:
    with pytest.raises(InputError, match="empty"):
        window.trace(smollm2, "")
    with pytest.raises(InputError, match="at most 20,000"):
        window.trace(smollm2, "a" * 20_001)
    with pytest.raises(InputError, match="predicts no next token"):
        window.trace(catalog.load("minilm-l6-v2"), "a")

"""Beam search gives what transformers' own `generate` gives, token for token."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models import beam, catalog, traces
from models.language_model import LanguageModel
from models.traces import BeamTrace, InputError

PROMPTS = [
    "The capital of France is", "Once upon a time", "def fibonacci(n):", "1, 2, 3, 4,", "Dear Sir or Madam,",
    "The doctor said that", "Water boils at", "To be or not to be", "import numpy as", "The best way to learn",
    "In 1969, the first", "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "Il était une fois", "🙂 means",
    "SELECT name FROM", "Q: What is 2 + 2?\nA:", "The opposite of hot is", "My name is", "Roses are red,", "a",
]  # fmt: skip


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


def generated(lm: LanguageModel, prompt: str, tokens: int, **settings: object) -> list[int]:
    ids = lm.encode(prompt).ids[None]
    with torch.inference_mode():
        found = lm.model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, do_sample=False, pad_token_id=0, **settings
        )
    return found[0, ids.shape[1] :].tolist()


@pytest.mark.parametrize("prompt", PROMPTS)
def test_one_beam_is_greedy_search(prompt: str, smollm2: LanguageModel) -> None:
    found = beam.search(smollm2, prompt, beams=1, tokens=8)
    assert list(found.ids) == generated(smollm2, prompt, 8)


@pytest.mark.parametrize(("number", "prompt"), list(enumerate(PROMPTS)))
def test_beams_are_transformers_own(number: int, prompt: str, smollm2: LanguageModel) -> None:
    beams, penalty, tokens = 2 + number % 4, (1.0, 0.0, 2.0, -1.0)[number % 4], 5 + number % 7
    found = beam.search(smollm2, prompt, beams=beams, tokens=tokens, length_penalty=penalty)
    theirs = generated(smollm2, prompt, tokens, num_beams=beams, length_penalty=penalty, early_stopping=False)
    assert list(found.ids) == theirs


def test_the_steps_lead_to_the_texts(smollm2: LanguageModel) -> None:
    found = beam.search(smollm2, PROMPTS[11], beams=3, tokens=10)
    written: list[tuple[int, ...]] = [()] * 3
    ended: dict[tuple[int, ...], float] = {}
    for step in range(len(found.tokens)):
        rows = [
            (*written[parent], token) for parent, token in zip(found.parents[step], found.tokens[step], strict=True)
        ]
        for row, score, end in zip(rows, found.scores[step], found.ended[step], strict=True):
            if end:
                ended[row] = float(score) / len(row) ** found.length_penalty
        assert not found.ended[step][found.kept[step]].any() or found.ended[step].all()
        written = [rows[candidate] for candidate in found.kept[step]]
    for ids, score in zip(found.finished, found.final_scores, strict=True):
        assert ended[ids] == pytest.approx(score, rel=1e-5)
    # The score is the sum of the log probabilities of one pass over the whole text.
    prompt = smollm2.encode(PROMPTS[11]).ids.tolist()
    with torch.inference_mode():
        logits = smollm2.model(torch.tensor([prompt + list(found.ids)])).logits[0].double().log_softmax(-1).numpy()
    total = logits[np.arange(len(prompt) - 1, len(logits) - 1), list(found.ids)].sum()
    assert total / len(found.ids) == pytest.approx(found.final_scores[0], rel=1e-4)
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, BeamTrace)
    assert again.finished == found.finished


def test_the_least_length_penalty_still_finishes_texts(smollm2: LanguageModel) -> None:
    least = beam.PENALTIES[0]
    found = beam.search(smollm2, PROMPTS[9], beams=2, tokens=60, length_penalty=least)
    assert len(found.finished) == 2
    assert list(found.ids) == generated(smollm2, PROMPTS[9], 60, num_beams=2, length_penalty=least)
    longest = -np.log(200_000) * beam.MOST_TOKENS / beam.MOST_TOKENS**least  # of chances all alike
    assert longest > beam.NEVER / 2


def test_what_cannot_be_searched_is_refused(smollm2: LanguageModel) -> None:
    with pytest.raises(InputError, match="1 to 10 beams"):
        beam.search(smollm2, "a", beams=0)
    with pytest.raises(InputError, match="a length penalty from -2 to 10"):
        beam.search(smollm2, "a", length_penalty=-10.0)
    with pytest.raises(InputError, match="over the"):
        beam.search(smollm2, "word " * 450, tokens=200)
    with pytest.raises(InputError, match="predicts no next token"):
        beam.search(catalog.load("minilm-l6-v2"), "a")

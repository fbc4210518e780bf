"""The walk, the lens and attributions on models with real weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models import attribution, catalog, forward, lens
from models.language_model import LanguageModel

PROMPT = "The capital of France is"


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


@pytest.fixture(scope="module")
def minilm() -> LanguageModel:
    return catalog.load("minilm-l6-v2")


@pytest.mark.parametrize("position", [None, 0, -1])
def test_smollm2(position: int | None, smollm2: LanguageModel) -> None:
    walked = forward.walk(smollm2, PROMPT, position=position)
    assert walked.max_difference <= 1e-5
    inputs = smollm2.encode(PROMPT).inputs
    rows = slice(None) if position is None else walked.positions
    with torch.inference_mode():
        theirs = smollm2.model(**inputs, output_hidden_states=True, output_attentions=True, use_cache=False)
        only = {} if position is None else {"logits_to_keep": torch.from_numpy(walked.positions)}
        logits = smollm2.model(**inputs, use_cache=False, **only).logits[0]
    for layer in range(30):
        np.testing.assert_array_equal(walked["input"][layer], theirs.hidden_states[layer][0][rows])
        np.testing.assert_array_equal(walked["attention.weights"][layer], theirs.attentions[layer][0][:, rows])
    np.testing.assert_array_equal(walked["final.logits"], logits)
    np.testing.assert_allclose(logits, theirs.logits[0][rows], rtol=0, atol=1e-6 * float(logits.abs().max()))
    assert walked["attention.query"].shape[2:] == (9, 64)
    assert walked["attention.key"].shape[1:] == (len(walked.token_table), 3, 64)


@pytest.mark.parametrize("position", [None, 0, -1])
def test_minilm(position: int | None, minilm: LanguageModel) -> None:
    walked = forward.walk(minilm, "A cat sat.", "A dog stood.", position=position)
    assert walked.max_difference <= 1e-5
    with torch.inference_mode():
        theirs = minilm.model(**minilm.encode("A cat sat.", "A dog stood.").inputs)
    rows = slice(None) if position is None else walked.positions
    np.testing.assert_array_equal(walked["mlp.norm_after"][-1], theirs.last_hidden_state[0][rows])


def test_the_lens_finds_paris(smollm2: LanguageModel) -> None:
    found = lens.logit_lens(smollm2, PROMPT)
    paris = smollm2.tokenizer(" Paris")["input_ids"][-1]
    assert found.trace.ids[-1, -1, 0] == paris
    assert found.trace.probabilities[-1, -1, 0] == pytest.approx(0.77, abs=0.01)
    assert found.trace.difference == 0
    assert found.trace.settled[-1] == 30  # in the layer before, the likeliest is " capital"
    with torch.inference_mode():
        theirs = smollm2.model(**smollm2.encode(PROMPT).inputs, output_hidden_states=True, use_cache=False)
        earlier = smollm2.model.lm_head(smollm2.model.model.norm(theirs.hidden_states[20]))[0]
    np.testing.assert_array_equal(found.logits(-1), theirs.logits[0])
    np.testing.assert_array_equal(found.logits(20), earlier)
    np.testing.assert_array_equal(found.trace.ids[20, :, 0], earlier.argmax(-1))


def test_what_speaks_for_paris(smollm2: LanguageModel) -> None:
    paris, rome = (smollm2.tokenizer(word)["input_ids"][-1] for word in (" Paris", " Rome"))
    found = attribution.attribute(smollm2, PROMPT, paris, rome)
    logits = lens.logit_lens(smollm2, PROMPT).logits(-1)[-1]
    assert found.totals[0] == pytest.approx(float(logits[paris]) - float(logits[rome]), abs=1e-4)
    assert found.differences[0] <= 1e-5

"""What comes next, and how a prompt is read: transformers' own logits, tokens and chat template."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models import catalog, next_token, prompts, traces
from models.language_model import LanguageModel
from models.traces import InputError


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


@pytest.mark.parametrize("text", ["My favourite animal is the", "a", "SELECT * FROM", "今日は", "🙂\n\n\tx"])
def test_the_logits_are_the_models(text: str, smollm2: LanguageModel) -> None:
    found = next_token.predict(smollm2, text)
    ids = torch.tensor([smollm2.tokenizer(text)["input_ids"]])
    with torch.inference_mode():
        theirs = smollm2.model(ids).logits[0, -1].numpy()
    np.testing.assert_allclose(found.logits, theirs, rtol=1e-5, atol=1e-4)
    assert found.logits.dtype == np.float32
    assert found.token_table.ids.tolist() == ids[0].tolist()


def test_a_chat_is_what_the_template_writes(smollm2: LanguageModel) -> None:
    found = next_token.predict(smollm2, "Why is the sky blue?", chat=True)
    message = [{"role": "user", "content": "Why is the sky blue?"}]
    ids = smollm2.tokenizer.apply_chat_template(message, add_generation_prompt=True, return_dict=True)["input_ids"]
    assert found.token_table.ids.tolist() == ids
    assert found.source.text == smollm2.tokenizer.apply_chat_template(
        message, tokenize=False, add_generation_prompt=True
    )
    with torch.inference_mode():
        theirs = smollm2.model(torch.tensor([ids])).logits[0, -1].numpy()
    np.testing.assert_allclose(found.logits, theirs, rtol=1e-5, atol=1e-4)


def test_every_token_has_its_text(smollm2: LanguageModel) -> None:
    texts = next_token.spelled(smollm2).texts
    assert len(texts) == smollm2.model.get_output_embeddings().weight.shape[0]
    whole = {number: smollm2.tokenizer.decode([number]) for number in range(0, len(texts), 7)}
    assert {number: texts[number] for number, text in whole.items() if "�" not in text} == {
        number: text for number, text in whole.items() if "�" not in text
    }
    assert sum("�" not in text for text in whole.values()) > 5_000


def test_files_keep_all(smollm2: LanguageModel) -> None:
    for trace in (next_token.predict(smollm2, "One, two,"), next_token.spelled(smollm2)):
        again = traces.from_bytes(traces.to_bytes(trace))
        assert type(again) is type(trace)
        assert traces.to_bytes(again) == traces.to_bytes(trace)


def test_what_can_not_be_asked_is_refused_in_a_sentence(smollm2: LanguageModel) -> None:
    encoder = catalog.load("minilm-l6-v2")
    for lm, text, chat, said in (
        (encoder, "Hello", False, "predicts no next token"),
        (smollm2, "", False, "prompt is empty"),
        (smollm2, "", True, "prompt is empty"),
        (smollm2, "word " * 600, False, "at most 512"),
        (smollm2, "word " * 500, True, "at most 512"),
        (smollm2, "half \ud800", False, "half a character"),
    ):
        with pytest.raises(InputError, match=said):
            next_token.predict(lm, text, chat=chat)
    with pytest.raises(InputError, match="predicts no next token"):
        next_token.spelled(encoder)
    with pytest.raises(InputError, match="20 more"):
        prompts.encode(smollm2, "word " * 495, more=20)

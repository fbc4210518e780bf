"""Two models on one text: pieces between common borders, whose bits are the models' own losses over those tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast

from models import catalog, surprise, surprise_compare
from models.language_model import LanguageModel
from models.traces import InputError
from tests.families import tiny_model, tiny_tokenizer

TEXT = "lamps and cats, lamps and 你好"


def words_tokenizer(*, begins: bool = False) -> Any:
    """Whole words with the space before them, and punctuation; with `begins`, a token before the text."""
    pieces = ["<unk>", "<s>", "</s>", "lamps", "Ġand", "Ġcats", ",", "Ġlamps", "Ġä½łå¥½", "Ġ"]
    tokenizer = Tokenizer(WordLevel({piece: number for number, piece in enumerate(pieces)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if begins:
        from tokenizers.processors import TemplateProcessing

        tokenizer.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


@pytest.fixture(scope="module")
def by_bytes() -> LanguageModel:
    return catalog.wrap(tiny_model("llama"), tiny_tokenizer())


@pytest.fixture(scope="module")
def by_words() -> LanguageModel:
    return catalog.wrap(tiny_model("gpt2"), words_tokenizer())


def bits(lm: LanguageModel, ids: list[int], start: int, end: int) -> float:
    """What PyTorch's cross-entropy gives these tokens, in bits."""
    with torch.inference_mode():
        logits = lm.model(input_ids=torch.tensor([ids])).logits[0]
    rows, came = logits[start - 1 : end - 1].double(), torch.tensor(ids[start:end])
    return float(torch.nn.functional.cross_entropy(rows, came, reduction="sum") / np.log(2))


def test_pieces_are_what_both_cut_out(by_bytes: LanguageModel, by_words: LanguageModel) -> None:
    first, second = surprise.trace(by_bytes, TEXT), surprise.trace(by_words, TEXT)
    compared = surprise_compare.compare(first, second)
    pieces = [TEXT[start:end] for start, end in (segment.span for segment in compared.segments)]
    assert pieces == ["lamps", " and", " cats", ",", " lamps", " and", " 你好"]
    assert compared.segments[0].bits is None  # the words' first token is not predicted
    assert compared.segments[0].difference is None
    ids = [trace.token_table.ids.tolist() for trace in (first, second)]
    for segment in compared.segments[1:]:
        (a, b), (c, d) = segment.tokens
        exact = bits(by_bytes, ids[0], a, b), bits(by_words, ids[1], c, d)
        assert segment.bits == pytest.approx(exact, rel=1e-5)
        assert segment.difference == pytest.approx(exact[1] - exact[0], abs=1e-3)
    assert compared.bytes == len(TEXT.encode()) - len("lamps")
    last = len(ids[0])
    assert compared.bits[0] == pytest.approx(bits(by_bytes, ids[0], len("lamps"), last), rel=1e-5)
    assert compared.bits_per_byte[0] == pytest.approx(compared.bits[0] / compared.bytes)


def test_a_token_before_the_text_makes_the_first_one_predicted(by_bytes: LanguageModel) -> None:
    begins = catalog.wrap(tiny_model("gpt2"), words_tokenizer(begins=True))
    trace = surprise.trace(begins, TEXT)
    assert trace.token_table.kinds[0] == "special"
    assert surprise.covered(trace) == (len(TEXT), len(TEXT.encode()))
    with torch.inference_mode():
        ids = torch.tensor([trace.token_table.ids.tolist()])
        loss = float(begins.model(input_ids=ids, labels=ids).loss)
    assert trace.loss == pytest.approx(loss, rel=1e-5)
    assert surprise_compare.compare(trace, trace).segments[0].bits is not None
    other = surprise_compare.compare(trace, surprise.trace(by_bytes, TEXT))
    assert other.segments[0].bits is None  # the bytes' first token isn't
    assert TEXT[slice(*other.segments[0].span)] == "lamps"


def test_a_model_differs_nowhere_from_itself(by_bytes: LanguageModel) -> None:
    trace = surprise.trace(by_bytes, "ab 👩\u200d🚀")
    compared = surprise_compare.compare(trace, trace)
    # Each character is a piece, however many tokens it is.
    assert [segment.span for segment in compared.segments] == [(n, n + 1) for n in range(6)]
    assert {segment.difference for segment in compared.segments} == {None, 0.0}
    assert compared.bits[0] == pytest.approx(float(trace.surprisals.sum()), rel=1e-6)


def test_nothing_in_common_is_no_number(by_words: LanguageModel, by_bytes: LanguageModel) -> None:
    one = catalog.wrap(tiny_model("gpt2"), words_tokenizer())
    trace = surprise.trace(one, "lamps,")
    compared = surprise_compare.compare(trace, surprise.trace(by_bytes, "lamps,"))
    assert compared.bytes == 1
    with pytest.raises(InputError, match="same text"):
        surprise_compare.compare(trace, surprise.trace(by_bytes, "lamp"))
    with pytest.raises(InputError, match="half a character"):
        surprise.trace(by_bytes, "half \ud83d")


def test_what_can_not_come_is_an_infinite_surprise(by_bytes: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = by_bytes.logits(by_bytes.encode("abc").inputs).clone()
    exact[1, int(by_bytes.encode("abc").ids[2])] = -torch.inf
    exact[0, 7] = -torch.inf
    monkeypatch.setattr(by_bytes, "logits", lambda *_: exact)
    trace = surprise.trace(by_bytes, "abc")
    assert np.isinf(trace.surprisals).tolist() == [False, True]
    assert np.isinf(trace.loss)
    shares = exact[:2].double().softmax(dim=-1)
    entropies = -(shares * shares.log2()).nan_to_num().sum(dim=-1)
    np.testing.assert_allclose(trace.entropies, entropies, rtol=1e-5)

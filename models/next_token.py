"""What does a model think comes next, and how is it asked what it would write?

`predict` gives the logits of the whole vocabulary behind a prompt; what samplers make of them is models/sampling.py.
The other questions of this kind have a file each: a text gone through token by token (models/surprise.py), a text
written token by token (models/generation.py), a beam search (models/beam.py).

    lm = catalog.load("smollm2-135m")
    next_token.predict(lm, "The capital of France is").logits      # float32 [vocabulary]
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models import (
    beam,
    beam_check,
    generation,
    generation_check,
    numbers_in,
    prompts,
    surprise,
    variation,
    vocabulary,
    window,
)
from models.traces import InputError, NextTokenTrace, Trace, VocabularyTrace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress


def predict(lm: LanguageModel, text: str, *, chat: bool = False, progress: Progress | None = None) -> NextTokenTrace:
    """The logits behind a prompt; with `chat`, behind the beginning of the answer to it.

    Raises:
        InputError: as `prompts.encode`.
    """
    encoding = prompts.encode(lm, text, chat=chat)
    logits = lm.logits(encoding.inputs, progress)[-1].float().cpu().numpy()
    return NextTokenTrace(lm.source(encoding.text), encoding.token_table, logits)


def spelled(lm: LanguageModel) -> VocabularyTrace:
    """What a person reads of every token that the model can write.

    Raises:
        InputError: the model predicts no next token.
    """
    lm.check_next_token()
    known = len(lm.tokenizer)
    count = int(lm.model.get_output_embeddings().weight.shape[0])
    texts = vocabulary.texts(lm.tokenizer, range(min(known, count)))
    letters = [text.encode() for text in texts] + [b""] * max(0, count - known)
    return VocabularyTrace(
        lm.source(""),
        np.frombuffer(b"".join(letters), dtype=np.uint8),
        np.cumsum([len(text) for text in letters], dtype=np.uint32),
    )


def _next(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    return predict(lm, request.text, chat=_chat(request), progress=progress)


def _vocabulary(lm: LanguageModel, _request: Request, _progress: Progress) -> Trace:
    return spelled(lm)


def _surprise(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    return surprise.trace(lm, request.text, progress=progress)


def _beam(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    return beam.search(lm, request.text, **_search(request), progress=progress)


def _beam_check(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    return beam_check.check(lm, request.text, **_search(request), progress=progress)


def _search(request: Request) -> dict[str, Any]:
    settings = dict(request.settings)
    return {
        "beams": numbers_in.whole(settings, "beams", "4"),
        "tokens": numbers_in.whole(settings, "tokens", "20"),
        "length_penalty": numbers_in.decimal(settings, "length_penalty", "1"),
        "chat": _chat(request),
    }


def writing(lm: LanguageModel, request: Request) -> generation.Writing:
    """The text that a request for "generation" asks for, before its first token.

    Raises:
        InputError: the prompt can't be used, or a setting.
    """
    settings = dict(request.settings)
    return generation.Writing(
        lm,
        request.text,
        chain=chain_of(settings.get("chain", "[]")),
        seed=numbers_in.whole(settings, "seed", "0"),
        tokens=numbers_in.whole(settings, "tokens", "40"),
        stop=settings.get("stop", ""),
        given=_ids(settings, "given"),
        chat=_chat(request),
    )


def _generation_check(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    return generation_check.check(
        lm,
        request.text,
        _ids(settings, "written"),
        chain=chain_of(settings.get("chain", "[]")),
        seed=numbers_in.whole(settings, "seed", "0"),
        given=numbers_in.whole(settings, "given", "0"),
        chat=_chat(request),
        progress=progress,
    )


def _variation(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    tokens = numbers_in.whole(dict(request.settings), "tokens", "20")
    return variation.trace(lm, request.text, tokens=tokens, chat=_chat(request), progress=progress)


def _window(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    return window.trace(lm, request.text, chat=_chat(request), progress=progress)


def _ids(settings: dict[str, str], name: str) -> list[int]:
    written = settings.get(name, "")
    try:
        return [int(token) for token in written.split(",") if token]
    except ValueError as error:
        raise InputError(f"{name} is {written[:40]!r}; it must be ids of tokens, with commas between them.") from error


def _chat(request: Request) -> bool:
    return dict(request.settings).get("chat") == "1"


def chain_of(written: str) -> list[tuple[Any, Any]]:
    """The samplers in a request: JSON, [[name, value], ...]; those of "logit_bias" are [[token id, added], ...].

    Raises:
        InputError: it isn't that.
    """
    try:
        pairs = [(name, value) for name, value in json.loads(written)]
        return [(name, dict(value) if name == "logit_bias" else value) for name, value in pairs]
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError("The chain of samplers must be a list of names and values.") from error


# What the engine runs for a request, by the name of its analysis; but "generation", which is written side by side with
# others' (models/writers.py). Settings: chat ("1"); of "generation" chain, seed, tokens, stop and given (ids with
# commas); of "generation check" chain, seed, written (ids) and given (how many); of "beam" and "beam check" beams,
# tokens and length_penalty.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {
    "next": _next,
    "vocabulary": _vocabulary,
    "surprise": _surprise,
    "generation check": _generation_check,
    "beam": _beam,
    "beam check": _beam_check,
    "window": _window,
    "variation": _variation,
}

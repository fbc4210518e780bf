"""Does a model write the same text however its numbers are computed?

The same prompt, always with the most probable token, by the same weights, in several ways that are equal on paper:
alone, with what was computed before kept (the cache) or all of it computed anew; beside other texts, padded on the
left; with products of matrices in 16 bits (`torch.autocast`: the weights stay as they are). A sum of floating-point
numbers depends on the order in which it is taken, and the order on the shapes, so the logits z differ in their last
digits. A text becomes another only where its two best tokens are as near to each other as that:

    another token is the best only where  2 max |z'[i] - z[i]| >= z[best] - z[second]

    lm = catalog.load("smollm2-135m")
    variation.trace(lm, "My favourite animal is the").differences      # float32 [way, step]

Yuan et al., "Understanding and Mitigating Numerical Sources of Nondeterminism in LLM Inference", 2025, 2506.09501.
"""

from __future__ import annotations

import contextlib
import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models import prompts, vocabulary
from models.traces import InputError, VariationTrace, Way

if TYPE_CHECKING:
    from models.language_model import Encoding, LanguageModel
    from models.progress import Progress

MOST_TOKENS: Final = 40
LONGEST_OTHER: Final = 16  # tokens of a text beside the prompt
# What stands beside the prompt in a batch of eight.
OTHERS: Final = (
    "Yes.",
    "The capital of France is",
    "def fibonacci(n):",
    "Once upon a time, in a village by the sea, there lived an old fisherman who",
    "1, 2, 3, 4, 5,",
    "Dear Sir or Madam, I am writing to you because",
    "Water boils at",
)


@dataclass(frozen=True)
class Setting:
    """How one of the ways computes."""

    cached: bool = True
    beside: tuple[str, ...] = ()
    twin: bool = False  # beside itself
    bits: str = ""  # the dtype of products of matrices, where it isn't that of the weights


WAYS: Final[dict[Way, Setting]] = {
    "cache": Setting(),
    "whole": Setting(cached=False),
    "twins": Setting(twin=True),
    "batch": Setting(beside=OTHERS),
    "float16": Setting(bits="float16"),
    "bfloat16": Setting(bits="bfloat16"),
}


@dataclass
class _Text:
    """What one way has written, step by step."""

    tokens: list[int] = field(default_factory=list)
    best: list[tuple[int, int]] = field(default_factory=list)  # the two with the largest logits
    logits: list[tuple[float, float]] = field(default_factory=list)  # theirs
    differences: list[float] = field(default_factory=list)  # largest of any logit; NaN once the texts have parted
    seconds: float = 0.0


class _ImpossibleError(Exception):
    """This way can't be had here; the message is the reason."""


def trace(
    lm: LanguageModel, text: str, *, tokens: int = 20, chat: bool = False, progress: Progress | None = None
) -> VariationTrace:
    """The text that a prompt leads to, by each way of computing.

    Args:
        lm: a model that predicts a next token.
        text: the prompt.
        tokens: the most that are written.
        chat: whether the prompt is a message, written as the model's chat template has it.
        progress: called before each pass; may raise `Cancelled`.

    Raises:
        InputError: the prompt can't be used, or `tokens` is out of range.
    """
    if not 1 <= tokens <= MOST_TOKENS:
        raise InputError(f"1 to {MOST_TOKENS} tokens can be written in every way.")
    encoding = prompts.encode(lm, text, chat=chat, more=tokens)
    first: list[NDArray[np.float32]] = []  # [step][vocabulary] logits of the first way
    written: dict[Way, _Text] = {}
    skipped: list[tuple[Way, str]] = []
    for number, (way, setting) in enumerate(WAYS.items()):

        def report(step: int, number: int = number) -> None:
            if progress is not None:
                done = (number + step / tokens) / len(WAYS)
                progress(f"Way {number + 1} of {len(WAYS)}: token {step + 1} of at most {tokens}", done)

        try:
            steps = _logits(lm, _rows(lm, encoding, setting, tokens), setting, tokens, report)
            written[way] = _read(lm, steps, first, next(iter(written.values()), None))
        except _ImpossibleError as error:
            skipped.append((way, str(error)))
    return _trace(lm, encoding, written, tuple(skipped))


def _rows(lm: LanguageModel, encoding: Encoding, setting: Setting, tokens: int) -> list[list[int]]:
    """The texts that are run together, the prompt first.

    Raises:
        _ImpossibleError: this way can't be had with this model here.
    """
    import torch

    if setting == WAYS["cache"] and not _keeps(lm):
        raise _ImpossibleError("This model keeps nothing of earlier tokens: it reads the whole text for each one.")
    if setting.bits and lm.model.dtype is not torch.float32:
        raise _ImpossibleError(f"The weights are {str(lm.model.dtype).removeprefix('torch.')} as it is.")
    if setting.bits and not torch.amp.is_autocast_available(lm.device.type):
        raise _ImpossibleError(f"torch has no automatic choice of precision on this device ({lm.device.type}).")
    prompt = encoding.ids.tolist()
    room = min(LONGEST_OTHER, lm.max_tokens - tokens)
    return [prompt, *([prompt] if setting.twin else []), *(_ids(lm, other, room) for other in setting.beside)]


def _keeps(lm: LanguageModel) -> bool:
    """Whether the model has a cache of keys and values."""
    return "past_key_values" in inspect.signature(lm.model.forward).parameters


def _ids(lm: LanguageModel, text: str, room: int) -> list[int]:
    """The first tokens of a text."""
    found: list[int] = lm.tokenizer(text)["input_ids"][:room]
    return found


def _logits(
    lm: LanguageModel, rows: list[list[int]], setting: Setting, tokens: int, report: Callable[[int], None]
) -> Iterator[NDArray[np.float32]]:
    """[vocabulary] behind the first of the rows, then behind each token that it is continued with, the best one.

    The others are continued with theirs. Shorter rows are padded on the left; the padding is masked, and positions
    are counted from the first token of a row, as `model.generate` has it.
    """
    import torch

    longest = max(map(len, rows))
    inputs = torch.tensor([[0] * (longest - len(row)) + row for row in rows], device=lm.device)
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows], device=lm.device)
    positioned = "position_ids" in inspect.signature(lm.model.forward).parameters
    keeps = _keeps(lm)
    cached, device, cache = setting.cached and keeps, lm.device.type, None
    for step in range(tokens):
        report(step)
        more: dict[str, Any] = {"logits_to_keep": 1}
        if keeps:
            more |= {"use_cache": cached, "past_key_values": cache}
        if positioned:
            more["position_ids"] = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, -inputs.shape[1] :]
        chosen = torch.autocast(device, getattr(torch, setting.bits)) if setting.bits else contextlib.nullcontext()
        with lm.lock, torch.inference_mode(), chosen:
            try:
                found = lm.model(input_ids=inputs, attention_mask=mask, **more)
            except RuntimeError as error:
                if not setting.bits or "not implemented" not in str(error):
                    raise
                raise _ImpossibleError(f"torch can't compute this model in {setting.bits} on this device.") from error
        logits, cache = found.logits[:, -1].float().cpu().numpy(), getattr(found, "past_key_values", None)
        if setting.bits and np.isnan(logits[0]).any():
            raise _ImpossibleError(f"Numbers of this model are too large for {setting.bits}: some became infinite.")
        yield logits[0]
        best = torch.from_numpy(logits.argmax(axis=1)[:, None]).to(lm.device)  # of equals the first, on any device
        inputs = best if cached else torch.cat([inputs, best], dim=1)
        mask = torch.cat([mask, torch.ones_like(best)], dim=1)


def _read(
    lm: LanguageModel, steps: Iterator[NDArray[np.float32]], first: list[NDArray[np.float32]], other: _Text | None
) -> _Text:
    """What is written, up to a token that ends texts. Where there is no `other`, `first` is filled with the logits."""
    text, began = _Text(), time.perf_counter()
    for step, logits in enumerate(steps):
        if other is None:
            first.append(logits)
        same = other is None or (step < len(other.tokens) and other.tokens[:step] == text.tokens)
        text.differences.append(float(np.abs(logits - first[step]).max()) if same else float("nan"))
        best = int(logits.argmax())
        rest = logits.copy()
        rest[best] = -np.inf
        second = int(rest.argmax())
        text.tokens.append(best)
        text.best.append((best, second))
        text.logits.append((float(logits[best]), float(logits[second])))
        if best in lm.ends:
            break
    text.seconds = time.perf_counter() - began
    return text


def _trace(
    lm: LanguageModel, encoding: Encoding, written: dict[Way, _Text], skipped: tuple[tuple[Way, str], ...]
) -> VariationTrace:
    """All of it in arrays, filled up behind the end of a text that is shorter than another."""
    shape = (len(written), max(len(text.tokens) for text in written.values()))
    best = np.full((*shape, 2), -1, dtype=np.int64)
    logits = np.full((*shape, 2), np.nan, dtype=np.float32)
    differences = np.full(shape, np.nan, dtype=np.float32)
    for number, text in enumerate(written.values()):
        steps = len(text.tokens)
        best[number, :steps], logits[number, :steps], differences[number, :steps] = (
            text.best,
            text.logits,
            text.differences,
        )
    known = np.unique(best[best >= 0])
    texts = dict(zip(known.tolist(), vocabulary.texts(lm.tokenizer, known.tolist()), strict=True))
    return VariationTrace(
        source=lm.source(encoding.text),
        token_table=encoding.token_table,
        ways=tuple(written),
        skipped=skipped,
        best=best,
        best_texts=tuple(
            tuple(tuple(texts[token] for token in pair if token >= 0) for pair in row) for row in best.tolist()
        ),
        best_logits=logits,
        differences=differences,
        seconds=np.array([text.seconds for text in written.values()], dtype=np.float32),
    )

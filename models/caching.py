"""What is computed again and what is kept while a model writes?

A model that writes attends to the keys and values of all tokens so far. They never change, since no token sees a later
one, so they can be kept: then each step reads one token only. Without, each step reads the whole text again.

    trace(lm, text, tokens=24)     both ways: the tokens, multiplications, the cache's own bytes, how far logits differ
    times(lm, text, tokens=24)     how long each step of both takes here and now
    reread(lm, text)               why an encoder can't: what its layers are given changes with a token more

"Without" is a pass over all tokens whose cache is thrown away. In both, the head reads the last token only.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models import costs, flops_counted, numbers_in, prompts, vocabulary
from models.traces import CacheTimesTrace, CachingTrace, InputError, RereadTrace, Trace

if TYPE_CHECKING:
    import torch

    from models.engine import Request
    from models.language_model import Encoding, LanguageModel
    from models.progress import Progress

MOST: Final = 64  # tokens written
ROUNDS: Final = 3  # of times, unless the text is long
READ: Final = 20_000  # tokens that the rounds may read together without the cache; one round is run in any case


@dataclass(frozen=True)
class _Pass:
    """One token written in one of the ways."""

    logits: torch.Tensor  # [vocabulary]
    cache: Any  # what is kept after it
    seconds: float
    products: int  # if they were counted


def trace(lm: LanguageModel, text: str, *, tokens: int = 24, progress: Progress | None = None) -> CachingTrace:
    """A text written greedily, with the cache and without.

    Args:
        lm: a model that predicts a next token.
        text: the prompt.
        tokens: how many are written at most; a token that ends the text ends the writing.
        progress: called before each step; may raise `Cancelled`.

    Raises:
        InputError: the prompt can't be used, the number is out of range, or the model keeps no keys and values.
    """
    import torch

    encoding, layers = _begin(lm, text, tokens)
    written: list[int] = []
    choices: list[int] = []
    differences: list[float] = []
    products: list[tuple[int, int]] = []
    kept: list[list[int]] = []
    sizes: list[list[int]] = []

    def report(step: int) -> None:
        if progress is not None:
            progress(f"Token {step + 1} of at most {tokens}", step / tokens)

    for ours, anew in _steps(lm, encoding.ids, tokens, report, counting=flops_counted.counter):
        written.append(int(ours.logits.argmax()))
        choices.append(int(anew.logits.argmax()))
        differences.append(float((ours.logits - anew.logits).abs().max() / anew.logits.abs().max()))
        products.append((ours.products, anew.products))
        tensors = _tensors(lm, ours.cache)
        kept.append([keys.shape[-2] for keys, _ in tensors])
        sizes.append([keys.nbytes + values.nbytes for keys, values in tensors])
    whole = torch.cat([encoding.ids, torch.tensor(written, device=lm.device)])
    changes = _changes(_read(lm, encoding.ids), _read(lm, whole))
    return CachingTrace(
        source=lm.source(encoding.text),
        token_table=encoding.token_table,
        written=np.array(written, dtype=np.int64),
        texts=_texts(lm, written),
        ended=written[-1] in lm.ends,
        choices=np.array(choices, dtype=np.int64),
        differences=np.array(differences),
        products=np.array(products, dtype=np.int64).T.copy(),
        kept=np.array(kept, dtype=np.int64),
        bytes=np.array(sizes, dtype=np.int64),
        heads=lm.heads,
        key_heads=np.array([layer.heads for layer in layers], dtype=np.int64),
        sizes=np.array([(layer.key, layer.value) for layer in layers], dtype=np.int64),
        windows=np.array([layer.window or 0 for layer in layers], dtype=np.int64),
        number=lm.model.dtype.itemsize,
        weights=lm.size_bytes,
        reach=int(getattr(lm.config, "max_position_embeddings", 0) or 0),
        key_changes=changes[0],
        value_changes=changes[1],
    )


def times(lm: LanguageModel, text: str, *, tokens: int = 24, progress: Progress | None = None) -> CacheTimesTrace:
    """How long each step takes in both ways, in several rounds after one that isn't counted; arguments as `trace`.

    Both ways take turns step by step, and begin in turn, so that what else the machine does meets both. No
    other pass of this model runs meanwhile. A step has ended when its token is known.
    """
    import torch

    encoding, _ = _begin(lm, text, tokens)
    seconds: list[list[tuple[float, float]]] = []
    rounds = rounds_of(len(encoding.ids), tokens)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    for number in range(rounds + 1):

        def report(step: int, number: int = number) -> None:
            if progress is not None:
                said = f"Round {number} of {rounds}" if number else "Warming up"
                progress(f"{said}: token {step + 1} of at most {tokens}", (number + step / tokens) / (rounds + 1))

        steps = _steps(lm, encoding.ids, tokens, report, anew_first=number % 2 == 1)
        seconds.append([(ours.seconds, anew.seconds) for ours, anew in steps])
    cuda = lm.device.type == "cuda"
    return CacheTimesTrace(
        source=lm.source(encoding.text),
        seconds=np.array(seconds[1:]).transpose(2, 0, 1).copy(),
        when=when,
        processor=torch.cuda.get_device_name(lm.device) if cuda else platform.processor() or platform.machine(),
        threads=torch.get_num_threads(),
    )


def rounds_of(prompt: int, tokens: int) -> int:
    """How many rounds are timed for such a text."""
    return max(1, min(ROUNDS, READ // sum(range(prompt, prompt + tokens))))


def _begin(lm: LanguageModel, text: str, tokens: int) -> tuple[Encoding, list[costs.CacheLayer]]:
    """The prompt, and what each layer keeps by the configuration."""
    if not 1 <= tokens <= MOST:
        raise InputError(f"1 to {MOST} tokens can be written here.")
    encoding = prompts.encode(lm, text, more=tokens)
    if lm.next_logits(encoding.ids[None, :1], None)[1] is None:
        raise _keeps_none(lm)
    return encoding, costs.cache(lm.model.config)


def _keeps_none(lm: LanguageModel) -> InputError:
    return InputError(
        f"{lm.name} keeps no keys and values of each token (a state of one size, say, or nothing at all), so there is "
        "no such cache to show; choose a model such as smollm2-135m."
    )


def _steps(
    lm: LanguageModel,
    prompt: torch.Tensor,
    tokens: int,
    report: Callable[[int], None],
    *,
    counting: Callable[[], AbstractContextManager[Any]] = nullcontext,
    anew_first: bool = False,
) -> Iterator[tuple[_Pass, _Pass]]:
    """Each step with the cache and without; `report` is called before it, and `counting` wraps each pass."""
    import torch

    ids, unread, cache = prompt[None], prompt[None], None
    for step in range(tokens):
        report(step)
        done = {}
        for anew in (anew_first, not anew_first):
            done[anew] = _pass(lm, ids, None, counting) if anew else _pass(lm, unread, cache, counting)
        yield done[False], done[True]
        cache, unread = done[False].cache, done[False].logits.argmax().view(1, 1)
        if int(unread) in lm.ends:
            return
        ids = torch.cat([ids, unread], dim=1)


def _pass(
    lm: LanguageModel, ids: torch.Tensor, cache: Any, counting: Callable[[], AbstractContextManager[Any]]
) -> _Pass:
    with lm.lock, counting() as counter:  # no other pass's time is counted
        began = time.perf_counter()
        logits, cache = lm.next_logits(ids, cache)
        int(logits[0, -1].argmax())  # a GPU has done its work only when a number of it is known
        seconds = time.perf_counter() - began
    return _Pass(logits[0, -1], cache, seconds, counter.total // 2 if counter is not None else 0)


def _tensors(lm: LanguageModel, cache: Any) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """[layer] the keys and the values that a cache holds, [1, head, token, size] each."""
    layers = getattr(cache, "layers", None) or []
    found = [(getattr(layer, "keys", None), getattr(layer, "values", None)) for layer in layers]
    pairs = [(keys, values) for keys, values in found if keys is not None and values is not None]
    if len(pairs) != lm.layers:
        raise _keeps_none(lm)
    return pairs


def _read(lm: LanguageModel, ids: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """[layer] the keys and values of all tokens, none forgotten, whatever the layer's window."""
    from transformers import DynamicCache

    return _tensors(lm, lm.next_logits(ids[None], DynamicCache())[1])


def _changes(
    alone: list[tuple[torch.Tensor, torch.Tensor]], within: list[tuple[torch.Tensor, torch.Tensor]]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """[keys, values] [layer] largest difference of the first tokens', as a share of the largest number."""
    found = [
        [
            float((ours - theirs[:, :, : ours.shape[-2]]).abs().max() / ours.abs().max()) if ours.numel() else 0.0
            for ours, theirs in zip(pair, longer, strict=True)
        ]
        for pair, longer in zip(alone, within, strict=True)
    ]
    return np.array(found).T.copy()


def _texts(lm: LanguageModel, ids: list[int]) -> tuple[str, ...]:
    """What a person reads of each; "" of those that the tokenizer doesn't know."""
    known = [token for token in ids if token < len(lm.tokenizer)]
    spelled = dict(zip(known, vocabulary.texts(lm.tokenizer, known), strict=True))
    return tuple(spelled.get(token, "") for token in ids)


def reread(lm: LanguageModel, text: str, *, progress: Progress | None = None) -> RereadTrace:
    """How the vectors that enter an encoder's layers change when the last token of a text is added.

    Keys and values are made of these vectors. The special tokens behind the text stand in both, and aren't compared.

    Raises:
        InputError: the text can't be used, or has one token only.
    """
    import torch

    encoding = lm.encode(text)
    kinds = encoding.token_table.kinds
    own = [place for place, kind in enumerate(kinds) if kind == "text"]
    if len(own) < 2:
        raise InputError("The text is a single token; with two or more it can be seen what the last one changes.")
    added = own[-1]
    shorter = {name: torch.cat([row[:, :added], row[:, added + 1 :]], dim=1) for name, row in encoding.inputs.items()}
    long = lm.forward(encoding.inputs, progress, output_hidden_states=True).hidden_states
    short = lm.forward(shorter, progress, output_hidden_states=True).hidden_states
    changes, cosines = [], []
    for before, after in zip(short[: lm.layers], long[: lm.layers], strict=True):
        ours, theirs = before[0, :added].double(), after[0, :added].double()
        changes.append(float((ours - theirs).abs().max() / ours.abs().max()))
        cosines.append(float(torch.cosine_similarity(ours, theirs, dim=-1).min()))
    return RereadTrace(lm.source(text), encoding.token_table, added, np.array(changes), np.array(cosines))


def _caching(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    if not lm.generates:
        return reread(lm, request.text, progress=progress)
    return trace(lm, request.text, tokens=_tokens(request), progress=progress)


def _times(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    return times(lm, request.text, tokens=_tokens(request), progress=progress)


def _tokens(request: Request) -> int:
    return numbers_in.whole(dict(request.settings), "tokens", "24")


# Settings: tokens; of "cache times" also run, a number that makes it another measurement.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {
    "caching": _caching,
    "cache times": _times,
}

"""What would the model say if it stopped after this layer?

    logits[layer] = head(final norm(residual stream behind the layer))

(nostalgebraist, "interpreting GPT: the logit lens", 2020; Belrose et al. 2023, arXiv:2303.08112.) Layer 0 is what
enters the first layer, the last one is what leaves the last: its logits are the model's own.

    lens = logit_lens(lm, "The capital of France is")
    lens.logits(12)         # float32 [position, vocabulary]
    lens.top(5)             # ids and probabilities [layer, position, 5]
    lens.trace              # what a picture needs of it

The final norm and the head are the model's own modules, found by watching one pass; no family needs to be known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import catalog, numbers_in, vocabulary
from models.traces import InputError, LensTrace, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

TOP: Final = 10
# Logits that are held at once: 24 MiB, which stay near the processor. From 32 MiB on, glibc asks the system for fresh
# memory each time, which costs more than the arithmetic that is done in it.
BATCH: Final = 6 << 20
TOLERANCE: Final = 1e-4  # largest difference from the model's own logits, as a share of their largest magnitude
TYPED: Final = 60  # characters of a token that is typed in


class Lens:
    """The residual stream of one pass, and the model that reads it.

    Attributes:
        residuals: [layer + 1, position, dimension] what enters the first layer, and what leaves each.
        trace: the most likely tokens and the chosen ones at every layer and position.
    """

    def __init__(self, lm: LanguageModel, residuals: torch.Tensor, norm: torch.nn.Module | None) -> None:
        self.residuals = residuals
        self.trace: LensTrace
        self._lm, self._norm = lm, norm

    def logits(self, layer: int) -> NDArray[np.float32]:
        """float32 [position, vocabulary] behind a layer; 0: before the first one; -1: behind the last.

        Raises:
            IndexError: there is no such layer.
        """
        with torch.inference_mode():
            return self.read(self.residuals[layer]).cpu().numpy()

    def top(self, k: int = TOP) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k most likely tokens of every layer and position: ids and probabilities, [layer + 1, position, k]."""
        found = self.scan(k, torch.empty(0, self.residuals.shape[1], dtype=torch.long, device=self.residuals.device))
        return found[0], found[1]

    def read(self, residuals: torch.Tensor) -> torch.Tensor:
        """Float32 [..., vocabulary] what the model's own norm and head make of them."""
        normed = residuals[None] if self._norm is None else self._norm(residuals[None])
        logits: torch.Tensor = self._lm.model.get_output_embeddings()(normed)[0].float()
        cap = getattr(self._lm.config, "final_logit_softcapping", None)
        return cap * torch.tanh(logits / cap) if cap else logits

    def scan(
        self, k: int, chosen: torch.Tensor, progress: Progress | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """Goes once through the logits of all layers, some rows at a time.

        Args:
            k: of how many tokens the ids and probabilities are wanted.
            chosen: int64 [token, position] tokens that are followed.
            progress: called before each batch; may raise `Cancelled`.

        Returns:
            ids and probabilities [layer + 1, position, k]; entropies in bits [layer + 1, position]; probabilities and
            ranks (0: the most likely) of the chosen ones [token, layer + 1, position].
        """
        layers, positions, _ = self.residuals.shape
        size = self._lm.model.get_output_embeddings().weight.shape[0]
        rows = self.residuals.flatten(0, 1)
        wanted = chosen.T.repeat(layers, 1)  # [layer and position, token]
        step = max(1, BATCH // size)
        found: list[tuple[torch.Tensor, ...]] = []
        with torch.inference_mode():
            work = torch.empty(min(step, len(rows)), size, device=rows.device)
            for start in range(0, len(rows), step):
                if progress is not None:
                    progress(f"Reading layer {start // positions} of {layers - 1}", start / len(rows))
                logits = self.read(rows[start : start + step])
                found.append(_numbers(logits, wanted[start : start + step], min(k, size), work[: len(logits)]))
        joined = [torch.cat(each).unflatten(0, (layers, positions)).cpu().numpy() for each in zip(*found, strict=True)]
        ids, probabilities, entropies, shares, ranks = joined
        return ids, probabilities, entropies, np.moveaxis(shares, 2, 0), np.moveaxis(ranks, 2, 0)


def _numbers(logits: torch.Tensor, chosen: torch.Tensor, k: int, work: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Ids and probabilities [row, k], entropies [row], probabilities and ranks of the chosen ones [row, token].

    Args:
        logits: float32 [row, vocabulary]; they are overwritten.
        chosen: int64 [row, token]
        k: of how many tokens the ids and probabilities are wanted.
        work: float32 [row, vocabulary] memory to work in.
    """
    best, ids = logits.topk(k)
    own = logits.gather(1, chosen)
    # Counted as numbers, which is several times as fast as counting yes and no; exact for up to 2^24 tokens.
    ranks = [torch.gt(logits, each[:, None], out=work).sum(-1).long() for each in own.T]
    peak = best[:, :1]
    torch.exp(logits.sub_(peak), out=work)
    total = work.sum(-1, keepdim=True)
    # H = log total - sum p (logit - peak)
    mean = work.mul_(logits).sum(-1, keepdim=True)
    if mean.isnan().any():  # a token that can't come, 0 times minus infinity, adds nothing
        mean = work.nan_to_num_(nan=0.0).sum(-1, keepdim=True)
    return (
        ids,
        torch.exp(best - peak) / total,
        ((total.log() - mean / total) / np.log(2))[:, 0],
        torch.exp(own - peak) / total,
        torch.stack(ranks, dim=1) if ranks else chosen,
    )


def logit_lens(
    lm: LanguageModel,
    text: str,
    chosen: Sequence[int] = (),
    *,
    k: int = TOP,
    first: int = -1,
    count: int | None = None,
    progress: Progress | None = None,
) -> Lens:
    """Reads the residual stream of one pass through the model's final norm and head, after every layer.

    Args:
        lm: a model that predicts a next token.
        text: what it reads; the pass reads all of it.
        chosen: ids of tokens that are followed at every position, beside the one that the model says there at last.
        k: how many of the most likely tokens are kept.
        first: of a text of more than `count` tokens, the first position that is read off; -1: that of the last ones.
        count: how many positions are read off at most; None: all.
        progress: called before each layer, and while the layers are read; may raise `Cancelled`.

    Raises:
        InputError: the text can't be used, the model predicts no next token, a chosen token doesn't exist, or what
            stands between its last layer and its logits is more than a norm and a head.
    """
    lm.check_next_token()
    encoding = lm.encode(text)
    size = int(lm.model.get_output_embeddings().weight.shape[0])
    if any(not 0 <= token < size for token in chosen):
        raise InputError(f"{lm.name} has {size:,} tokens; a chosen one has an id from 0 to {size - 1:,}.")
    shown = len(encoding.ids) if count is None else min(count, len(encoding.ids))
    latest = len(encoding.ids) - shown
    begin = latest if first < 0 else min(first, latest)
    with lm.lock, _Stream(lm) as stream:
        own = lm.logits(encoding.inputs, progress)[begin : begin + shown]
    lens = Lens(lm, stream.residuals()[:, begin : begin + shown], stream.norm())
    with torch.inference_mode():
        apart = (lens.read(lens.residuals[-1]) - own).abs().max() / own.abs().max()
        if apart > TOLERANCE:
            raise _unreadable(lm)
        final = own.argmax(-1)
        followed = torch.tensor(chosen, dtype=torch.long, device=lm.device)[:, None].expand(-1, shown)
        followed = torch.cat([final[None], followed])
    ids, probabilities, entropies, shares, ranks = lens.scan(k, followed, progress)
    followed_ids = followed.cpu().numpy()
    entries = np.unique(np.concatenate([ids.ravel(), followed_ids.ravel()]))
    lens.trace = LensTrace(
        source=lm.source(text),
        token_table=encoding.token_table,
        first=begin,
        vocabulary=size,
        ids=ids,
        probabilities=probabilities,
        entropies=entropies,
        followed=followed_ids,
        followed_probabilities=shares,
        followed_ranks=ranks,
        entries=entries,
        texts=vocabulary.texts(lm.tokenizer, entries.tolist()),
        difference=float(apart),
    )
    return lens


def typed(lm: LanguageModel, text: str) -> int:
    """The id of a token that somebody types: "#7042", or its text, which is looked up with a space before it first.

    Raises:
        InputError: no single token of the model says this.
    """
    lm.check_text(text, "token to follow")
    size = int(lm.model.get_output_embeddings().weight.shape[0])
    if text[0] == "#" and text[1:].isascii() and text[1:].isdecimal() and len(text) < TYPED:
        if int(text[1:]) < size:
            return int(text[1:])
        raise InputError(f"{lm.name} has no token {text}; its ids go from #0 to #{size - 1}.")
    if len(text) <= TYPED:
        for way in (text, text[1:]) if text[0] == " " else (f" {text}", text):
            ids = lm.tokenizer(way, add_special_tokens=False)["input_ids"] if way else []
            if len(ids) == 1:
                return int(ids[0])
    raise InputError(
        f"{catalog.shown(text)} is no single token of {lm.name}; name the first of its tokens, or one by its id, "
        "such as #42."
    )


def _unreadable(lm: LanguageModel) -> InputError:
    return InputError(
        f"Between the last layer of {lm.name} and its logits stands more than a norm and a head, so that earlier "
        "layers can't be read the same way; choose another model."
    )


class _Stream:
    """While it lasts, the residual stream of one pass is noted; hold `lm.lock` around it."""

    def __init__(self, lm: LanguageModel) -> None:
        self._lm = lm
        self._states: list[torch.Tensor] = []
        self._read: torch.Tensor | None = None  # what the head read
        self._candidates: list[tuple[torch.nn.Module, Any, Any]] = []
        self._handles: list[Any] = []

    def __enter__(self) -> _Stream:
        blocks = self._lm.blocks()
        if not blocks:
            raise InputError(f"{self._lm.name} doesn't keep its layers in one list; choose another model.")
        inside = {id(module) for block in blocks for module in block.modules()}
        try:
            self._handles.append(blocks[0].register_forward_pre_hook(lambda _module, given: self._state(given)))
            for block in blocks:
                self._handles.append(block.register_forward_hook(lambda _module, _given, output: self._state(output)))
            for module in self._lm.model.base_model.modules():
                if id(module) not in inside and not list(module.children()):
                    self._handles.append(module.register_forward_hook(self._notes))
            head = self._lm.model.get_output_embeddings()
            self._handles.append(head.register_forward_pre_hook(self._heads))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _state(self, found: Any) -> None:
        self._states.append(found if isinstance(found, torch.Tensor) else found[0])

    def _notes(self, module: torch.nn.Module, given: tuple[Any, ...], output: Any) -> None:
        if given and isinstance(output, torch.Tensor):
            self._candidates.append((module, given[0], output))

    def _heads(self, _module: Any, given: tuple[Any, ...]) -> None:
        self._read = given[0]

    def residuals(self) -> torch.Tensor:
        """[layer + 1, position, dimension]."""
        if len({state.shape for state in self._states}) != 1:
            raise _unreadable(self._lm)
        return torch.cat(self._states)

    def norm(self) -> torch.nn.Module | None:
        """What stands between the last layer and the head; None: nothing does."""
        last = self._states[-1]
        if self._read is None:
            raise _unreadable(self._lm)
        for module, given, output in self._candidates:
            if given is last and output.data_ptr() == self._read.data_ptr():
                return module
        if last.data_ptr() == self._read.data_ptr():
            return None
        raise _unreadable(self._lm)


def _lens(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    lm.check_next_token()
    follow = settings.get("follow", "")
    return logit_lens(
        lm,
        request.text,
        [typed(lm, follow)] if follow else [],
        first=numbers_in.whole(settings, "first", "-1"),
        count=numbers_in.whole(settings, "count", "0") or None,
        progress=progress,
    ).trace


# What the engine runs for a request, by the name of its analysis. Settings: follow (as `typed` reads it); first and
# count (as `logit_lens` takes them; left out: all positions).
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"lens": _lens}

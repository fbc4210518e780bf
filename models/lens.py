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

from models.traces import InputError, LensTrace, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

TOP: Final = 10
BATCH: Final = 1 << 23  # logits that are held at once
TOLERANCE: Final = 1e-4  # largest difference from the model's own logits, as a share of their largest magnitude


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
            return self._read(self.residuals[layer]).cpu().numpy()

    def top(self, k: int = TOP) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k most likely tokens of every layer and position: ids and probabilities, [layer + 1, position, k]."""
        found = self.scan(k, torch.empty(0, self.residuals.shape[1], dtype=torch.long))
        return found[0], found[1]

    def _read(self, residuals: torch.Tensor) -> torch.Tensor:
        """Float32 [..., vocabulary] what the model's own norm and head make of them."""
        normed = residuals[None] if self._norm is None else self._norm(residuals[None])
        logits: torch.Tensor = self._lm.model.get_output_embeddings()(normed)[0].float()
        cap = getattr(self._lm.config, "final_logit_softcapping", None)
        return cap * torch.tanh(logits / cap) if cap else logits

    def scan(
        self, k: int, chosen: torch.Tensor, progress: Progress | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """Goes once through the logits of all layers, some layers at a time.

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
        step = max(1, BATCH // (positions * size))
        found: list[tuple[torch.Tensor, ...]] = []
        with torch.inference_mode():
            for start in range(0, layers, step):
                if progress is not None:
                    progress(f"Reading layer {start} of {layers - 1}", start / layers)
                logits = self._read(self.residuals[start : start + step].flatten(0, 1)).unflatten(0, (-1, positions))
                best, ids = logits.topk(min(k, size))
                # [token, layer, position]
                own = logits.gather(2, chosen.T.expand(len(logits), -1, -1)).permute(2, 0, 1)
                ranks = [torch.count_nonzero(logits > each[..., None], dim=-1) for each in own]
                peak = best[..., :1]
                powers = torch.exp(logits.sub_(peak))
                total = powers.sum(-1, keepdim=True)
                # H = log total - sum p (logit - peak)
                entropy = total.log()[..., 0] - torch.linalg.vecdot(powers, logits) / total[..., 0]
                share = torch.exp(own - peak[..., 0]) / total[..., 0]
                found.append(
                    (
                        ids,
                        torch.exp(best - peak) / total,
                        entropy / np.log(2),
                        share,
                        torch.stack(ranks) if ranks else own.long(),
                    )
                )
        axes = (0, 0, 0, 1, 1)  # of the layers
        joined = [torch.cat(each, dim=axis) for each, axis in zip(zip(*found, strict=True), axes, strict=True)]
        arrays = [each.cpu().numpy() for each in joined]
        return arrays[0], arrays[1], arrays[2], arrays[3], arrays[4]


def logit_lens(
    lm: LanguageModel, text: str, chosen: Sequence[int] = (), *, k: int = TOP, progress: Progress | None = None
) -> Lens:
    """Reads the residual stream of one pass through the model's final norm and head, after every layer.

    Args:
        lm: a model that predicts a next token.
        text: what it reads.
        chosen: ids of tokens that are followed at every position, beside the one that the model says there at last.
        k: how many of the most likely tokens are kept.
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
    with lm.lock, _Stream(lm) as stream:
        own = lm.logits(encoding.inputs, progress)
    lens = Lens(lm, stream.residuals(), stream.norm())
    with torch.inference_mode():
        apart = (lens._read(lens.residuals[-1]) - own).abs().max() / own.abs().max()
        if apart > TOLERANCE:
            raise _unreadable(lm)
        final = own.argmax(-1)
        followed = torch.tensor(chosen, dtype=torch.long, device=lm.device)[:, None].expand(-1, len(final))
        followed = torch.cat([final[None], followed])
    ids, probabilities, entropies, shares, ranks = lens.scan(k, followed, progress)
    lens.trace = LensTrace(
        source=lm.source(text),
        token_table=encoding.token_table,
        ids=ids,
        probabilities=probabilities,
        entropies=entropies,
        followed=followed.cpu().numpy(),
        followed_probabilities=shares,
        followed_ranks=ranks,
        difference=float(apart),
    )
    return lens


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
    asked = dict(request.settings).get("chosen", "")
    try:
        chosen = [int(token) for token in asked.split(",") if token]
    except ValueError as error:
        raise InputError(f"The chosen tokens are {asked[:40]!r}; they must be ids with commas between.") from error
    return logit_lens(lm, request.text, chosen, progress=progress).trace


# What the engine runs for a request, by the name of its analysis. Settings: chosen (ids, with commas between).
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"lens": _lens}

"""How is a pass watched without changing it?

Plain forward hooks on the shared model note what enters and leaves each part that its family names. What no module
gives out (the queries and keys as they are multiplied, the scores under the mask) is seen on its way through
torch.matmul and softmax by a torch-function mode, which is on only while an attention runs, for this thread alone. All
of it is gone when the block ends, however it ends.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import torch
from torch.overrides import TorchFunctionMode

from models.traces import InputError

if TYPE_CHECKING:
    from types import TracebackType

    from models.adapters import Family
    from models.language_model import LanguageModel

MAX_BYTES: Final = 256 << 20  # of all that is held; 64 tokens of SmolLM2 have 110 million


@dataclass(frozen=True)
class _Stage:
    """A tensor of every layer, and where it is seen."""

    name: str
    path: str  # of a part of the block; "": the block itself
    side: Literal["in", "out"]
    whole: bool = False  # all tokens are held, and not only those asked for


def _stages(family: Family) -> list[_Stage]:
    """What hooks see of a layer."""
    after = family.norms == "after"
    apart = not family.fused
    found = [
        _Stage("input", "", "in"),
        _Stage("attention.norm", family.norm_attention, "out"),
        _Stage("attention.fused", family.fused, "out", whole=True),
        _Stage("attention.query", family.query, "out"),
        _Stage("attention.key", family.key, "out", whole=True),
        _Stage("attention.value", family.value, "out", whole=True),
        _Stage("attention.query_norm", family.query_norm, "out"),
        _Stage("attention.key_norm", family.key_norm, "out", whole=True),
        _Stage("attention.mixed", family.output, "in"),
        _Stage("attention.output", family.output, "out"),
        _Stage("attention.residual", family.norm_attention_after if after else family.norm_mlp, "in"),
        _Stage("attention.norm_after", family.norm_attention_after, "out"),
        _Stage("mlp.norm", family.norm_mlp, "out"),
        _Stage("mlp.gate", family.gate, "out"),
        _Stage("mlp.up", family.up, "out"),
        _Stage("mlp.activation", family.activation, "out"),
        _Stage("mlp.product", family.down if family.gate else "", "in"),
        _Stage("mlp.output", family.down, "out"),
        _Stage("mlp.residual", family.norm_mlp_after if after else "", "in" if after else "out"),
        _Stage("mlp.norm_after", family.norm_mlp_after, "out"),
    ]
    of_block = ("input", "mlp.residual")
    left_out = {"attention.residual"} if family.norms == "parallel" else set()
    left_out |= {"attention.fused"} if apart else {"attention.query", "attention.key", "attention.value"}
    return [stage for stage in found if (stage.path or stage.name in of_block) and stage.name not in left_out]


class Capture:
    """While it lasts, it holds the tensors of one pass of one text; hold `lm.lock` around it.

    Attributes:
        layers: {stage: [layer] [token, ...] or, of heads, [head, token, token]}.
        body: {path: (input, output)} of the parts around the layers, [token, dimension] each.
        rotation: RoPE's cosines and sines, [token, turned] each.
        last: [token, dimension] what leaves the last layer.
    """

    def __init__(
        self, lm: LanguageModel, family: Family, kept: slice, tokens: int, only: frozenset[str] | None = None
    ) -> None:
        """`kept` are the positions to hold, of so many tokens; `only` the stages, by name (None: all there are)."""
        self._lm, self._family, self._kept, self._only = lm, family, kept, only
        self._all = kept == slice(0, tokens)
        self.layers: dict[str, list[torch.Tensor]] = {}
        self.body: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        self.rotation: tuple[torch.Tensor, torch.Tensor] = (torch.empty(0), torch.empty(0))
        self._between = _Between()
        self._bytes = 0
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        family, body = self._family, self._lm.model.base_model
        try:
            for path in (
                family.embedding,
                family.positions,
                family.segments,
                family.embedding_norm,
                family.final_norm,
            ):
                if path:
                    self._hook(body.get_submodule(path), self._note(path))
            if family.rotary:
                self._hook(body.get_submodule(family.rotary), self._rotates)
            by_path: dict[str, list[_Stage]] = {}
            for stage in _stages(family):
                if self._only is None or stage.name in self._only:
                    by_path.setdefault(stage.path, []).append(stage)
            for block in body.get_submodule(family.blocks):
                for path, stages in by_path.items():
                    self._hook(block.get_submodule(path), self._take(stages))
                if self._only is not None:
                    continue
                attention = block.get_submodule(family.attention)
                self._ending.callback(attention.register_forward_pre_hook(self._between.begins).remove)
                self._hook(attention, self._attends)
            self._ending.callback(self._between.ends)
        except BaseException:
            self._ending.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.close()

    def _hook(self, module: torch.nn.Module, hook: Callable[..., None]) -> None:
        self._ending.callback(module.register_forward_hook(hook).remove)

    def _note(self, path: str) -> Callable[..., None]:
        def hook(_module: Any, arguments: tuple[Any, ...], output: torch.Tensor) -> None:
            self.body[path] = (arguments[0][0] if arguments else output[0], output[0])

        return hook

    def _rotates(self, _module: Any, _arguments: Any, output: tuple[torch.Tensor, torch.Tensor]) -> None:
        self.rotation = (output[0][0], output[1][0])

    def _take(self, stages: list[_Stage]) -> Callable[..., None]:
        def hook(_module: Any, arguments: tuple[Any, ...], output: Any) -> None:
            for stage in stages:
                seen = arguments[0] if stage.side == "in" else output
                seen = seen if isinstance(seen, torch.Tensor) else seen[0]  # BLOOM's block gives its weights too
                seen = seen[0] if seen.dim() > 2 else seen  # OPT's MLP has no batch around the tokens
                self._hold(stage.name, seen if stage.whole or self._all else seen[self._kept].clone())

        return hook

    def _attends(self, _module: Any, _arguments: Any, output: tuple[Any, ...]) -> None:
        self._between.ends()
        found = {"attention.scores": self._between.masked[0], "attention.weights": output[1][0]}
        if self._family.rotary:
            query, key = self._between.multiplied
            found["attention.query_rotated"] = query[0]
            self._hold("attention.key_rotated", key[0].permute(2, 0, 1))
        for name, tensor in found.items():
            self._hold(name, tensor if self._all else tensor[:, self._kept].clone())

    def _hold(self, name: str, tensor: torch.Tensor) -> None:
        self._bytes += tensor.nbytes
        if self._bytes > MAX_BYTES:
            raise InputError(
                f"The tensors of all tokens take more than {MAX_BYTES >> 20} MB; choose one token, or a shorter text."
            )
        self.layers.setdefault(name, []).append(tensor)


class _Between(TorchFunctionMode):
    """Notes the last product before a softmax, and what the softmax is given."""

    multiplied: tuple[torch.Tensor, torch.Tensor]
    masked: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self._on = False
        self._last: tuple[Any, ...] = ()

    def begins(self, _module: Any, _arguments: Any) -> None:
        self.__enter__()
        self._on = True

    def ends(self) -> None:
        if self._on:
            self._on = False
            self.__exit__(None, None, None)

    def __torch_function__(
        self, function: Any, _types: Any, arguments: tuple[Any, ...] = (), named: dict[str, Any] | None = None
    ) -> Any:
        if function is torch.matmul:
            self._last = arguments
        elif function is torch.nn.functional.softmax:
            self.masked = arguments[0]
            if self._last:
                self.multiplied = (self._last[0], self._last[1])
        return function(*arguments, **(named or {}))

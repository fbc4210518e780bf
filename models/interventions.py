"""What happens when a part of the model is switched off?

    with interventions.changed(lm, [Part("head", 3, 2)]):
        lm.logits(inputs)                           # the third head of layer 3 writes nothing

A part (models/switched_off.py) is a head, what a layer's attention or MLP writes, or a whole layer (it leaves what
enters it): its output is multiplied by `scale`; 0 switches it off, 1 changes nothing. Or it is an edge of the
attention, which is cut: the query's score for that key gets the mask's value before the softmax, so that the weights of
the other keys are scaled to sum to 1 again. Hooks do it, inside a `with`, and only for the thread that wrote the
`with`: passes of other threads meet them and stay what they are. Nothing is written on the shared model.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from models import adapters, switched_off
from models.switched_off import Kind, Part
from models.traces import InputError

if TYPE_CHECKING:
    from models.language_model import LanguageModel

__all__ = ["Kind", "Part", "changed", "scaling", "written"]

Scale = float | torch.Tensor  # of all rows of a batch, or [row]


@contextmanager
def changed(lm: LanguageModel, parts: Sequence[Part]) -> Iterator[None]:
    """While it lasts, these parts write `scale` times what they would, and these edges are cut, in this thread.

    Raises:
        InputError: the model has no such part, its family has no adapter, or (from a pass inside) an edge that is cut
            was the last that a token had.
    """
    family = adapters.of(lm)
    switched_off.check(parts, lm.name, lm.layers, lm.heads)
    if not all(np.isfinite(part.scale) for part in parts):
        raise InputError("A part is multiplied by a number, such as 0 or 0.5.")
    scales: list[tuple[Part, Scale]] = [(part, part.scale) for part in parts if part.edge is None and part.scale != 1]
    edges: dict[int, list[Part]] = {}
    for part in parts:
        if part.edge is not None:
            edges.setdefault(part.layer, []).append(part)
    with switched_off.noted(lm, parts), _Hooks(lm) as hooks:
        hooks.scale(family, scales)
        hooks.cut(family, edges)
        yield


@contextmanager
def scaling(lm: LanguageModel, scales: Sequence[tuple[Part, torch.Tensor]]) -> Iterator[None]:
    """While it lasts, each of these parts writes so many times what it would in each row [row] of a batch."""
    with _Hooks(lm) as hooks:
        hooks.scale(adapters.of(lm), scales)
        yield


def written(family: adapters.Family, kind: str) -> str:
    """The path of the module that writes what an attention or MLP adds to the stream: its own norm where it has one."""
    if family.norms == "around":
        return family.norm_attention_after if kind == "attention" else family.norm_mlp_after
    return family.output if kind == "attention" else family.down


class _Hooks:
    """Hooks that act in one thread; they come and go while no pass runs."""

    def __init__(self, lm: LanguageModel) -> None:
        self._lm = lm
        self._blocks: Any = None
        self._handles: list[Any] = []
        self._thread: int | None = threading.get_ident()

    def __enter__(self) -> _Hooks:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread = None  # a copy of the model that somebody made meanwhile has copies of the hooks
        if self._handles:
            with self._lm.lock:
                for handle in self._handles:
                    handle.remove()

    def _here(self, hook: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given: hook(*given) if threading.get_ident() == self._thread else None

    def scale(self, family: adapters.Family, scales: Sequence[tuple[Part, Scale]]) -> None:
        """Has these parts multiplied."""
        if not scales:
            return
        blocks: Any = self._lm.model.base_model.get_submodule(family.blocks)
        with self._lm.lock:
            for part, scale in scales:
                block = blocks[part.layer]
                if part.kind == "layer":
                    handle = block.register_forward_hook(self._here(_layer(scale)))
                elif part.kind == "head":
                    module = block.get_submodule(family.output)
                    handle = module.register_forward_pre_hook(self._here(_head(part.head, scale, self._lm.heads)))
                else:
                    module = block.get_submodule(written(family, part.kind))
                    handle = module.register_forward_hook(self._here(_scaled(scale)))
                self._handles.append(handle)

    def cut(self, family: adapters.Family, edges: dict[int, list[Part]]) -> None:
        """Has these edges [layer] cut."""
        if not edges:
            return
        body = self._lm.model.base_model
        blocks: Any = body.get_submodule(family.blocks)
        around = body.get_submodule(family.blocks.rpartition(".")[0])
        places = _Places()
        with self._lm.lock:
            self._handles.append(around.register_forward_pre_hook(self._here(places.note), with_kwargs=True))
            for layer, parts in edges.items():
                module = blocks[layer].get_submodule(family.attention)
                hook = _edges(parts, self._lm.heads, places, inspect.signature(module.forward))
                self._handles.append(module.register_forward_pre_hook(self._here(hook), with_kwargs=True))


def _rows(scale: Scale, tensor: torch.Tensor) -> Scale:
    """A scale for each row of a batch, so that it can be multiplied; OPT's MLP has no batch around the tokens."""
    if isinstance(scale, float):
        return scale
    each = scale.to(tensor).repeat_interleave(tensor.shape[0] // len(scale))
    return each.reshape(-1, *[1] * (tensor.dim() - 1))


def _scaled(scale: Scale) -> Callable[..., torch.Tensor]:
    return lambda _module, _arguments, output: output * _rows(scale, output)


def _layer(scale: Scale) -> Callable[..., Any]:
    def hook(_module: Any, arguments: tuple[Any, ...], output: Any) -> Any:
        left = output if isinstance(output, torch.Tensor) else output[0]
        left = arguments[0] + _rows(scale, left) * (left - arguments[0])
        return left if isinstance(output, torch.Tensor) else (left, *output[1:])

    return hook


def _head(head: int, scale: Scale, heads: int) -> Callable[..., tuple[torch.Tensor]]:
    def hook(_module: Any, arguments: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        mixed = arguments[0].unflatten(-1, (heads, -1)).clone()
        mixed[..., head, :] *= _rows(scale, mixed[..., head, :])
        return (mixed.flatten(-2),)

    return hook


class _Places:
    """Where the tokens of a pass stand in their texts: behind what the cache holds, and behind their padding."""

    def __init__(self) -> None:
        self.past = 0  # tokens that the cache holds
        self.last: torch.Tensor | None = None  # [row or 1] the position of the last token, where the pass says it

    def note(self, _module: Any, _arguments: Any, named: dict[str, Any]) -> None:
        cache, positions = named.get("past_key_values"), named.get("position_ids")
        self.past = 0 if cache is None else int(cache.get_seq_length())
        self.last = None if positions is None else positions[:, -1]


def _edges(parts: list[Part], heads: int, places: _Places, signature: inspect.Signature) -> Callable[..., Any]:
    def hook(_module: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        given = signature.bind(*arguments, **named)
        states, mask = next(iter(given.arguments.values())), given.arguments.get("attention_mask")
        rows, queries = states.shape[:2]
        total = places.past + queries
        keys = total if mask is None else mask.shape[-1]  # a window's cache holds the last ones only
        least = torch.finfo(states.dtype).min
        before = states.new_zeros(1, 1, 1, keys) if mask is None else mask
        before = before.expand(rows, -1, queries, -1)
        shift = states.new_zeros(rows, dtype=torch.long)
        if places.last is not None:
            shift = total - 1 - places.last.expand(rows)
        at = torch.arange(queries, device=states.device) + total - queries - shift[:, None]  # [row, query]
        seen = torch.arange(keys, device=states.device) + total - keys - shift[:, None]  # [row, key]
        after = before.expand(-1, heads, -1, -1).clone()
        for part in parts:
            query, key = part.edge or (-1, -1)
            place = (at == query)[:, None, :, None] & (seen == key)[:, None, None, :]
            which = slice(part.head, part.head + 1) if part.kind == "head" else slice(None)
            after[:, which] = after[:, which].masked_fill(place, least)
        nothing = (after <= least / 2).all(-1) & (before > least / 2).any(-1)
        if nothing.any():
            _, head, query = (int(each) for each in nothing.nonzero()[0])
            raise InputError(
                f"In head {parts[0].layer}.{head}, token {int(at[0, query])} may look at nothing any more; leave it "
                "one token to look at, or switch the head off."
            )
        given.arguments["attention_mask"] = after
        return given.args, given.kwargs

    return hook

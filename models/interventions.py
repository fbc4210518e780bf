"""What happens when a part of the model is switched off, or given what it would have had in another text?

    with interventions.changed(lm, [interventions.Part("head", 3, 2)]):
        lm.logits(inputs)                           # the third head of layer 3 writes nothing

A part is a head, what a layer's attention or MLP writes, or a whole layer (it leaves what enters it). Its output is
multiplied by `scale`: 0 switches it off, 1 changes nothing. `patch` runs one prompt again and again, each time with the
output of one layer at one position taken from another prompt (activation patching: Meng et al., "Locating and Editing
Factual Associations in GPT", 2022, arXiv:2202.05262), many positions in one batch. Hooks do it, inside a `with` that
holds the model's lock; nothing is written on the shared model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import torch

from models import adapters
from models.traces import ChangedTrace, InputError, PatchingTrace

if TYPE_CHECKING:
    from models.language_model import LanguageModel
    from models.progress import Progress

Kind = Literal["head", "attention", "mlp", "layer"]
What = Literal["residual", "attention", "mlp"]
PATCHED: Final = ("residual", "attention", "mlp")
TOKENS: Final = 1_024  # in one batch, at most


@dataclass(frozen=True)
class Part:
    """Something of the model whose output is scaled."""

    kind: Kind
    layer: int
    head: int = 0  # of a head
    scale: float = 0.0

    def __str__(self) -> str:
        place = f"{self.kind} {self.layer}.{self.head}" if self.kind == "head" else f"{self.kind} {self.layer}"
        return f"{place} x {self.scale:g}"


@contextmanager
def changed(lm: LanguageModel, parts: Sequence[Part]) -> Iterator[None]:
    """While it lasts, these parts write `scale` times what they would; no other thread's pass meets the hooks.

    Raises:
        InputError: the model has no such part, or its family has no adapter.
    """
    family = adapters.of(lm)
    for part in parts:
        if not 0 <= part.layer < lm.layers or (part.kind == "head" and not 0 <= part.head < lm.heads):
            raise InputError(
                f"{lm.name} has {lm.layers} layers of {lm.heads} heads, and so no {str(part).partition(' x')[0]}."
            )
        if not np.isfinite(part.scale):
            raise InputError("A part is multiplied by a number, such as 0 or 0.5.")
    blocks: Any = lm.model.base_model.get_submodule(family.blocks)
    with lm.lock:
        handles: list[Any] = []
        try:
            for part in parts:
                if part.scale == 1:
                    continue
                block = blocks[part.layer]
                if part.kind == "layer":
                    handles.append(block.register_forward_hook(_layer(part.scale)))
                elif part.kind == "head":
                    module = block.get_submodule(family.output)
                    handles.append(module.register_forward_pre_hook(_head(part, lm.heads)))
                else:
                    module = block.get_submodule(_written(family, part.kind))
                    handles.append(module.register_forward_hook(_scaled(part.scale)))
            yield
        finally:
            for handle in handles:
                handle.remove()


def _written(family: adapters.Family, kind: str) -> str:
    """The path of what an attention or MLP adds to the stream, behind its own norm where it has one."""
    if family.norms == "around":
        return family.norm_attention_after if kind == "attention" else family.norm_mlp_after
    return family.output if kind == "attention" else family.down


def _scaled(scale: float) -> Callable[..., torch.Tensor]:
    return lambda _module, _arguments, output: output * scale


def _layer(scale: float) -> Callable[..., Any]:
    def hook(_module: Any, arguments: tuple[Any, ...], output: Any) -> Any:
        left = output if isinstance(output, torch.Tensor) else output[0]
        left = arguments[0] + scale * (left - arguments[0])
        return left if isinstance(output, torch.Tensor) else (left, *output[1:])

    return hook


def _head(part: Part, heads: int) -> Callable[..., tuple[torch.Tensor]]:
    def hook(_module: Any, arguments: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        mixed = arguments[0].unflatten(-1, (heads, -1)).clone()
        mixed[..., part.head, :] *= part.scale
        return (mixed.flatten(-2),)

    return hook


def trial(lm: LanguageModel, text: str, parts: Sequence[Part], *, progress: Progress | None = None) -> ChangedTrace:
    """The next token behind a text, with the model as it is and with these parts changed.

    Raises:
        InputError: as `changed`; the text can't be used, or the model predicts no next token.
    """
    lm.check_next_token()
    encoding = lm.encode(text)
    with changed(lm, parts):
        after = lm.logits(encoding.inputs, progress)[-1].float()
    before = lm.logits(encoding.inputs, progress)[-1].float()
    logits = torch.stack([before, after]).cpu().numpy()
    return ChangedTrace(lm.source(text), encoding.token_table, tuple(map(str, parts)), logits)


def patch(
    lm: LanguageModel,
    text: str,
    other: str,
    *,
    what: What = "residual",
    token: int | None = None,
    rival: int | None = None,
    progress: Progress | None = None,
) -> PatchingTrace:
    """How much of the other prompt's answer each of its tensors carries over.

    Args:
        lm: a model that predicts a next token.
        text: the prompt that runs.
        other: the prompt whose tensors are put in its place, of as many tokens.
        what: the stream behind a layer, or what its attention or its MLP writes.
        token: whose logit behind the prompt is watched; None: the other prompt's likeliest.
        rival: against whose; None: the likeliest of the prompt that runs, or its second where that is `token`.
        progress: called before each batch; may raise `Cancelled`.

    Raises:
        InputError: the prompts differ in length or can't be used, the model predicts no next token or its family has
            no adapter, or a token doesn't exist.
    """
    if what not in PATCHED:
        raise InputError(f"What is patched is one of {', '.join(PATCHED)}.")
    lm.check_next_token()
    family = adapters.of(lm)
    first, second = lm.encode(text), lm.encode(other)
    count = len(first.ids)
    if len(second.ids) != count:
        raise InputError(
            f"The prompts have {count:,} and {len(second.ids):,} tokens; a token takes the place of one at the same "
            "position, so write two of the same length."
        )
    blocks: Any = lm.model.base_model.get_submodule(family.blocks)
    path = "" if what == "residual" else _written(family, what)
    modules = [block.get_submodule(path) for block in blocks]
    kept: list[torch.Tensor] = []
    with lm.lock:
        with _hooked(modules, lambda _number: lambda _module, _given, output: kept.append(_first(output))):
            given = lm.logits(second.inputs)[-1].float()
        own = lm.logits(first.inputs)[-1].float()
    size = len(own)
    if any(each is not None and not 0 <= each < size for each in (token, rival)):
        raise InputError(f"{lm.name} has {size:,} tokens; choose two with ids from 0 to {size - 1:,}.")
    token = int(given.argmax()) if token is None else token
    if rival is None:
        rival = next(each for each in own.topk(2).indices.tolist() if each != token)

    pairs = [(layer, position) for layer in range(lm.layers) for position in range(count)]
    found: list[torch.Tensor] = []
    rows = max(1, TOKENS // count)
    for start in range(0, len(pairs), rows):
        if progress is not None:
            progress(f"Patching layer {pairs[start][0] + 1} of {lm.layers}", start / len(pairs))
        found.append(_batch(lm, first.ids, modules, kept, pairs[start : start + rows], (token, rival)))
    return PatchingTrace(
        source=lm.source(text, other),
        token_table=first.token_table,
        other_table=second.token_table,
        what=what,
        token=token,
        rival=rival,
        before=float(own[token] - own[rival]),
        other=float(given[token] - given[rival]),
        patched=torch.cat(found).reshape(lm.layers, count).cpu().numpy(),
    )


def _batch(
    lm: LanguageModel,
    ids: torch.Tensor,
    modules: list[torch.nn.Module],
    kept: list[torch.Tensor],
    pairs: list[tuple[int, int]],
    tokens: tuple[int, int],
) -> torch.Tensor:
    """Float32 [pair] the difference of the two tokens' logits, each with one tensor from the other prompt."""

    def place(number: int) -> Callable[..., Any]:
        own = [(row, position) for row, (layer, position) in enumerate(pairs) if layer == number]
        rows = [row for row, _ in own]
        positions = [position for _, position in own]

        def hook(_module: Any, _given: Any, output: Any) -> Any:
            if not own:
                return output
            # OPT's MLP has no batch around the tokens.
            left = _first(output)
            changed = left.clone().view(len(pairs), -1, left.shape[-1])
            changed[rows, positions] = kept[number].reshape(-1, left.shape[-1])[positions]
            changed = changed.view(left.shape)
            return changed if isinstance(output, torch.Tensor) else (changed, *output[1:])

        return hook

    with lm.lock, _hooked(modules, place):
        logits = lm.next_logits(ids.expand(len(pairs), -1), None)[0][:, -1]
    return logits[:, tokens[0]] - logits[:, tokens[1]]


def _first(output: Any) -> torch.Tensor:
    """A layer's hidden states; BLOOM's gives its weights too."""
    found: torch.Tensor = output if isinstance(output, torch.Tensor) else output[0]
    return found


@contextmanager
def _hooked(modules: list[torch.nn.Module], hook: Callable[[int], Callable[..., Any]]) -> Iterator[None]:
    """While it lasts, each module has its hook."""
    handles: list[Any] = []
    try:
        for number, module in enumerate(modules):
            handles.append(module.register_forward_hook(hook(number)))
        yield
    finally:
        for handle in handles:
            handle.remove()

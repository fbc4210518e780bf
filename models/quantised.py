"""What does a model lose when one of its matrices is written with fewer bits, or with fewer weights?

Rounding, symmetric, in blocks of `block` neighbouring weights of a row (the whole row: 0), with b bits:

    scale = max |w| / (2^(b-1) - 1)      q = round(w / scale)      w' = q scale

Pruning by magnitude sets the smallest |w| of the whole matrix to zero (Han et al. 2015, arXiv:1506.02626). Blocks of 32
with a scale each are how GGUF's Q8_0 works (https://github.com/ggml-org/ggml). What it does to the next token is
measured, not estimated: the pass runs again with w' where the model would multiply by w. Nothing is written on the
model: a hook on the one module, held inside a `with`, puts its own product in the place of the module's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from models import prompts
from models.traces import InputError, QuantisedTrace

if TYPE_CHECKING:
    import torch

    from models.language_model import LanguageModel
    from models.progress import Progress

Method = Literal["round", "prune"]
BITS: Final = (8, 6, 5, 4, 3, 2)
BINS: Final = 201  # of the histograms; odd, so that one is around zero


def matrices(lm: LanguageModel) -> dict[str, tuple[int, int]]:
    """{path: shape} of every matrix that a module multiplies by or looks rows up in, each tied one once."""
    import torch

    found: dict[str, tuple[int, int]] = {}
    seen: set[int] = set()
    for path, module in lm.model.named_modules():
        weight = getattr(module, "weight", None)
        if _is_plain(module) and isinstance(weight, torch.Tensor) and weight.dim() == 2 and id(weight) not in seen:
            seen.add(id(weight))
            found[path] = (weight.shape[0], weight.shape[1])
    return found


def _is_plain(module: torch.nn.Module) -> bool:
    """Whether all it does with its weights is a product, or looking up the rows that it is asked for."""
    import torch

    if isinstance(module, torch.nn.Embedding):  # OPT's positions look up other rows than they are given
        return type(module).forward is torch.nn.Embedding.forward or hasattr(module, "embed_scale")
    return isinstance(module, torch.nn.Linear) or type(module).__name__ == "Conv1D"


def rounded(weights: torch.Tensor, bits: int, block: int = 32) -> torch.Tensor:
    """[row, column] the weights at so many bits; `block` 0: one scale a row.

    Raises:
        InputError: another number of bits, or blocks that aren't in a row.
    """
    import torch

    if bits not in BITS:
        raise InputError(f"A weight can have {', '.join(map(str, BITS[:-1]))} or {BITS[-1]} bits here.")
    if block and (block < 2 or weights.shape[1] % block):
        raise InputError(f"A row of {weights.shape[1]:,} weights has no whole blocks of {block}.")
    groups = weights.reshape(-1, block or weights.shape[1])
    scale = groups.abs().amax(dim=1, keepdim=True) / (2 ** (bits - 1) - 1)
    whole = torch.round(groups / torch.where(scale > 0, scale, 1))
    return (whole * scale).reshape(weights.shape)


def pruned(weights: torch.Tensor, share: float) -> torch.Tensor:
    """[row, column] the weights, the `share` with the smallest magnitude set to zero.

    Raises:
        InputError: a share below 0 or above 1.
    """
    import torch

    if not 0 <= share <= 1:
        raise InputError("The share of weights that are pruned goes from 0 to 1.")
    count = round(share * weights.numel())
    kept = weights.clone()
    smallest = torch.topk(weights.abs().flatten(), count, largest=False, sorted=False).indices
    kept.view(-1)[smallest] = 0
    return kept


def trial(
    lm: LanguageModel,
    matrix: str,
    text: str,
    *,
    method: Method = "round",
    bits: int = 4,
    block: int = 32,
    share: float = 0.5,
    progress: Progress | None = None,
) -> QuantisedTrace:
    """One matrix with fewer bits or weights, its error, and the next token behind `text` with and without.

    Args:
        lm: a model that predicts a next token.
        matrix: one of `matrices(lm)`.
        text: the prompt.
        method: whether weights are rounded or pruned.
        bits: of a rounded weight.
        block: neighbours in a row that share a scale; 0: the whole row.
        share: of the weights that are pruned.
        progress: called before each pass; may raise `Cancelled`.

    Raises:
        InputError: the model has no such matrix, or a setting is out of range.
    """
    import torch

    if matrix not in matrices(lm):
        raise InputError(f'{lm.name} has no matrix "{matrix[:80]}"; choose one from the list.')
    encoding = prompts.encode(lm, text)
    report = progress or (lambda sentence, fraction: None)
    with torch.inference_mode():
        before: torch.Tensor = lm.model.get_submodule(matrix).weight.float()
        after = rounded(before, bits, block) if method == "round" else pruned(before, share)
        error = after - before
        edge = float(before.abs().max())
        counts = [np.histogram(each.cpu().numpy(), BINS, (-edge, edge))[0] for each in (before, after)]
        report("Running the model as it is", 0.0)
        plain = lm.logits(encoding.inputs)[-1].float()
        report("Running it with the changed matrix", 0.5)
        with _in_place_of(lm, matrix, after.to(lm.model.dtype)):
            changed = lm.logits(encoding.inputs)[-1].float()
    return QuantisedTrace(
        source=lm.source(text),
        matrix=matrix,
        shape=(before.shape[0], before.shape[1]),
        method=method,
        bits=bits if method == "round" else 0,
        block=block if method == "round" else 0,
        share=share if method == "prune" else 0.0,
        edges=np.linspace(-edge, edge, BINS + 1),
        counts=np.stack(counts).astype(np.int64),
        error=float(error.pow(2).mean().sqrt()),
        size=float(before.pow(2).mean().sqrt()),
        largest=float(error.abs().max()),
        zeros=int((after == 0).sum()),
        logits=torch.stack([plain, changed]).cpu().numpy(),
    )


@contextmanager
def _in_place_of(lm: LanguageModel, matrix: str, weights: torch.Tensor) -> Iterator[None]:
    """While it lasts, every module that uses the matrix, tied ones too, multiplies by `weights` instead."""
    import torch
    from torch.nn import functional

    own = lm.model.get_submodule(matrix).weight

    def instead(module: Any, arguments: tuple[Any, ...], _output: Any) -> torch.Tensor:
        given: torch.Tensor = arguments[0]
        if isinstance(module, torch.nn.Embedding):
            return functional.embedding(given, weights, module.padding_idx) * getattr(module, "embed_scale", 1)
        if isinstance(module, torch.nn.Linear):
            return functional.linear(given, weights, module.bias)
        return given @ weights + module.bias  # transformers' Conv1D of GPT-2, [input, output]

    with lm.lock:  # nobody else's pass meets the hooks
        handles = [
            module.register_forward_hook(instead)
            for module in lm.model.modules()
            if getattr(module, "weight", None) is own
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

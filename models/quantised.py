"""What does a model lose when one of its matrices is written with fewer bits, or with fewer weights?

Rounding, symmetric, in blocks of `block` neighbouring weights of a row (the whole row: 0), with b bits:

    scale = max |w| / (2^(b-1) - 1)      q = round(w / scale)      w' = q scale

Pruning by magnitude sets the smallest |w| of the whole matrix to zero (Han et al. 2015, arXiv:1506.02626). Blocks of 32
with a scale each are how GGUF's Q8_0 works (https://github.com/ggml-org/ggml), only that it keeps its scales in 16 bits
and they have 32 here. What it does to the next token is measured, not estimated: the pass runs again with w' where the
model would multiply by w. Nothing is written on the model: a hook on the one module, held inside a `with`, puts its own
product in the place of the module's.
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
BLOCKS: Final = (32, 64, 128)  # neighbours that share a scale, as a page offers them
SHARES: Final = (0.1, 0.3, 0.5, 0.7, 0.9, 0.95)  # pruned, that are compared
BINS: Final = 401  # of the histograms; odd, so that one is around zero
NEIGHBOURS: Final = 32  # in whose blocks the most common formats of files keep few different values
LOOKED_AT: Final = 2**15  # such blocks, at most


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
        wide = weights.shape[1]
        whole = [str(each) for each in BLOCKS if wide % each == 0]
        would = f"blocks of {' or '.join(whole)}, or one scale a row" if whole else "one scale a row"
        raise InputError(f"A row of {wide:,} weights has no whole blocks of {block}; {would} would work.")
    groups = weights.reshape(-1, block or weights.shape[1])
    scale = _scales(groups, bits)
    return (torch.round(groups * (1 / scale)) * scale).reshape(weights.shape)


def _scales(groups: torch.Tensor, bits: int) -> torch.Tensor:
    """[group, 1] for [group, weight]; 1 where all weights are zero."""
    import torch

    largest = groups.abs().amax(dim=1, keepdim=True)
    return torch.where(largest > 0, largest / (2 ** (bits - 1) - 1), 1)


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


def theirs(weights: torch.Tensor, method: Method, *, bits: int, block: int, share: float) -> torch.Tensor:
    """[row, column] what torch's own functions make of the same weights, in place of `rounded` and `pruned`."""
    import torch
    from torch.nn.utils import prune

    weights = weights.cpu()  # their kernels aren't on every device
    if method == "prune":
        pruning = prune.L1Unstructured(amount=float(share))
        found: torch.Tensor = pruning.prune(weights)
        return found
    groups = weights.reshape(-1, block or weights.shape[1])
    most = 2 ** (bits - 1) - 1
    zeros = torch.zeros(len(groups), dtype=torch.int32)
    scales = _scales(groups, bits).flatten()
    return torch.fake_quantize_per_channel_affine(groups, scales, zeros, 0, -most, most).reshape(weights.shape)


def levels(weights: torch.Tensor) -> int:
    """How many different values a block of 32 neighbours in a row has, at most; 0: a row has no whole blocks.

    Weights that come from a file with 4 bits each have 16. Of a large matrix the first 32,768 blocks are looked at.
    """
    if weights.shape[1] % NEIGHBOURS or not weights.numel():
        return 0
    blocks = weights.reshape(-1, NEIGHBOURS)[:LOOKED_AT].sort(dim=1).values
    return 1 + int((blocks.diff(dim=1) != 0).sum(dim=1).max())


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
        progress: called before each step; may raise `Cancelled`.

    Raises:
        InputError: the model has no such matrix, or a setting is out of range.
    """
    import torch

    if matrix not in matrices(lm):
        raise InputError(f'{lm.name} has no matrix "{matrix[:80]}"; choose one from the list.')
    encoding = prompts.encode(lm, text)
    report = progress or (lambda sentence, fraction: None)
    report("Changing the matrix", 0.0)
    with torch.inference_mode():
        before: torch.Tensor = lm.model.get_submodule(matrix).weight.detach().float()
        after = rounded(before, bits, block) if method == "round" else pruned(before, share)
        report("Comparing with torch's own", 0.2)
        check = theirs(before, method, bits=bits, block=block, share=share).to(after.device) - after
        error = after - before
        edge = float(before.abs().max()) or 1.0
        # A rounded weight at an end can lie a last digit outside.
        within = (before, after.clamp(-edge, edge))
        counts = [np.histogram(each.cpu().numpy(), BINS, (-edge, edge))[0] for each in within]
        report("Running the model as it is", 0.4)
        plain = lm.logits(encoding.inputs)[-1].float()
        report("Running it with the changed matrix", 0.7)
        with _in_place_of(lm, matrix, after.to(lm.model.dtype)):
            changed = lm.logits(encoding.inputs)[-1].float()
        if not bool(torch.isfinite(plain + changed).all()):
            raise InputError("The model's scores are no longer finite with this change; choose a smaller one.")
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
        zeros=(int((before == 0).sum()), int((after == 0).sum())),
        levels=levels(before),
        check=float(check.abs().max()),
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

"""How many parameters has a network that one can draw whole, and the Transformer of the paper?

A layer of n inputs and m outputs has n m weights and m biases: 10-8-1 has 10*8 + 8 + 8*1 + 1 = 97 parameters. The
encoder-decoder is `torch.nn.Transformer` as Vaswani et al. 2017 (arXiv:1706.03762) sized it, with tables of embeddings
for both languages and an output head: counted by a formula, and built on the meta device and counted tensor by tensor.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from models.parameter_formulas import Formula, Line, summed
from models.traces import InputError

MOST_UNITS: Final = 64  # of a layer: more can't be drawn
MOST_LAYERS: Final = 6
MOST: Final = {"width": 4096, "heads": 64, "layers": 48, "mlp": 65536, "vocabulary": 1_000_000}

# Which tensors belong to which term of the formula; {} stands for "encoder" or "decoder".
_OF_A_LAYER: Final = {
    "{}: self-attention, queries, keys, values": r"self_attn\.in_proj_",
    "{}: self-attention, output": r"self_attn\.out_proj\.",
    "{}: cross-attention, queries, keys, values": r"multihead_attn\.in_proj_",
    "{}: cross-attention, output": r"multihead_attn\.out_proj\.",
    "{}: feed-forward, up": r"linear1\.",
    "{}: feed-forward, down": r"linear2\.",
    "{}: norms": r"norm\d\.",
}


def dense(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """[layer] weights and biases of a network of dense layers, such as [10, 8, 1].

    Raises:
        InputError: fewer than two layers of units, or more than can be drawn.
    """
    if not 2 <= len(sizes) <= MOST_LAYERS or not all(1 <= size <= MOST_UNITS for size in sizes):
        raise InputError(f"A network has 2 to {MOST_LAYERS} layers here, with 1 to {MOST_UNITS} units each.")
    return [(before * after, after) for before, after in itertools.pairwise(sizes)]


def built(sizes: Sequence[int]) -> int:
    """Parameters of the same network as torch builds it."""
    import torch
    from torch import nn

    with torch.device("meta"):
        whole = nn.Sequential(*(nn.Linear(before, after) for before, after in itertools.pairwise(sizes)))
    return sum(tensor.numel() for tensor in whole.parameters())


def encoder_decoder(
    width: int = 512, heads: int = 8, layers: int = 6, mlp: int = 2048, vocabulary: int = 10_000
) -> dict[str, tuple[int, ...]]:
    """{path: shape} of every tensor of `torch.nn.Transformer`, two embeddings and a head.

    Raises:
        InputError: sizes that no model has, or a width that the heads can't share.
    """
    check(width, heads, layers, mlp, vocabulary)
    import torch
    from torch import nn

    with torch.device("meta"):
        whole = nn.ModuleDict(
            {
                "source_embedding": nn.Embedding(vocabulary, width),
                "target_embedding": nn.Embedding(vocabulary, width),
                "transformer": nn.Transformer(width, heads, layers, layers, mlp, batch_first=True),
                "head": nn.Linear(width, vocabulary),
            }
        )
    return {path: tuple(tensor.shape) for path, tensor in whole.named_parameters()}


def check(width: int, heads: int, layers: int, mlp: int, vocabulary: int) -> None:
    """That there can be such a model.

    Raises:
        InputError: sizes that no model has, or a width that the heads can't share.
    """
    for (name, most), size in zip(MOST.items(), (width, heads, layers, mlp, vocabulary), strict=True):
        if not 1 <= size <= most:
            raise InputError(f"{name} is {size:,}, but it can be 1 to {most:,} here.")
    if width % heads:
        fitting = [number for number in range(1, MOST["heads"] + 1) if width % number == 0]
        nearest = min(fitting, key=lambda number: abs(number - heads))
        raise InputError(
            f"A width of {width:,} can't be shared evenly by {heads} heads: {nearest} would do, or a width of "
            f"{max(1, round(width / heads)) * heads:,}."
        )


def formula(width: int = 512, heads: int = 8, layers: int = 6, mlp: int = 2048, vocabulary: int = 10_000) -> Formula:
    """The same model matrix by matrix; the heads share the width and change no count.

    Raises:
        InputError: sizes that no model has, or a width that the heads can't share.
    """
    check(width, heads, layers, mlp, vocabulary)

    def lines() -> Iterator[Line]:
        yield "source embedding", "embedding", "V*d", 1
        yield "target embedding", "embedding", "V*d", 1
        for stack, attentions in (("encoder", ("self",)), ("decoder", ("self", "cross"))):
            for kind in attentions:
                yield f"{stack}: {kind}-attention, queries, keys, values", "attention", "3*d*d + 3*d", layers
                yield f"{stack}: {kind}-attention, output", "attention", "d*d + d", layers
            yield f"{stack}: feed-forward, up", "mlp", "d*m + m", layers
            yield f"{stack}: feed-forward, down", "mlp", "m*d + d", layers
            yield f"{stack}: norms", "norm", f"{len(attentions) + 1}*2*d", layers
            yield f"{stack}: final norm", "norm", "2*d", 1
        yield "output head", "head", "d*V + V", 1

    return summed({"d": width, "h": heads, "L": layers, "m": mlp, "V": vocabulary}, lines())


def term_of(path: str) -> str:
    """The name of the formula's term that a tensor of `encoder_decoder` belongs to."""
    whole, _, rest = path.partition(".")
    if whole != "transformer":
        return "output head" if whole == "head" else whole.replace("_", " ")
    stack, _, rest = rest.partition(".")
    if rest.startswith("norm."):
        return f"{stack}: final norm"
    own = rest.split(".", 2)[2]
    return next(name for name, start in _OF_A_LAYER.items() if re.match(start, own)).format(stack)


def by_term(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """{term of the formula: numbers in its tensors}, all layers together."""
    counts: dict[str, int] = {}
    for path, shape in shapes.items():
        name = term_of(path)
        counts[name] = counts.get(name, 0) + math.prod(shape)
    return counts

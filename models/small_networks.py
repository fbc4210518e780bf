"""How many parameters has a network that one can draw whole, and the Transformer of the paper?

A layer of n inputs and m outputs has n m weights and m biases: 10-8-1 has 10*8 + 8 + 8*1 + 1 = 97 parameters. The
encoder-decoder is `torch.nn.Transformer` as Vaswani et al. 2017 (arXiv:1706.03762) sized it, with tables of embeddings
for both languages and an output head; built on the meta device, and counted tensor by tensor.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from models.traces import InputError

MOST_UNITS: Final = 64  # of a layer: more can't be drawn
MOST_LAYERS: Final = 6


def dense(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """[layer] weights and biases of a network of dense layers, such as [10, 8, 1].

    Raises:
        InputError: fewer than two layers of units, or more than can be drawn.
    """
    if not 2 <= len(sizes) <= MOST_LAYERS or not all(1 <= size <= MOST_UNITS for size in sizes):
        raise InputError(f"A network has 2 to {MOST_LAYERS} layers here, with 1 to {MOST_UNITS} units each.")
    return [(before * after, after) for before, after in itertools.pairwise(sizes)]


def encoder_decoder(
    width: int = 512, heads: int = 8, layers: int = 6, mlp: int = 2048, vocabulary: int = 10_000
) -> dict[str, tuple[int, ...]]:
    """{path: shape} of every tensor of `torch.nn.Transformer`, two embeddings and a head.

    Raises:
        InputError: sizes that no model has, or a width that the heads can't share.
    """
    import torch
    from torch import nn

    limits = ((width, 4096), (heads, 64), (layers, 48), (mlp, 65536), (vocabulary, 1_000_000))
    if any(not 1 <= size <= most for size, most in limits) or width % heads:
        raise InputError("The heads must share the width evenly, and every size must be at least 1 and not enormous.")
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

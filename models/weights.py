"""What do the numbers in a model's matrices look like?

`matrix` gives one of them as a picture of means over tiles, with its distribution and its singular values (W = U S V^T;
how fast they fall says how many directions it really uses: the effective rank is e^H with H the entropy of S / sum S,
Roy and Vetterli 2007). `norms` goes through all layers: the root of the mean square of every matrix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from models import quantised
from models.traces import InputError, MatrixTrace, NormsTrace

if TYPE_CHECKING:
    from models.language_model import LanguageModel
    from models.progress import Progress

PIXELS: Final = 256  # a side of the picture, at most
BINS: Final = 201
SINGULAR: Final = 4_096  # the smaller side of a matrix whose singular values are computed, at most


def matrix(lm: LanguageModel, path: str) -> MatrixTrace:
    """One matrix: picture, distribution, singular values.

    Raises:
        InputError: the model has no such matrix.
    """
    import torch

    if path not in quantised.matrices(lm):
        raise InputError(f'{lm.name} has no matrix "{path[:80]}"; choose one from the list.')
    with torch.inference_mode():
        weights: torch.Tensor = lm.model.get_submodule(path).weight.float()
        size = (min(PIXELS, weights.shape[0]), min(PIXELS, weights.shape[1]))
        picture = torch.nn.functional.adaptive_avg_pool2d(weights[None], size)[0]
        largest = torch.nn.functional.adaptive_max_pool2d(weights.abs()[None], size)[0]
        edge = float(weights.abs().max())
        counts, edges = np.histogram(weights.cpu().numpy(), BINS, (-edge, edge))
        small = min(weights.shape) <= SINGULAR
        singular = torch.linalg.svdvals(weights) if small else torch.empty(0)
        deviation, mean = torch.std_mean(weights, correction=0)
    return MatrixTrace(
        source=lm.source(""),
        matrix=path,
        shape=(weights.shape[0], weights.shape[1]),
        picture=picture.cpu().numpy(),
        largest=largest.cpu().numpy(),
        edges=edges,
        counts=counts.astype(np.int64),
        singular=singular.cpu().numpy(),
        mean=float(mean),
        deviation=float(deviation),
    )


def norms(lm: LanguageModel, progress: Progress | None = None) -> NormsTrace:
    """The root of the mean square of every matrix, by kind and layer."""
    import torch

    found: dict[tuple[str, int], float] = {}
    paths = list(quantised.matrices(lm))
    for number, path in enumerate(paths):
        if progress is not None:
            progress(f"Matrix {number + 1} of {len(paths)}", number / len(paths))
        place = re.search(r"\.(\d+)\.", path)
        kind = re.sub(r"\.\d+\.", ".*.", path, count=1)
        with torch.inference_mode():
            weights = lm.model.get_submodule(path).weight.float()
            found[kind, int(place[1]) if place else -1] = float(weights.pow(2).mean().sqrt())
    kinds = tuple(dict.fromkeys(kind for kind, _ in found))
    values = np.full((len(kinds), lm.layers), np.nan)
    for (kind, layer), value in found.items():
        if layer < 0:
            values[kinds.index(kind), :] = value
        elif layer < lm.layers:
            values[kinds.index(kind), layer] = value
    single = tuple("*" not in kind for kind in kinds)
    return NormsTrace(source=lm.source(""), kinds=kinds, single=single, values=values)

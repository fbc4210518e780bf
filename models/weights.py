"""What do the numbers in a model's matrices look like?

`matrix` gives one of them as a picture of means over tiles, with its distribution and its singular values (W = U S V^T;
how fast they fall says how many directions it really uses: the effective rank is e^H with H the entropy of S / sum S,
Roy and Vetterli 2007). `norms` goes through all layers: the root of the mean square of every matrix.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from models import numbers_in, quantised
from models.traces import InputError, MatricesTrace, MatrixTrace, NormsTrace, Trace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

PIXELS: Final = 256  # a side of the picture, at most
BINS: Final = 201
SINGULAR: Final = 4_096  # the smaller side of a matrix whose singular values are computed, at most


def matrices(lm: LanguageModel) -> MatricesTrace:
    """The paths and shapes of all matrices that can be looked at."""
    found = quantised.matrices(lm)
    return MatricesTrace(source=lm.source(""), paths=tuple(found), shapes=tuple(found.values()))


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


def _matrices(lm: LanguageModel, _request: Request, _progress: Progress) -> Trace:
    return matrices(lm)


def _matrix(lm: LanguageModel, request: Request, _progress: Progress) -> Trace:
    return matrix(lm, dict(request.settings).get("matrix", ""))


def _norms(lm: LanguageModel, _request: Request, progress: Progress) -> Trace:
    return norms(lm, progress)


def _quantised(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    return quantised.trial(
        lm,
        settings.get("matrix", ""),
        request.text,
        method="prune" if settings.get("method") == "prune" else "round",
        bits=numbers_in.whole(settings, "bits", "4"),
        block=numbers_in.whole(settings, "block", "32"),
        share=numbers_in.decimal(settings, "share", "0.5"),
        progress=progress,
    )


# What the engine runs for a request, by the name of its analysis. Settings: matrix (its path); of "quantised" also
# method ("round" or "prune"), bits, block and share.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {
    "matrices": _matrices,
    "matrix": _matrix,
    "norms": _norms,
    "quantised": _quantised,
}

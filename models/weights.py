"""What do the numbers in a model's matrices look like?

`matrix` gives one of them, or a region of it, as a picture of tiles, with its distribution and its singular values
(W = U S V^T; how fast they fall says how many directions it really uses: the effective rank is e^H with H the entropy
of S / sum S, Roy and Vetterli 2007). They are the roots of the eigenvalues of W^T W, summed in float64 over slices of
the longer side: as exact as a decomposition of W in float32, and the embedding of a large vocabulary needs no copy.
`norms` goes through all layers: the root of the mean square of every matrix.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from models import numbers_in, quantised
from models.traces import Axes, InputError, MatricesTrace, MatrixTrace, NormsTrace, Region, Trace, WeightsTrace

if TYPE_CHECKING:
    import torch

    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

TILES: Final = 144  # a side of the picture, at most
BINS: Final = 201
SINGULAR: Final = 4_096  # the smaller side of a matrix whose singular values are computed, at most
SLICE: Final = 4_096  # of the longer side at once
FAR: Final = 4  # deviations
COMPARED: Final = 4_000_000  # weights of a matrix whose singular values torch finds, too
KEPT: Final = 12_500_000  # weights in a file: 50 MB


def matrices(lm: LanguageModel) -> MatricesTrace:
    """The paths and shapes of all matrices that can be looked at."""
    found = quantised.matrices(lm)
    return MatricesTrace(source=lm.source(""), paths=tuple(found), shapes=tuple(found.values()))


def matrix(
    lm: LanguageModel,
    path: str,
    rows: tuple[int, int] | None = None,
    columns: tuple[int, int] | None = None,
    progress: Progress | None = None,
) -> MatrixTrace:
    """One matrix or a region of it: picture, distribution, singular values.

    Args:
        lm: the model.
        path: one of `matrices(lm)`.
        rows: the first one, and the one behind the last; None: all.
        columns: the same of columns.
        progress: called between two slices; may raise `Cancelled`.

    Raises:
        InputError: the model has no such matrix, or the matrix no such region.
    """
    import torch

    whole, region = _region(lm, path, rows, columns)
    with torch.inference_mode():
        weights = _cut(whole, region)
        tile = (math.ceil(weights.shape[0] / TILES), math.ceil(weights.shape[1] / TILES))
        picture, largest = _tiles(weights, tile)
        edges, counts, mean, deviation, singular = _numbers(weights, progress or (lambda sentence, fraction: None))
        difference = _difference(weights, singular)
        beyond = int(((weights - mean).abs() > FAR * deviation).sum()) if deviation else 0
    return MatrixTrace(
        source=lm.source(""),
        matrix=path,
        axes=_axes(lm.model.get_submodule(path)),
        shape=(whole.shape[0], whole.shape[1]),
        region=region,
        tile=tile,
        picture=picture.numpy(),
        largest=largest.numpy(),
        edges=edges,
        counts=counts,
        singular=singular,
        difference=difference,
        mean=mean,
        deviation=deviation,
        beyond=beyond,
        levels=quantised.levels(whole.float()),
    )


def values(
    lm: LanguageModel, path: str, rows: tuple[int, int] | None = None, columns: tuple[int, int] | None = None
) -> WeightsTrace:
    """The weights themselves, for a file.

    Raises:
        InputError: as `matrix`, or they are too many.
    """
    whole, region = _region(lm, path, rows, columns)
    (top, bottom), (left, right) = region
    count = (bottom - top) * (right - left)
    if count > KEPT:
        raise InputError(f"{count:,} weights are too many for one file; choose a region of up to {KEPT:,}.")
    return WeightsTrace(lm.source(""), path, region, _cut(whole, region).numpy().copy())


def _region(
    lm: LanguageModel, path: str, rows: tuple[int, int] | None, columns: tuple[int, int] | None
) -> tuple[torch.Tensor, Region]:
    """The whole matrix, and the region in it."""
    shape = quantised.matrices(lm).get(path)
    if shape is None:
        raise InputError(f'{lm.name} has no matrix "{path[:80]}"; choose one from the list.')
    whole: torch.Tensor = lm.model.get_submodule(path).weight.detach()
    region = (_within(rows, shape[0], "rows"), _within(columns, shape[1], "columns"))
    return whole, region


def _within(asked: tuple[int, int] | None, size: int, what: str) -> tuple[int, int]:
    if asked is None:
        return (0, size)
    first, end = asked
    if not 0 <= first < end <= size:
        raise InputError(
            f"The matrix has {size:,} {what}, from 0 to {size - 1:,}: {first:,} to {end - 1:,} aren't all among them."
        )
    return asked


def _cut(whole: torch.Tensor, region: Region) -> torch.Tensor:
    """[row, column] float32, on the CPU: Apple's GPU has no float64."""
    (top, bottom), (left, right) = region
    return whole[top:bottom, left:right].float().cpu()


def _axes(module: torch.nn.Module) -> Axes:
    import torch

    if isinstance(module, torch.nn.Embedding):
        return "entries, dimensions"
    return "outputs, inputs" if isinstance(module, torch.nn.Linear) else "inputs, outputs"  # transformers' Conv1D


def _tiles(weights: torch.Tensor, tile: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """[tile row, tile column] means, and largest magnitudes; the last tile of a row or column may be a smaller one."""
    from torch.nn import functional

    mean = functional.avg_pool2d(weights[None], tile, ceil_mode=True)[0]
    return mean, functional.max_pool2d(weights.abs()[None], tile, ceil_mode=True)[0]


def _numbers(
    weights: torch.Tensor, report: Progress
) -> tuple[np.ndarray, np.ndarray, float, float, np.ndarray]:  # edges, counts, mean, deviation, singular values
    """What is summed over slices of the longer side."""
    import torch

    long = weights if weights.shape[0] >= weights.shape[1] else weights.T
    short = long.shape[1]
    gram = torch.zeros(short, short, dtype=torch.float64) if short <= SINGULAR else None
    edge = float(weights.abs().max()) or 1.0
    edges = np.linspace(-edge, edge, BINS + 1)
    counts = np.zeros(BINS, np.int64)
    total = squares = 0.0
    for begin in range(0, len(long), SLICE):
        report("Going through the weights", begin / len(long))
        part = long[begin : begin + SLICE]
        exact = part.double()
        counts += np.histogram(exact.numpy(), BINS, (-edge, edge))[0]
        total += float(exact.sum())
        squares += float(exact.square().sum())
        if gram is not None:
            gram += exact.T @ exact
    mean = total / weights.numel()
    deviation = math.sqrt(max(0.0, squares / weights.numel() - mean**2))
    report("Finding the singular values", 0.9)
    roots = torch.linalg.eigvalsh(gram).clamp(min=0).sqrt().flip(0) if gram is not None else torch.empty(0)
    return edges, counts, mean, deviation, roots.double().numpy()


def _difference(weights: torch.Tensor, singular: np.ndarray) -> float:
    """How far torch's own singular values lie from ours at most, as a share of the largest; NaN: not compared."""
    import torch

    if not len(singular) or weights.numel() > COMPARED:
        return float("nan")
    theirs = torch.linalg.svdvals(weights).double().numpy()
    return float(abs(theirs - singular).max() / (singular[0] or 1.0))


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


def _matrix(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    path = settings.get("matrix", "")
    rows, columns = (_span(settings.get(name)) for name in ("rows", "columns"))
    if settings.get("give") == "weights":
        return values(lm, path, rows, columns)
    return matrix(lm, path, rows, columns, progress)


def _span(written: str | None) -> tuple[int, int] | None:
    """The first row and the one behind the last in a setting such as "0:64"."""
    if written is None:
        return None
    first, _, end = written.partition(":")
    if not (first.isdecimal() and end.isdecimal()):
        raise InputError(f'A region\'s rows or columns are written as 0:64, not as "{written[:40]}".')
    return (int(first), int(end))


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


# What the engine runs for a request, by the name of its analysis. Settings: matrix (its path); of "matrix" also rows
# and columns ("0:64": without 64) and give ("weights": the numbers themselves); of "quantised" also method ("round" or
# "prune"), bits, block and share.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {
    "matrices": _matrices,
    "matrix": _matrix,
    "norms": _norms,
    "quantised": _quantised,
}

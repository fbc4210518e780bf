"""Which ways are there to cut a text into the pieces of a unigram tokenizer, and how probable is each?

A unigram language model (Kudo, "Subword Regularization", 2018) gives each piece x a probability of its own; that of a
segmentation is the product over its pieces:

    log P(x1 ... xn) = log p(x1) + ... + log p(xn)

All segmentations of one text are the paths of a lattice whose edges are the pieces that match. The best is found by
Viterbi's algorithm, the sum of all by the forward algorithm; a sample is drawn by walking back through the forward
sums, each path with probability proportional to P^alpha (alpha 1: the model's own; 0: all alike; large: the best).

A character that no piece of length one covers gets an edge of its own with the score min - 10, where min is the lowest
score of all pieces: a penalty, not a probability, and the same in both libraries. Such characters side by side become
one unknown token, or, with byte fallback, one token a byte; so does a text that spells the unknown piece.

Exactly the libraries' best path: sentencepiece sums in single precision, `tokenizers` in double, each word by itself;
among equals the longest last piece wins. The n best, the sums and the samples are always in double precision.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.splits import check
from models.traces import InputError, Segmentation, UnigramLattice
from models.unigram_pieces import UnigramPieces, read
from models.unigram_training import train

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAX_BEST",
    "MAX_CHARACTERS",
    "MAX_SAMPLES",
    "around",
    "lattice",
    "log_sum",
    "n_best",
    "read",
    "sample",
    "segmentation",
    "train",
    "ways",
]

MAX_CHARACTERS: Final = 5_000
MAX_BEST: Final = 100
MAX_SAMPLES: Final = 1_000


def lattice(tokenizer_or_pieces: Any | UnigramPieces | Mapping[str, float], text: str) -> UnigramLattice:
    """Every piece that matches anywhere in a text, and the Viterbi path.

    Args:
        tokenizer_or_pieces: whatever `read` takes, or what it gave: reading a large vocabulary takes a while.
        text: what the tokenizer reads; special tokens written in it are found, none are put around it.

    Raises:
        InputError: the tokenizer is of another kind, the text can't be used, or a character has neither a piece nor
            an unknown piece to stand for it.
    """
    check(text, MAX_CHARACTERS)
    pieces = tokenizer_or_pieces if isinstance(tokenizer_or_pieces, UnigramPieces) else read(tokenizer_or_pieces)
    edges: list[tuple[int, int, int, float, bool]] = []  # start, end, id, score, unknown
    borders: list[tuple[int, int]] = []
    spans: list[tuple[int, int]] = []
    words: list[str] = []
    place = 0
    for split in pieces.splits(text):
        end = place + len(split.text)
        borders.append((place, end))
        spans.extend(split.spans)
        words.append(split.text)
        if split.added is not None:
            edges.append((place, end, split.added, 0.0, False))
        else:
            edges.extend(_matches(pieces, split.text, place))
        place = end
    normalized = "".join(words)
    starts, ends, ids, scores, unknown = zip(*edges, strict=True) if edges else ((), (), (), (), ())
    bare = UnigramLattice(
        text=text,
        normalized=normalized,
        spans=np.array(spans, dtype=np.int64).reshape(-1, 2),
        splits=np.array(borders, dtype=np.int64).reshape(-1, 2),
        starts=np.array(starts, dtype=np.int64),
        ends=np.array(ends, dtype=np.int64),
        edge_ids=np.array(ids, dtype=np.int64),
        edge_pieces=tuple(normalized[start:end] for start, end in zip(starts, ends, strict=True)),
        scores=np.array(scores, dtype=np.float64),
        unknown=np.array(unknown, dtype=np.bool_),
        shares=np.zeros(len(edges)),
        log_total=0.0,
        best=np.zeros(0, dtype=np.int64),
        unknown_id=-1 if pieces.unknown is None else pieces.unknown,
        byte_ids=pieces.byte_ids,
    )
    forward, backward = _forward(bare, 1.0), _backward(bare)
    through = forward[bare.starts] + bare.scores + backward[bare.ends] - forward[-1]
    return UnigramLattice(
        **{
            **vars(bare),
            "shares": np.exp(np.minimum(through, 0.0)),
            "log_total": float(forward[-1]),
            "best": _viterbi(bare, single=pieces.single),
        }
    )


def _matches(pieces: UnigramPieces, word: str, offset: int) -> list[tuple[int, int, int, float, bool]]:
    """The edges of one stretch, by start and then by length."""
    edges: list[tuple[int, int, int, float, bool]] = []
    for start, character in enumerate(word):
        alone = False
        for length in pieces.lengths.get(character, ()):
            if start + length > len(word):
                break
            number = pieces.numbers.get(word[start : start + length])
            if number is None:
                continue
            edges.append((offset + start, offset + start + length, number, float(pieces.scores[number]), False))
            alone = alone or length == 1
        if not alone:
            if pieces.unknown is None:
                raise InputError(
                    f"This tokenizer has no piece for {character!r} and none that stands for the unknown; "
                    "leave the character out, or use another tokenizer."
                )
            edges.append((offset + start, offset + start + 1, pieces.unknown, pieces.penalty, True))
    return edges


def _viterbi(lattice: UnigramLattice, *, single: bool) -> NDArray[np.int64]:
    """[step] edges of the best path, each stretch by itself, in the precision of the library."""
    gaps = len(lattice.normalized) + 1
    border = set(lattice.splits[:, 0].tolist())
    best = [-math.inf] * gaps  # [gap] score of the best path from its stretch's beginning
    back = [-1] * gaps
    starts = lattice.starts.tolist()
    for edge, (start, end, score) in enumerate(
        zip(starts, lattice.ends.tolist(), lattice.scores.tolist(), strict=True)
    ):
        reached = (0.0 if start in border else best[start]) + score
        if single:
            reached = float(np.float32(reached))
        if back[end] < 0 or reached > best[end]:
            best[end], back[end] = reached, edge
    path: list[int] = []
    place = gaps - 1
    while place > 0:
        path.append(back[place])
        place = starts[back[place]]
    return np.array(path[::-1], dtype=np.int64)


def _forward(lattice: UnigramLattice, alpha: float) -> NDArray[np.float64]:
    """[gap] log of the sum, over all paths from the beginning to the gap, of P^alpha."""
    sums = [-math.inf] * (len(lattice.normalized) + 1)
    sums[0] = 0.0
    scores = (lattice.scores * alpha).tolist()
    # Edges come by start, so that a gap's sum is complete before anything leaves it.
    for start, end, score in zip(lattice.starts.tolist(), lattice.ends.tolist(), scores, strict=True):
        sums[end] = _log_add(sums[end], sums[start] + score)
    return np.array(sums)


def _backward(lattice: UnigramLattice) -> NDArray[np.float64]:
    """[gap] log of the sum, over all paths from the gap to the end, of P."""
    sums = [-math.inf] * (len(lattice.normalized) + 1)
    sums[-1] = 0.0
    columns = (lattice.starts.tolist(), lattice.ends.tolist(), lattice.scores.tolist())
    for start, end, score in reversed(list(zip(*columns, strict=True))):
        sums[start] = _log_add(sums[start], sums[end] + score)
    return np.array(sums)


def _log_add(first: float, second: float) -> float:
    """`log(exp(first) + exp(second))`."""
    low, high = (first, second) if first < second else (second, first)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


def ways(lattice: UnigramLattice) -> int:
    """How many segmentations there are, exactly."""
    counts = [1] + [0] * len(lattice.normalized)
    for start, end in zip(lattice.starts.tolist(), lattice.ends.tolist(), strict=True):
        counts[end] += counts[start]
    return counts[-1]


def log_sum(lattice: UnigramLattice, alpha: float) -> float:
    """The log of the sum of P^alpha over all segmentations, by which `sample` divides; at alpha 1, `log_total`."""
    return float(_forward(lattice, alpha)[-1])


def around(lattice: UnigramLattice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[gap] the last edge of the best way to each gap, and [gap] the first edge of the best way on from there.

    Followed from both ends of an edge they give the best segmentation that uses it. -1 at the text's two ends.
    """
    gaps = len(lattice.normalized) + 1
    before, after = np.full((2, gaps), -1, dtype=np.int64)
    reached, left = [0.0] + [-math.inf] * (gaps - 1), [-math.inf] * (gaps - 1) + [0.0]
    edges = list(zip(lattice.starts.tolist(), lattice.ends.tolist(), lattice.scores.tolist(), strict=True))
    for edge, (start, end, score) in enumerate(edges):
        if reached[start] + score > reached[end]:
            reached[end], before[end] = reached[start] + score, edge
    for edge, (start, end, score) in reversed(list(enumerate(edges))):
        if score + left[end] > left[start]:
            left[start], after[start] = score + left[end], edge
    return before, after


def segmentation(lattice: UnigramLattice, edges: NDArray[np.int64]) -> Segmentation:
    """The tokens, log-probability and share of one path, such as `lattice.best`."""
    pieces: list[str] = []
    ids: list[int] = []
    borders: list[tuple[int, int]] = []
    for run in _runs(lattice, edges):
        piece = "".join(lattice.edge_pieces[edge] for edge in run)
        numbers = [int(lattice.edge_ids[run[0]])]
        spelled = [piece]
        if len(run) > 1 or lattice.unknown[run[0]]:
            in_bytes = [lattice.byte_ids[byte] for byte in piece.encode()] if lattice.byte_ids else [-1]
            if min(in_bytes) >= 0:
                numbers, spelled = in_bytes, [f"<0x{byte:02X}>" for byte in piece.encode()]
        pieces.extend(spelled)
        ids.extend(numbers)
        borders.extend(_borders(lattice, run, len(numbers)))
    total = float(lattice.scores[edges].sum())
    return Segmentation(
        edges=edges,
        pieces=tuple(pieces),
        ids=np.array(ids, dtype=np.int64),
        borders=tuple(borders),
        log_probability=total,
        share=math.exp(min(0.0, total - lattice.log_total)),
    )


def _runs(lattice: UnigramLattice, edges: NDArray[np.int64]) -> list[list[int]]:
    """The edges of a path; unknown ones side by side in one stretch together.

    The unknown piece itself is one of them, where a text has it letter by letter.
    """
    joins = (lattice.edge_ids[edges] == lattice.unknown_id) & ~np.isin(lattice.starts[edges], lattice.splits[:, 0])
    runs: list[list[int]] = []
    previous = -1
    for edge, joining in zip(edges.tolist(), joins.tolist(), strict=True):
        if joining and previous == lattice.unknown_id:
            runs[-1].append(edge)
        else:
            runs.append([edge])
        previous = int(lattice.edge_ids[edge])
    return runs


def _borders(lattice: UnigramLattice, run: list[int], tokens: int) -> list[tuple[int, int]]:
    """[token] the characters that the tokens of a run cover: its character, for one that is a byte."""
    start, end = int(lattice.starts[run[0]]), int(lattice.ends[run[-1]])
    if tokens == 1:
        return [(start, end)]
    sizes = (len(character.encode()) for character in lattice.normalized[start:end])
    return [(start + place, start + place + 1) for place, size in enumerate(sizes) for _ in range(size)]


def n_best(lattice: UnigramLattice, count: int) -> tuple[Segmentation, ...]:
    """The most probable segmentations, best first; fewer where the lattice has fewer paths.

    Each gap keeps the `count` best ways to reach it; those of a later gap are merged from the sorted lists of the
    gaps before it.

    Raises:
        InputError: a count below 1 or above the limit.
    """
    if not 1 <= count <= MAX_BEST:
        raise InputError(f"Between 1 and {MAX_BEST} best segmentations can be shown; {count:,} were asked for.")
    gaps = len(lattice.normalized) + 1
    arriving: list[list[int]] = [[] for _ in range(gaps)]
    starts, scores = lattice.starts.tolist(), lattice.scores.tolist()
    for edge, end in enumerate(lattice.ends.tolist()):
        arriving[end].append(edge)
    # [gap] its best ways: (log-probability, last edge, which of the ways to that edge's start)
    ways: list[list[tuple[float, int, int]]] = [[(0.0, -1, -1)]]
    for gap in range(1, gaps):
        # Among equals the lowest edge, which is the one that starts first: the longest piece, as in Viterbi.
        queue = [(-(ways[starts[edge]][0][0] + scores[edge]), edge, 0) for edge in arriving[gap] if ways[starts[edge]]]
        heapq.heapify(queue)
        kept: list[tuple[float, int, int]] = []
        while queue and len(kept) < count:
            negative, edge, rank = heapq.heappop(queue)
            kept.append((-negative, edge, rank))
            before = ways[starts[edge]]
            if rank + 1 < len(before):
                heapq.heappush(queue, (-(before[rank + 1][0] + scores[edge]), edge, rank + 1))
        ways.append(kept)
    result = []
    for last in range(len(ways[-1])):
        path: list[int] = []
        gap, rank = gaps - 1, last
        while gap > 0:
            _, edge, rank = ways[gap][rank]
            path.append(edge)
            gap = starts[edge]
        result.append(segmentation(lattice, np.array(path[::-1], dtype=np.int64)))
    return tuple(result)


def sample(lattice: UnigramLattice, *, alpha: float = 1.0, count: int = 1, seed: int = 0) -> tuple[Segmentation, ...]:
    """Segmentations drawn with probability proportional to P^alpha: subword regularization over the whole lattice.

    `share` stays the model's own, at alpha 1. The same seed draws the same paths.

    Raises:
        InputError: an alpha that is negative or not a number, or a count beyond the limit.
    """
    if not (math.isfinite(alpha) and 0 <= alpha <= 100):
        raise InputError(f"The smoothing alpha is a number from 0 to 100, not {alpha}.")
    if not 1 <= count <= MAX_SAMPLES:
        raise InputError(f"Between 1 and {MAX_SAMPLES:,} samples can be drawn; {count:,} were asked for.")
    forward = _forward(lattice, alpha)
    arriving: list[list[int]] = [[] for _ in forward]
    for edge, end in enumerate(lattice.ends.tolist()):
        arriving[end].append(edge)
    cumulated: dict[int, list[float]] = {}  # gap -> the summed shares of its edges, of those that were reached
    starts = lattice.starts.tolist()
    random = np.random.default_rng(seed)
    result = []
    for _ in range(count):
        path: list[int] = []
        gap = len(lattice.normalized)
        draws = iter(random.random(gap).tolist())
        while gap > 0:
            if gap not in cumulated:
                edges = np.array(arriving[gap], dtype=np.int64)
                shares = np.exp(forward[lattice.starts[edges]] + alpha * lattice.scores[edges] - forward[gap])
                cumulated[gap] = np.cumsum(shares).tolist()
            sums = cumulated[gap]
            path.append(arriving[gap][bisect_right(sums, next(draws) * sums[-1], hi=len(sums) - 1)])
            gap = starts[path[-1]]
        result.append(segmentation(lattice, np.array(path[::-1], dtype=np.int64)))
    return tuple(result)

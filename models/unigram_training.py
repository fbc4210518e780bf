"""How does a unigram vocabulary come about: from every frequent piece, pruned round by round?

sentencepiece (Kudo 2018; Kudo and Richardson 2018) trains: `model`, `pieces` and `scores` are the library's. It tells
nothing of the way there, so the rounds are ours, the same steps computed again in double precision:

    candidates   every character, and every string of 2 to 16 characters of one script, inside one word, that is
                 followed by characters of at least two different first bytes (its suffix tree is one of bytes);
                 each as probable as its count times its length
    EM, twice    E: the expected count of each piece over all segmentations (models/corpus_lattices.py)
                 M: pieces expected less than 1/2 time go; log p = digamma(count) - digamma(sum), a sparse prior
                 (Liang and Klein, "Structured Bayesian Nonparametric Models", 2007)
    prune        the loss of a piece is its frequency times what the mean log-likelihood loses if each of its uses is
                 spelled by the next best pieces; the least lossy go, down to 3/4 of the size, or to 1.1 times the
                 size asked for, which ends training
    at the end   every character of the corpus stays, and the most probable others, up to the size

Because of the prior and the pieces dropped, the likelihood may fall a little between two EM steps of training, as the
library's does. sentencepiece computes in single precision: where two losses nearly tie, a few pieces of the final
vocabulary can differ; `agreement` says how many don't.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from models.corpus_lattices import CORPUS_END, LINE_END, Candidates, Lattices, candidates_of
from models.splits import check_corpus
from models.traces import InputError, UnigramTraining

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

MAX_CORPUS_BYTES: Final = 1_000_000
MAX_VOCABULARY: Final = 32_000
LINE: Final = 1_000  # characters; longer lines are cut, at a space where there is one
META: Final = 3  # <unk>, <s>, </s>
SPACE: Final = "\u2581"
RESERVED: Final = "\u2585"  # what sentencepiece writes for what it doesn't learn from

SUB_ITERATIONS: Final = 2
SHRINK: Final = 0.75
EXPECTED_AT_LEAST: Final = 0.5
UNKNOWN_PENALTY: Final = 10.0


class SizeError(InputError):
    """A corpus has no vocabulary of the size asked for; `fitting` is the nearest that it has."""

    def __init__(self, message: str, *, fitting: int) -> None:
        super().__init__(message)
        self.fitting = fitting


def train(text: str, *, vocabulary_size: int) -> UnigramTraining:
    """A vocabulary by sentencepiece with its default settings, all characters kept, and the rounds of pruning.

    Args:
        text: the corpus; each line is a sentence.
        vocabulary_size: pieces, the three control pieces among them.

    Raises:
        SizeError: the corpus holds fewer pieces, or more characters, than asked for.
        InputError: it is empty or too large.
    """
    check_corpus(text, MAX_CORPUS_BYTES)
    if vocabulary_size > MAX_VOCABULARY:
        raise InputError(f"A vocabulary of {vocabulary_size:,} is too large here; ask for {MAX_VOCABULARY:,} or fewer.")
    sentences = _sentences(text)
    if not sentences:
        raise InputError("The corpus is empty; paste a few sentences to learn from.")
    model, processor = _by_sentencepiece(sentences, vocabulary_size)
    numbers = range(processor.get_piece_size())
    pieces = tuple(processor.id_to_piece(number) for number in numbers)

    words = _words([processor.normalize(sentence) for sentence in sentences])
    candidates = candidates_of(words, reserved=RESERVED)
    rounds, scores = _rounds(candidates, int(vocabulary_size * 1.1))
    final = _final(candidates, scores, vocabulary_size - META)
    learnt = set(pieces[META:])
    return UnigramTraining(
        model=model,
        pieces=pieces,
        scores=np.array([processor.get_score(number) for number in numbers], dtype=np.float32),
        candidates=candidates.pieces,
        candidate_counts=candidates.counts,
        log_probabilities=np.array([entry.log_probabilities for entry in rounds], dtype=np.float32),
        losses=np.array([entry.losses for entry in rounds], dtype=np.float32),
        log_likelihoods=np.array([entry.log_likelihoods for entry in rounds]),
        tokens=np.array([entry.tokens for entry in rounds], dtype=np.int64),
        final=final,
        agreement=len(learnt & set(final)) / len(learnt),
    )


def _sentences(text: str) -> list[str]:
    """The lines, without what sentencepiece refuses (NUL, U+2585), long ones cut."""
    sentences: list[str] = []
    for line in text.replace("\0", " ").replace(RESERVED, " ").split("\n"):
        rest = line.strip()
        while len(rest) > LINE:
            cut = rest.rfind(" ", 1, LINE)
            cut = cut if cut > 0 else LINE
            sentences.append(rest[:cut])
            rest = rest[cut:].strip()
        if rest:
            sentences.append(rest)
    return sentences


def _by_sentencepiece(sentences: list[str], vocabulary_size: int) -> tuple[bytes, SentencePieceProcessor]:
    """The library's model; its two complaints about sizes as one sentence each."""
    from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

    written = io.BytesIO()
    try:
        SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=written,
            model_type="unigram",
            # Below this it fails before it has counted the characters.
            vocab_size=max(vocabulary_size, META + 1),
            character_coverage=1.0,
            num_threads=1,
            minloglevel=2,
        )
    except RuntimeError as error:
        if most := re.search(r"value <= (\d+)", str(error)):
            raise SizeError(
                f"This corpus holds too few different pieces for a vocabulary of {vocabulary_size:,}; "
                f"the largest that works is {int(most[1]):,}.",
                fitting=int(most[1]),
            ) from error
        if least := re.search(r"required_chars\. \d+ vs (\d+)", str(error)):
            raise SizeError(
                f"A vocabulary of {vocabulary_size:,} can't hold the characters of this corpus; "
                f"the smallest that works is {int(least[1]):,}.",
                fitting=int(least[1]),
            ) from error
        raise InputError("There is nothing in this corpus that sentencepiece can learn from; use another.") from error
    model = written.getvalue()
    return model, SentencePieceProcessor(model_proto=model)


def _words(normalized: list[str]) -> Counter[tuple[str, str]]:
    """How often each word (with its space mark) stands before a space, the end of a line, and that of the corpus."""
    words: Counter[tuple[str, str]] = Counter()
    followed: tuple[str, str] | None = None
    for line in normalized:
        for control in ("<unk>", "</s>", "<s>"):
            line = line.replace(control, RESERVED)
        found = re.findall(f"{SPACE}[^{SPACE}]*|^[^{SPACE}]+", line)
        if found:
            words.update((word, SPACE) for word in found[:-1])
            followed = (found[-1], LINE_END)
            words[followed] += 1
    if followed is not None:
        # The library's array of text has no line end after the last line, and so what stands there has a follower of
        # its own: the end.
        words[followed] -= 1
        words[followed[0], CORPUS_END] += 1
    return +words


@dataclass(frozen=True)
class _Round:
    """One round: EM, and what each piece's loss was when it pruned."""

    log_probabilities: NDArray[np.float64]  # [candidate] NaN: gone
    losses: NDArray[np.float64]  # [candidate] NaN: not asked
    log_likelihoods: list[float]  # [EM step]
    tokens: int


def _rounds(candidates: Candidates, desired: int) -> tuple[list[_Round], NDArray[np.float64]]:
    """EM and pruning in turn until no more than `desired` pieces are left; and the scores of those, else -inf."""
    corpus = candidates.words()
    total = candidates.frequencies.sum()
    # Counts times lengths, as probabilities; in the order in which sentencepiece lists its seeds.
    weights = (candidates.counts * candidates.sizes).astype(np.float64)
    scores = np.log(weights) - np.log(weights.sum())
    order = np.arange(len(scores))
    rounds: list[_Round] = []
    while True:
        likelihoods: list[float] = []
        for _ in range(SUB_ITERATIONS):
            expected, log_likelihood = _expected(corpus, scores, order[0])
            likelihoods.append(log_likelihood / total)
            scores = maximize(expected, scores)
            order = order[np.isfinite(scores[order])]
        _, edges = corpus.viterbi(*_alive(corpus, scores))
        uses = corpus.weights[corpus.units[edges]]
        used = _tally(_credited(corpus, scores, order[0])[edges], uses, len(scores))
        kept, losses = order, np.full(len(scores), np.nan)
        if len(order) > desired:
            kept, losses = _prune(candidates, scores, order, used, desired)
        rounds.append(_Round(np.where(np.isfinite(scores), scores, np.nan), losses, likelihoods, int(uses.sum())))
        gone = np.ones(len(scores), dtype=np.bool_)
        gone[kept] = False
        scores[gone] = -np.inf
        order = kept
        if len(order) <= desired:
            return rounds, scores


def _alive(lattices: Lattices, scores: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """[edge] whether it can be used, and its score: pieces that are left, and single characters as unknown ones."""
    of_edge = np.where(lattices.ids >= 0, scores[lattices.ids], -np.inf)
    left = np.isfinite(of_edge)
    return left | lattices.single, np.where(left, of_edge, scores[np.isfinite(scores)].min() - UNKNOWN_PENALTY)


def _credited(lattices: Lattices, scores: NDArray[np.float64], first: int) -> NDArray[np.int64]:
    """[edge] the piece that counts its uses; sentencepiece's trainer counts unknown characters on its first piece."""
    return np.where((lattices.ids >= 0) & np.isfinite(scores[lattices.ids]), lattices.ids, first)


def _expected(lattices: Lattices, scores: NDArray[np.float64], first: int) -> tuple[NDArray[np.float64], float]:
    """E step: [candidate] expected count, and the log-likelihood of the corpus."""
    usable, of_edge = _alive(lattices, scores)
    posteriors, log_likelihood = lattices.posteriors(usable, of_edge)
    return _tally(_credited(lattices, scores, first), posteriors, len(scores)), log_likelihood


def _tally(places: NDArray[np.int64], weights: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """[place] the sum of its weights."""
    return np.bincount(places, weights, size).astype(np.float64)


def maximize(expected: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """M step: [candidate] log-probability under a sparse prior; -inf for pieces gone or hardly expected."""
    from scipy.special import digamma  # type: ignore[import-untyped]

    left = np.isfinite(scores) & (expected >= EXPECTED_AT_LEAST)
    result = np.full(len(scores), -np.inf)
    result[left] = digamma(expected[left]) - digamma(expected[left].sum())
    return result


def _prune(
    candidates: Candidates,
    scores: NDArray[np.float64],
    order: NDArray[np.int64],
    used: NDArray[np.float64],
    desired: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The pieces kept, in sentencepiece's order, and [candidate] the loss of each that has another spelling."""
    multiple = order[candidates.sizes[order] > 1]
    spelled = candidates.inside(multiple)  # the lattice of each piece without the piece itself
    best, edges = spelled.viterbi(*_alive(spelled, scores))
    replaceable = np.zeros(len(scores), dtype=np.bool_)
    replaceable[multiple] = True
    split = np.zeros(len(scores), dtype=np.bool_)
    split[multiple] = best >= scores[multiple]  # its own best spelling is in parts: it is of no use

    total = used.sum()
    unit = spelled.units[edges]
    alternative = _credited(spelled, scores, order[0])[edges]
    lengths = np.bincount(unit, minlength=len(multiple))
    own = used[multiple]
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = _tally(unit, np.log(used[alternative] + own[unit]), len(multiple))
        after = parts - lengths * np.log(total + own * (lengths - 1))
        loss = own / candidates.frequencies.sum() * (np.log(own) - np.log(total) - after)
    losses = np.full(len(scores), np.nan)
    losses[multiple] = loss

    useful = (used[order] > 0) & ~split[order]
    certain = order[useful & ~replaceable[order]]
    asked = order[useful & replaceable[order]]
    room = max(desired, int(SHRINK * len(order))) - len(certain)
    ranked = asked[np.argsort(-losses[asked], kind="stable")]
    losses[~np.isin(np.arange(len(scores)), asked)] = np.nan
    return np.concatenate([certain, ranked[: max(0, room)]]), losses


def _final(candidates: Candidates, scores: NDArray[np.float64], size: int) -> tuple[str, ...]:
    """All characters and the most probable of the rest, `size` in all, most probable first."""
    characters = np.flatnonzero(candidates.sizes == 1)
    # Characters that were pruned come back below all others, apart by a trifle so that none are equal.
    gone = characters[np.isinf(scores[characters])]
    scores = scores.copy()
    scores[gone] = scores[np.isfinite(scores)].min() + 1e-4 * np.arange(len(gone))
    others = np.flatnonzero((candidates.sizes > 1) & np.isfinite(scores))

    def ranked(numbers: NDArray[np.int64]) -> list[int]:
        return sorted(numbers.tolist(), key=lambda number: (-scores[number], candidates.pieces[number]))

    longer = np.array(ranked(others)[: max(0, size - len(characters))], dtype=np.int64)
    return tuple(candidates.pieces[number] for number in ranked(np.concatenate([characters, longer])))

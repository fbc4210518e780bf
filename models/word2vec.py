"""How do words get vectors by guessing their neighbours?

gensim trains (Mikolov et al. 2013, arXiv:1301.3781 and arXiv:1310.4546), with negative sampling:

    skip-gram   h = the vector of one word; it is to tell the other word of a pair that stand near each other
    CBOW        h = the mean vector of a word's neighbours; it is to tell the word between them

The target has label 1, each word drawn as noise (in proportion to its count to the power 3/4) label 0; for each of
these samples, one after the other, with the output vector o

    loss -= ln sigmoid(o . h) for the target, ln sigmoid(-o . h) for noise
    g     = learning rate * (label - sigmoid(o . h))
    work += g * o, then o += g * h                  and behind the last sample: each vector of the context += work

`step` is that update in our own NumPy. It does as gensim does: the sigmoid comes from a table of 1,000 steps between
-6 and 6 (exact to 0.01), and a sample whose product lies outside is left alone.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np
import regex

from models.catalog import shown
from models.spelling import Spellings
from models.traces import InputError, Word2VecApart, Word2VecMode, Word2VecStep, Word2VecTraining

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.progress import Progress

OnEpoch = Callable[[tuple[str, ...], int, float, "NDArray[np.float32]"], None]

MAX_CHARACTERS: Final = 5_000_000
MAX_WORDS: Final = 20_000  # different ones
MAX_BYTES: Final = 64 << 20  # of all that is kept over all epochs
MOST_KEPT: Final = 1_000  # words whose vectors are kept after each epoch: the most frequent
BATCH_WORDS: Final = 2_000  # words between two looks at who still waits
LAST_RATE: Final = 0.0001
NOISE_POWER: Final = 0.75
NOISE_RANGE: Final = 2**31 - 1
REACH: Final = 6  # products beyond it are left alone
TABLE_SIZE: Final = 1_000
MAX_APART: Final = 12  # words of a sentence that is taken apart
EXAMPLE_WORDS: Final = 5  # of a sentence that is taken from the text, if there is one with as many
MAX_EXAMPLE: Final = 8
EXAMPLE_TEXT: Final = 200_000  # characters that are looked through for it
SENTENCE_END: Final = regex.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])|\n\s*\n")
WORD: Final = regex.compile(r"[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*")
WITHOUT_SPACES: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
# (setting, lowest, highest)
RANGES: Final = (
    ("dimensions", 2, 300),
    ("window", 1, 20),
    ("negative", 1, 20),
    ("epochs", 1, 100),
    ("min_count", 1, 1_000),
    ("seed", 0, 2**31 - 1),
)


def sentences_of(text: str) -> list[list[str]]:
    """The words of each sentence, in small letters; one that can be written in two ways (accents, ') is the same word.

    A sentence ends at a full stop and the like, or at an empty line; one without an end, after `BATCH_WORDS` words.
    """
    sentences = []
    for sentence in SENTENCE_END.split(text):
        words = WORD.findall(unicodedata.normalize("NFC", sentence.lower()).replace("\u2019", "'"))
        sentences += [words[start : start + BATCH_WORDS] for start in range(0, len(words), BATCH_WORDS)]
    return sentences


def train(
    text: str,
    *,
    mode: Word2VecMode = "skip-gram",
    dimensions: int = 50,
    window: int = 5,
    negative: int = 5,
    epochs: int = 20,
    min_count: int = 2,
    rate: float = 0.025,
    sample: float = 1e-3,
    seed: int = 0,
    progress: Progress | None = None,
    on_epoch: OnEpoch | None = None,
) -> Word2VecTraining:
    """Word vectors from a text, with those of the most frequent words as they were after each epoch.

    The same text, settings and seed give the same vectors.

    Args:
        text: at most `MAX_CHARACTERS`.
        mode: skip-gram or CBOW.
        dimensions: length of a vector.
        window: words to each side that are neighbours at most; for each word a number from 1 to this is drawn.
        negative: noise words for each target.
        epochs: how often the text is gone through.
        min_count: rarer words are left out.
        rate: the learning rate at the beginning; it falls evenly to `LAST_RATE`.
        sample: words that make up more than this share of the text are left out at random, the more so the more
            frequent they are; 0: none. In a short text with few different words that would be nearly all.
        seed: of the first vectors and of all that is drawn.
        progress: called every few thousand words; may raise `Cancelled`.
        on_epoch: called with the kept words, the number of epochs done, the loss (NaN before the first) and the
            vectors float32 [kept word, dimension]; before the first epoch and after each.

    Raises:
        InputError: the text is too long, has too few or too many words or no sentence of two, or a setting is out of
            range.
    """
    _check(
        mode,
        rate,
        sample,
        {
            "dimensions": dimensions,
            "window": window,
            "negative": negative,
            "epochs": epochs,
            "min_count": min_count,
            "seed": seed,
        },
    )
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"The text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are trained on.")
    if progress is not None:
        progress("Counting the words", 0)
    sentences = sentences_of(text)
    counts = Counter(word for words in sentences for word in words)
    often = sum(count >= min_count for count in counts.values())
    if often < 2:
        raise InputError(
            f"Of the words in this text, {often} {'stands' if often == 1 else 'stand'} in it at least "
            f"{'once' if min_count == 1 else f'{min_count} times'}, and two are needed; "
            f"use a longer text, or count rarer words too.{_about_spaces(text)}"
        )
    if not any(sum(counts[word] >= min_count for word in words) > 1 for words in sentences):
        raise InputError(
            "No sentence of this text has two of the words that are trained, so none has a neighbour; "
            "use longer sentences with spaces between their words, or count rarer words too."
            f"{_about_spaces(text)}"
        )
    if often > MAX_WORDS:
        raise InputError(
            f"{often:,} different words stand in this text at least {min_count} times; at most {MAX_WORDS:,} are "
            "trained, so leave out rarer ones or use a part of the text."
        )

    if progress is not None:
        progress("Loading gensim", 0)

    from models.word2vec_training import WatchedWord2Vec

    kept = max(2, min(often, MOST_KEPT, MAX_BYTES // (8 * dimensions * (epochs + 1))))
    losses: list[float] = []
    trained: list[int] = []
    vectors: list[NDArray[np.float32]] = []
    outputs: list[NDArray[np.float32]] = []

    def keep(model: Any) -> None:
        vectors.append(model.wv.vectors[:kept].copy())
        outputs.append(model.syn1neg[:kept].copy())
        if on_epoch is not None:
            kept_words = tuple(model.wv.index_to_key[:kept])
            on_epoch(kept_words, len(losses), losses[-1] if losses else float("nan"), vectors[-1])

    def after_epoch(model: Any, loss: float, words: int) -> None:
        losses.append(loss)
        trained.append(words)
        keep(model)

    model = WatchedWord2Vec(
        progress,
        after_epoch,
        sg=int(mode == "skip-gram"),
        vector_size=dimensions,
        window=window,
        negative=negative,
        min_count=min_count,
        alpha=rate,
        sample=sample,
        min_alpha=min(rate, LAST_RATE),
        seed=seed,
        batch_words=BATCH_WORDS,
    )
    model.build_vocab(sentences)
    keep(model)
    model.train(
        sentences,
        total_examples=model.corpus_count,
        epochs=epochs,
        compute_loss=True,
        start_alpha=rate,
        end_alpha=min(rate, LAST_RATE),
    )
    words = tuple(model.wv.index_to_key)
    return Word2VecTraining(
        mode=mode,
        window=window,
        negative=negative,
        seed=seed,
        rates=(rate, min(rate, LAST_RATE)),
        words=words,
        counts=np.array([counts[word] for word in words], dtype=np.int64),
        losses=np.array(losses, dtype=np.float64),
        trained=np.array(trained, dtype=np.int64),
        final=model.wv.vectors,
        vectors=np.stack(vectors),
        outputs=np.stack(outputs),
    )


def _about_spaces(text: str) -> str:
    """What to tell those whose words can't be told apart here."""
    if not WITHOUT_SPACES.search(text):
        return ""
    return " Words are told apart by spaces here: put some between those of Chinese, Japanese or Thai."


def _check(mode: str, rate: float, sample: float, settings: dict[str, int]) -> None:
    """Refuse what can't be trained with."""
    if mode not in get_args(Word2VecMode):
        raise InputError(f"Words can be trained by {' or '.join(get_args(Word2VecMode))}; choose one of these.")
    if not 0 < rate <= 1:
        raise InputError("The learning rate must be above 0 and at most 1, such as 0.025.")
    if not 0 <= sample <= 1:
        raise InputError("The share from which words are left out must be 0 to 1, such as 0.001.")
    for name, lowest, highest in RANGES:
        if not isinstance(settings[name], Integral) or not lowest <= settings[name] <= highest:
            raise InputError(f"The setting {name} must be a whole number from {lowest:,} to {highest:,}.")


def _sigmoid_table() -> NDArray[np.float32]:
    """gensim's: at the left end of each of 1,000 equal parts of -6 to 6, in float32."""
    ends = (np.arange(TABLE_SIZE) / np.float32(TABLE_SIZE) * 2 - 1) * REACH
    powers = np.exp(ends).astype(np.float32)
    return powers / (powers + np.float32(1))


SIGMOIDS: Final = _sigmoid_table()


def step(
    vectors: NDArray[np.float32],
    outputs: NDArray[np.float32],
    context: Sequence[int],
    target: int,
    noise: Sequence[int],
    rate: float,
) -> Word2VecStep:
    """One update, taken apart; `vectors` and `outputs` are changed by it, as a training changes them.

    Args:
        vectors, outputs: float32 [word, dimension].
        context: the word (skip-gram) or words (CBOW) that are to tell the target.
        target: the word to be told.
        noise: words drawn as noise; where one is the target itself, it is no noise and left out.
        rate: the learning rate.
    """
    samples = [target, *(word for word in noise if word != target)]
    hidden = vectors[list(context)].mean(axis=0, dtype=np.float32)
    before = np.empty((len(samples), len(hidden)), dtype=np.float32)
    after = np.empty_like(before)
    products = np.empty(len(samples), dtype=np.float32)
    sigmoids = np.full(len(samples), np.nan, dtype=np.float32)
    steps = np.zeros(len(samples), dtype=np.float32)
    work = np.zeros_like(hidden)
    for number, word in enumerate(samples):  # one after the other: the same word may be drawn twice
        before[number] = outputs[word]
        products[number] = before[number] @ hidden
        if abs(products[number]) < REACH:
            # gensim divides whole numbers here: 83 places of the table for each unit, not 83 and a third.
            sigmoids[number] = SIGMOIDS[int((products[number] + REACH) * (TABLE_SIZE // REACH // 2))]
            steps[number] = (np.float32(number == 0) - sigmoids[number]) * np.float32(rate)
            work += steps[number] * before[number]
            outputs[word] += steps[number] * hidden
        after[number] = outputs[word]
    for word in context:
        vectors[word] += work
    signed = np.where(np.arange(len(samples)) == 0, products, -products).astype(np.float64)
    return Word2VecStep(
        context=np.array(context, dtype=np.int64),
        samples=np.array(samples, dtype=np.int64),
        rate=rate,
        hidden=hidden,
        before=before,
        products=products,
        sigmoids=sigmoids,
        exact=np.exp(-np.logaddexp(0, -products.astype(np.float64))),  # the sigmoid, without overflow
        losses=np.logaddexp(0, -signed),
        steps=steps,
        after=after,
        work=work,
    )


def noise_table(counts: NDArray[np.int64]) -> NDArray[np.uint32]:
    """uint32 [word] where each word's part of 0 to `NOISE_RANGE` ends, in proportion to its count to the power 3/4."""
    shares = np.cumsum(counts.astype(np.float64) ** NOISE_POWER)
    return np.round(shares / shares[-1] * NOISE_RANGE).astype(np.uint32)


def take_apart(training: Word2VecTraining, epoch: int, sentence: str, *, seed: int = 0) -> Word2VecApart:
    """The updates that one more sentence makes after so many epochs, and how far ours are from gensim's.

    The window is at its widest for each word; noise is drawn as gensim draws it, from the words that are kept.

    Args:
        training: the vectors to begin with; it isn't changed.
        epoch: after how many epochs.
        sentence: at most `MAX_APART` words, all among those kept.
        seed: of the noise.

    Raises:
        InputError: the sentence is too short or long, or has other words; or there is no such epoch.
    """
    if not 0 <= epoch <= training.epochs:
        raise InputError(f"There is no epoch {epoch}; this training has 0 to {training.epochs}.")
    kept = {word: number for number, word in enumerate(training.words[: training.kept])}
    words = [word for part in sentences_of(sentence) for word in part]
    if missing := [word for word in words if word not in kept]:
        near = Spellings(training.words[: training.kept]).nearest(missing[0])
        instead = f"did you mean {' or '.join(map(shown, near))}?" if near else "use words that are."
        raise InputError(
            f"{shown(missing[0])} is not among the {training.kept:,} most frequent words of this training; {instead}"
        )
    if not 2 <= len(words) <= MAX_APART:
        count = f"{len(words)} {'word' if len(words) == 1 else 'words'}"
        raise InputError(f"The sentence has {count}; 2 to {MAX_APART} can be taken apart.")

    from models.word2vec_training import one_sentence

    counts = training.counts[: training.kept]
    vectors, outputs = training.vectors[epoch].copy(), training.outputs[epoch].copy()
    rate = training.rate(epoch)
    places = [kept[word] for word in words]
    where: list[tuple[tuple[int, ...], int]] = []
    for number in range(len(places)):
        beside = tuple(
            other
            for other in range(max(0, number - training.window), min(len(places), number + 1 + training.window))
            if other != number
        )
        where += [((other,), number) for other in beside] if training.mode == "skip-gram" else [(beside, number)]
    draw = _Noise(counts, seed)
    steps = [
        step(vectors, outputs, [places[at] for at in context], places[target], draw(training.negative), rate)
        for context, target in where
    ]
    theirs = one_sentence(
        training.words[: training.kept],
        counts,
        training.vectors[epoch],
        training.outputs[epoch],
        words,
        skip_gram=training.mode == "skip-gram",
        window=training.window,
        negative=training.negative,
        rate=rate,
        seed=seed,
    )
    difference = max(float(np.abs(ours - other).max()) for ours, other in zip((vectors, outputs), theirs, strict=True))
    return Word2VecApart(tuple(words), tuple(where), tuple(steps), difference)


def example(training: Word2VecTraining, text: str) -> str:
    """A sentence to take apart: the kept words of the first one with `EXAMPLE_WORDS` of them, or else with the most.

    Empty where no sentence has two.
    """
    kept = set(training.words[: training.kept])
    found = ([word for word in words if word in kept] for words in sentences_of(text[:EXAMPLE_TEXT]))
    first: list[str] = []
    for words in found:
        if len(words) >= EXAMPLE_WORDS:
            return " ".join(words[:MAX_EXAMPLE])
        if len(words) > max(1, len(first)):
            first = words
    return " ".join(first)


class _Noise:
    """Words drawn as gensim draws them: by Java's linear congruential generator, begun from NumPy's."""

    def __init__(self, counts: NDArray[np.int64], seed: int) -> None:
        self._table = noise_table(counts)
        begin = np.random.RandomState(seed)
        self._state = 2**24 * int(begin.randint(0, 2**24)) + int(begin.randint(0, 2**24))

    def __call__(self, count: int) -> list[int]:
        drawn = []
        for _ in range(count):
            place = (self._state >> 16) % int(self._table[-1])
            drawn.append(int(np.searchsorted(self._table, place)))
            self._state = (self._state * 25214903917 + 11) & (2**48 - 1)
        return drawn

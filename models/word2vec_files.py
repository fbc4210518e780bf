"""How do the results of a training of word2vec leave for a spreadsheet, or for gensim?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from models import tables
from models.traces import Word2VecApart, Word2VecTraining

Row = Sequence[str | int | float | None]


def losses(training: Word2VecTraining, origin: Mapping[str, str]) -> bytes:
    """CSV: gensim's loss of each epoch, for each word trained on; empty where it trained on none."""
    rows = (
        (epoch, None if math.isnan(loss) else loss, trained)
        for epoch, (loss, trained) in enumerate(
            zip(training.losses.tolist(), training.trained.tolist(), strict=True), start=1
        )
    )
    return tables.csv(origin, ("epoch", "loss", "words_trained"), rows)


def vectors(training: Word2VecTraining, origin: Mapping[str, str]) -> bytes:
    """CSV: every word with its count and its vector after the last epoch."""
    columns = ("word", "count", *(f"d{number}" for number in range(1, training.final.shape[1] + 1)))
    rows = (
        (word, int(count), *vector.tolist())
        for word, count, vector in zip(training.words, training.counts, training.final, strict=True)
    )
    return tables.csv(origin, columns, rows)


def word2vec_text(training: Word2VecTraining) -> bytes:
    """The vectors after the last epoch in word2vec's own text format, in as many digits as single precision has.

    gensim.models.KeyedVectors.load_word2vec_format(path)
    """
    lines = [f"{len(training.words)} {training.final.shape[1]}"]
    lines += [
        f"{word} {' '.join(map(str, vector))}" for word, vector in zip(training.words, training.final, strict=True)
    ]
    return ("\n".join(lines) + "\n").encode()


def updates(apart: Word2VecApart, training: Word2VecTraining, origin: Mapping[str, str]) -> bytes:
    """CSV: every sample of every pair of a sentence taken apart; the table's sigmoid is empty where none was made."""

    def rows() -> Iterator[Row]:
        for number, step in enumerate(apart.steps):
            context = " ".join(training.words[word] for word in step.context)
            for sample, word in enumerate(step.samples.tolist()):
                sigmoid = float(step.sigmoids[sample])
                yield (
                    *(number, context, training.words[step.samples[0]], training.words[word], int(sample == 0)),
                    *(float(step.products[sample]), None if math.isnan(sigmoid) else sigmoid),
                    *(float(step.exact[sample]), float(step.losses[sample]), float(step.steps[sample])),
                )

    columns = ("pair", "context", "target", "sample", "label", "product", "sigmoid_table", "sigmoid", "loss", "step")
    return tables.csv(origin, columns, rows())

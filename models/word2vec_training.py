"""How is gensim watched while it trains word2vec?

gensim's own loop hands batches to threads, which nobody can stop. Here it cuts the same batches with the same learning
rates and trains on them one by one in the caller's thread, so that between two of them progress is told and the
training can be cancelled. It also adds up the loss in single precision over everything, where later summands are
rounded away; here that sum begins anew with every batch.

Importing this module imports gensim: word2vec.py does it when there is something to train.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from queue import SimpleQueue
from typing import Any

import numpy as np
from gensim.models.word2vec import Word2Vec
from gensim.models.word2vec_inner import train_batch_cbow, train_batch_sg
from numpy.typing import NDArray

from models.progress import Progress

AfterEpoch = Callable[[Any, float, int], None]  # the model, its loss for each word (NaN: none), words trained on


class WatchedWord2Vec(Word2Vec):
    """gensim's Word2Vec with one thread that tells how far it is.

    Attributes:
        progress: called before each batch; may raise `Cancelled`.
        after_epoch: called after each epoch.
    """

    def __init__(self, progress: Progress | None, after_epoch: AfterEpoch, **settings: Any) -> None:
        self.progress = progress
        self.after_epoch = after_epoch
        super().__init__(workers=1, compute_loss=True, **settings)

    def _train_epoch(
        self,
        data_iterable: Iterable[Sequence[str]],
        cur_epoch: int = 0,
        total_examples: int | None = None,
        total_words: int | None = None,
        **_: Any,
    ) -> tuple[int, int, int]:
        """What gensim's does, without its threads: words trained on, words read, batches."""
        batches: SimpleQueue[Any] = SimpleQueue()
        self._job_producer(data_iterable, batches, cur_epoch, total_examples, total_words)
        memory = self._get_thread_working_mem()
        trained = read = number = sentences = 0
        loss = 0.0
        while (batch := batches.get()) is not None:
            if self.progress is not None:
                done = (cur_epoch + sentences / (total_examples or 1)) / self.epochs
                self.progress(f"Epoch {cur_epoch + 1} of {self.epochs}", done)
            self.running_training_loss = 0.0
            words, raw = self._do_train_job(*batch, memory)
            loss += float(self.running_training_loss)
            trained, read, number, sentences = trained + words, read + raw, number + 1, sentences + len(batch[0])
        self.after_epoch(self, loss / trained if trained else float("nan"), trained)
        return trained, read, number


def one_sentence(
    words: Sequence[str],
    counts: NDArray[np.int64],
    vectors: NDArray[np.float32],
    outputs: NDArray[np.float32],
    sentence: Sequence[str],
    *,
    skip_gram: bool,
    window: int,
    negative: int,
    rate: float,
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """[word, dimension] all vectors and output vectors after gensim trained on one sentence, each window at its widest.

    Args:
        words: the vocabulary.
        counts: [word].
        vectors, outputs: [word, dimension] before; they aren't changed.
        sentence: words of the vocabulary.
        skip_gram, window, negative, rate, seed: as in a training.
    """
    model = Word2Vec(
        sg=int(skip_gram),
        vector_size=vectors.shape[1],
        window=window,
        negative=negative,
        min_count=1,
        sample=0,
        seed=seed,
        workers=1,
        sorted_vocab=0,
        shrink_windows=False,
    )
    model.build_vocab_from_freq(dict(zip(words, counts.tolist(), strict=True)))
    model.wv.vectors[:] = vectors
    model.syn1neg[:] = outputs
    model.random = np.random.RandomState(seed)
    memory = model._get_thread_working_mem()
    if skip_gram:
        train_batch_sg(model, [list(sentence)], rate, memory[0], False)
    else:
        train_batch_cbow(model, [list(sentence)], rate, *memory, False)
    return model.wv.vectors, model.syn1neg

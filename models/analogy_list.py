"""How often do word vectors answer the analogies of a published list as the list does?

The list is Google's `questions-words.txt` (Mikolov, Chen, Corrado and Dean 2013, arXiv:1301.3781): 19,544 questions in
14 categories, from capitals to plurals. gensim carries it among its test data, and it is read from there.

A question "a b c d" is answered right if d is the word with the largest cos(d, b - a + c) of unit vectors (3CosAdd),
a, b and c left out of the candidates: they make it easier. Only the most frequent words are candidates, and questions
with another word are skipped; gensim's `evaluate_word_analogies` and word2vec's own programme do the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models import catalog
from models.progress import Progress
from models.traces import AnalogyAccuracy, InputError, Source
from models.word_vectors import WordVectors

Question = tuple[str, str, str, str]
Questions = Mapping[str, Sequence[Question]]  # by category

PUBLISHED: Final = "questions-words.txt"
FILES: Final = (
    ("test/test_data/questions-words.txt", "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36"),
)
CANDIDATES: Final = 300_000  # gensim's default
BATCH: Final = 64  # questions at once: their scores for all candidates are held in memory


def published() -> dict[str, list[Question]]:
    """Google's list, by category.

    Raises:
        InputError: gensim isn't installed, or its copy is another.
    """
    (file,) = catalog.checked_files("The published list of analogies", "gensim 4.4.0", "gensim", FILES)
    return read(file.read_text(encoding="utf-8"))


def read(text: str) -> dict[str, list[Question]]:
    """A list in the format of word2vec: ": category", and below it four words a line.

    Raises:
        InputError: a line is neither, or there is no question.
    """
    sections: dict[str, list[Question]] = {}
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(":"):
            name = line[1:].strip()
            sections.setdefault(name, [])
        elif words := line.split():
            if len(words) != 4 or not name:
                raise InputError(
                    f"Line {number:,} of the list of analogies is not a question; "
                    'write ": category", and below it four words a line.'
                )
            sections[name].append((words[0], words[1], words[2], words[3]))
    if not any(sections.values()):
        raise InputError('The list of analogies holds no question; write ": category", and below it four words a line.')
    return sections


def accuracy(
    table: WordVectors,
    questions: Questions,
    name: str = PUBLISHED,
    *,
    candidates: int = CANDIDATES,
    progress: Progress | None = None,
) -> AnalogyAccuracy:
    """Right answers by category, words in any case.

    Args:
        table: the vectors.
        questions: as `read` gives them.
        name: what the list is called.
        candidates: how many of the most frequent words may be an answer.
        progress: called with the category and the share of all questions done; what it raises ends the computation.
    """
    candidates = min(candidates, len(table))
    units = table.units[:candidates]
    total = sum(map(len, questions.values()))
    done = 0
    correct, asked, skipped = (np.zeros(len(questions), dtype=np.int64) for _ in range(3))
    for section, (title, listed) in enumerate(questions.items()):
        known = np.array(list(_places(table, listed, candidates)), dtype=np.int64).reshape(-1, 4)
        asked[section], skipped[section] = len(known), len(listed) - len(known)
        for start in range(0, len(known), BATCH):
            if progress is not None:
                progress(f"Analogies: {title}", (done + start) / total)
            batch = known[start : start + BATCH]
            correct[section] += int((_answers(units, batch[:, :3]) == batch[:, 3]).sum())
        done += len(listed)
    source = Source(table.name, table.revision, name)
    return AnalogyAccuracy(source, tuple(questions), correct, asked, skipped, candidates)


def _places(table: WordVectors, listed: Sequence[Question], candidates: int) -> Iterator[list[int]]:
    """The places of the four words of each question whose words are all candidates."""
    for question in listed:
        forms = [word if word in table else word.lower() for word in question]
        if all(form in table for form in forms):
            places = [table.place(form) for form in forms]
            if max(places) < candidates:
                yield places


def _answers(units: NDArray[np.float32], terms: NDArray[np.int64]) -> NDArray[np.int64]:
    """[question] the best candidate for a, b, c [question, 3] that is none of them."""
    a, b, c = (units[terms[:, column]] for column in range(3))
    scores = (b - a + c) @ units.T
    np.put_along_axis(scores, terms, -np.inf, axis=1)
    return scores.argmax(axis=1)

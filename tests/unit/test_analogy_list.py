"""Lists of analogies: read as word2vec writes them, answered as gensim answers them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import analogy_list, traces
from models.progress import Cancelled
from models.traces import AnalogyAccuracy, InputError
from tests.unit.test_word_vectors import gensims, random_table

LIST = ": First part\nA b c d\ne f g h\n\n: empty\n: second\na b zz d\nb c d e\n"


def test_a_list_is_read_by_category() -> None:
    read = analogy_list.read(LIST)
    assert list(read) == ["First part", "empty", "second"]
    assert read["First part"] == [("A", "b", "c", "d"), ("e", "f", "g", "h")]


@pytest.mark.parametrize("text", ["", ": only a name", "a b c d", ": name\na b c", ": name\na b c d e", "\x00\x01"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(InputError, match='write ": category"'):
        analogy_list.read(text)


@pytest.mark.parametrize("seed", range(5))
def test_accuracy_is_gensims(seed: int, tmp_path: Path) -> None:
    """Questions whose answers are near, so that about half of them are answered right."""
    table = random_table(seed, count=200, width=4)
    source = np.random.default_rng(seed)
    lines = []
    for section in range(4):
        lines.append(f": part {section}")
        for _ in range(150):
            a, b, c, other = source.choice(200, 4, replace=False)
            units = table.units
            scores = units @ (units[b] - units[a] + units[c])
            scores[[a, b, c]] = -np.inf
            d = int(scores.argmax()) if source.random() < 0.5 else other
            lines.append(" ".join(table.words[place] for place in (a, b, c, d)).upper())
    file = tmp_path / "questions.txt"
    file.write_text("\n".join(lines) + "\n")
    for candidates in (200, 120):
        ours = analogy_list.accuracy(table, analogy_list.read(file.read_text()), candidates=candidates)
        _, theirs = gensims(table).evaluate_word_analogies(str(file), restrict_vocab=candidates)
        right = [len(section["correct"]) for section in theirs]
        asked = [len(section["correct"]) + len(section["incorrect"]) for section in theirs]
        assert ours.correct.tolist() == right[:-1]
        assert ours.asked.tolist() == asked[:-1]
        assert ours.total == pytest.approx(right[-1] / asked[-1])
        assert (ours.asked + ours.skipped).tolist() == [150] * 4
        assert 0 < ours.total < 1


def test_it_says_how_far_it_is_and_can_be_stopped() -> None:
    table = random_table(0)
    a, b, c, d = table.words[:4]
    questions = {"one": [(a, b, c, d)] * 100, "two": [(a, b, c, "zz")], "three": [(b, c, d, a)]}
    told: list[tuple[str, float | None]] = []
    found = analogy_list.accuracy(table, questions, progress=lambda sentence, share: told.append((sentence, share)))
    assert [sentence for sentence, _ in told] == ["Analogies: one", "Analogies: one", "Analogies: three"]
    assert [share for _, share in told] == [0, analogy_list.BATCH / 102, 101 / 102]
    assert found.skipped.tolist() == [0, 1, 0]
    assert np.isnan(found.shares[1])

    def leave(_sentence: str, _share: float | None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        analogy_list.accuracy(table, questions, progress=leave)


def test_accuracy_survives_its_file() -> None:
    table = random_table(1)
    a, b, c, d = table.words[:4]
    found = analogy_list.accuracy(table, {"part": [(a, b, c, d)]}, "mine")
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, AnalogyAccuracy)
    assert (again.sections, again.candidates, again.source) == (("part",), 60, found.source)
    np.testing.assert_array_equal(again.correct, found.correct)

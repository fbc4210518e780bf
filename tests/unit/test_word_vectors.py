"""What word vectors say is what gensim's KeyedVectors says, on small random tables; what can't be is one sentence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics.pairwise import cosine_similarity

from models import traces, word_vectors
from models.spelling import Spellings
from models.traces import ANALOGY_METHODS, Analogy, InputError, Neighbours, OddOneOut, Scale
from models.word_vectors import WordVectors

ENGLISH = "the of king queen man woman cat dog Paris beautiful beautifully accommodate house mouse".split()


def names(count: int) -> tuple[str, ...]:
    return tuple("".join(letters) for letters in itertools.islice(itertools.product("abcdefgh", repeat=3), count))


def random_table(seed: int, count: int = 60, width: int = 8) -> WordVectors:
    return WordVectors(
        "random", "0", names(count), np.random.default_rng(seed).normal(size=(count, width)).astype("f4")
    )


def english() -> WordVectors:
    return WordVectors(
        "tiny", "0", tuple(ENGLISH), np.random.default_rng(0).normal(size=(len(ENGLISH), 6)).astype("f4")
    )


def gensims(table: WordVectors) -> KeyedVectors:
    vectors = KeyedVectors(table.vectors.shape[1])
    vectors.add_vectors(list(table.words), table.vectors)
    return vectors


def assert_same(ours: tuple[str, ...], scores: NDArray[np.floating], theirs: list[tuple[str, float]]) -> None:
    assert ours == tuple(word for word, _ in theirs)
    np.testing.assert_allclose(scores, [score for _, score in theirs], atol=2e-6)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), word=st.integers(0, 59), count=st.integers(1, 59))
def test_neighbours_are_gensims(seed: int, word: int, count: int) -> None:
    table = random_table(seed)
    name = table.words[word]
    found = word_vectors.neighbours(table, name, count)
    assert_same(found.words, found.cosines, gensims(table).most_similar(name, topn=count))
    assert name not in found.words
    np.testing.assert_array_equal(found.vectors[1:], table.vectors[found.places])
    np.testing.assert_allclose(np.cos(np.radians(found.angles)), found.cosines, atol=1e-6)


def test_neighbours_of_a_vector_are_gensims() -> None:
    table = random_table(3)
    vector = np.arange(8, dtype=np.float64) - 3
    found = word_vectors.neighbours(table, vector, 5)
    assert_same(found.words, found.cosines, gensims(table).similar_by_vector(vector.astype("f4"), topn=5))
    assert found.source.text == ""


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), terms=st.permutations(range(60)).map(lambda order: order[:4]))
def test_analogies_are_gensims(seed: int, terms: list[int]) -> None:
    table = random_table(seed)
    a, b, c, d = (table.words[place] for place in terms)
    found = word_vectors.analogy(table, a, b, c, d, count=57)
    kv = gensims(table)
    asked = {"positive": [b, c], "negative": [a], "topn": 57}
    for row, theirs in enumerate((kv.most_similar(**asked), kv.most_similar_cosmul(**asked))):
        free = ~found.given[row]
        ours = tuple(np.array(found.words[row])[free].tolist())
        assert ours == tuple(word for word, _ in theirs)
        np.testing.assert_allclose(found.scores[row][free], [score for _, score in theirs], rtol=1e-4, atol=2e-6)
        assert {word for word, given in zip(found.words[row], found.given[row], strict=True) if given} == {a, b, c}
        assert found.ranks[row].tolist() == [1 + ours.index(d), 1 + found.words[row].index(d)]
        assert found.answer(ANALOGY_METHODS[row]) == theirs[0][0]
    assert found.drawn[:4] == (a, b, c, d)
    np.testing.assert_allclose(found.vectors[1] - found.vectors[0] + found.vectors[2], found.vectors[-1], atol=1e-6)


def test_expected_word_that_is_asked_about_has_a_rank_among_all_only() -> None:
    table = english()
    found = word_vectors.analogy(table, "man", "king", "woman", "king", count=5)
    assert found.ranks[:, 0].tolist() == [0, 0]
    assert (found.ranks[:, 1] > 0).all()
    assert word_vectors.analogy(table, "man", "king", "woman", count=5).ranks.tolist() == [[0, 0], [0, 0]]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), places=st.sets(st.integers(0, 59), min_size=3, max_size=12))
def test_the_odd_one_is_gensims_and_the_one_with_the_smallest_mean_cosine(seed: int, places: set[int]) -> None:
    table = random_table(seed)
    words = [table.words[place] for place in places]
    found = word_vectors.odd_one_out(table, words)
    ranked = gensims(table).rank_by_centrality(words)
    assert found.words[found.odd] == ranked[-1][1]
    np.testing.assert_allclose(sorted(found.cosines)[::-1], [score for score, _ in ranked], atol=2e-6)
    np.testing.assert_allclose(found.pairwise, cosine_similarity(table.vectors[list(places)]), atol=2e-6)
    # n |m| cos(x, m) = 1 + (n - 1) times the mean cosine with the others: the two tell the same word.
    mean = table.units[list(places)].mean(axis=0)
    expected = len(words) * np.linalg.norm(mean) * found.cosines
    np.testing.assert_allclose(expected, 1 + (len(words) - 1) * found.with_others, atol=1e-5)


def test_a_scale_is_the_cosine_with_the_difference_of_the_poles() -> None:
    table = english()
    low, high, words = ["cat", "mouse"], ["house", "king", "queen"], ["dog", "man", "the", "cat"]
    found = word_vectors.scale(table, low, high, words)
    direction = np.mean([table.units[table.place(word)] for word in high], axis=0)
    direction = direction - np.mean([table.units[table.place(word)] for word in low], axis=0)
    for listed, positions in ((words, found.positions), (low, found.low_positions), (high, found.high_positions)):
        vectors = np.stack([table.vectors[table.place(word)] for word in listed])
        np.testing.assert_allclose(positions, cosine_similarity(vectors, direction[None])[:, 0], atol=1e-6)
    assert found.low_positions.mean() < found.high_positions.mean()
    turned = word_vectors.scale(table, high, low, words)
    np.testing.assert_allclose(turned.positions, -found.positions, atol=1e-6)


def test_words_are_found_as_written_or_in_lower_case() -> None:
    table = english()
    assert table.place("Paris") == ENGLISH.index("Paris")
    assert table.place(" King ") == ENGLISH.index("king")
    assert "king" in table
    assert "King" not in table


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("beautifull", '"beautiful", "beautifully"'),
        ("acommodate", 'did you mean "accommodate"'),
        ("knig", 'did you mean "king"'),
        ("zzzz", "try another word"),
        ("\u732b", "try another word"),
        ("king queen", 'try "king", "queen"'),
        ("qqq xxx", "a single one."),
        ("", "type one"),
        ("<script>alert(1)</script>", "try another word"),
        ("x" * 100_000, "try another word"),
    ],
)
def test_unknown_words_are_refused_with_the_nearest_spelling(word: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        word_vectors.neighbours(english(), word, 3)
    sentence = str(caught.value)
    assert says in sentence
    assert sentence[-1] in ".?"
    assert "\n" not in sentence
    assert len(sentence) < 300


@pytest.mark.parametrize("count", [0, -1, 14, 10**9])
def test_impossible_counts(count: int) -> None:
    with pytest.raises(InputError, match="ask for 1 to 13"):
        word_vectors.neighbours(english(), "king", count)
    with pytest.raises(InputError, match="ask for 1 to 11"):
        word_vectors.analogy(english(), "king", "man", "queen", count=count)


def test_what_has_no_answer_is_refused() -> None:
    table = english()
    for vector, says in (
        (np.zeros(6), "all zeros"),
        (np.full(6, np.nan), "not finite"),
        (np.ones(5), "6 numbers, not 5"),
    ):
        with pytest.raises(InputError, match=says):
            word_vectors.neighbours(table, vector, 3)
    with pytest.raises(InputError, match="three words"):
        word_vectors.odd_one_out(table, ["king", "queen"])
    with pytest.raises(InputError, match='"king" is there twice'):
        word_vectors.odd_one_out(table, ["king", "queen", "King"])
    with pytest.raises(InputError, match="is there twice"):
        word_vectors.analogy(table, "king", "queen", "king")
    with pytest.raises(InputError, match="one of them is missing"):
        word_vectors.scale(table, ["cat"], [], ["dog"])
    with pytest.raises(InputError, match="Both ends"):
        word_vectors.scale(table, ["cat", "dog"], ["dog", "cat"], ["king"])
    with pytest.raises(InputError, match="use 500 or fewer"):
        word_vectors.odd_one_out(table, ["king"] * 501)


def test_a_word_without_a_direction_is_no_trouble() -> None:
    vectors = np.eye(4, dtype=np.float32)
    vectors[3] = 0
    table = WordVectors("zero", "0", ("a", "b", "c", "nothing"), vectors)
    assert word_vectors.neighbours(table, "a", 3).cosines.tolist() == [0, 0, 0]
    assert np.isfinite(word_vectors.odd_one_out(table, table.words).cosines).all()


@settings(max_examples=100, deadline=None)
@given(
    words=st.lists(st.text("abcdeé", min_size=1, max_size=6), min_size=1, max_size=20, unique=True),
    asked=st.text("abcdeé", min_size=1, max_size=6),
)
def test_a_word_is_nearest_to_itself(words: list[str], asked: str) -> None:
    spellings = Spellings(words)
    for word in words:
        assert spellings.nearest(word)[0] == word
    assert set(spellings.nearest(asked, 20)) <= set(words)


def test_of_equally_alike_words_the_more_frequent_comes_first() -> None:
    assert Spellings(["cart", "card", "cat"]).nearest("cara") == ["cart", "card"]
    assert Spellings(["card", "cart"]).nearest("cara", 1) == ["card"]


@pytest.mark.parametrize(
    "trace",
    [
        word_vectors.neighbours(english(), "king", 3),
        word_vectors.analogy(english(), "king", "man", "queen", "woman", count=4),
        word_vectors.odd_one_out(english(), ["king", "queen", "cat"]),
        word_vectors.scale(english(), ["cat"], ["dog"], ["king", "man"]),
    ],
    ids=lambda trace: trace.name,
)
def test_traces_survive_their_files(trace: Neighbours | Analogy | OddOneOut | Scale) -> None:
    again = traces.from_bytes(traces.to_bytes(trace))
    assert type(again) is type(trace)
    for name, value in vars(trace).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(getattr(again, name), value)
        else:
            assert getattr(again, name) == value


def test_a_word_with_its_accent_beside_the_letter_is_found() -> None:
    table = WordVectors("tiny", "", ("na\u00efve", "other"), np.eye(2, dtype=np.float32))
    assert table.place("Nai\u0308ve") == 0


@pytest.mark.parametrize("size", [1e30, 1e-30])
def test_a_vectors_length_does_not_matter(size: float) -> None:
    table = WordVectors("tiny", "", ("a", "b", "c"), np.eye(3, dtype=np.float32))
    found = word_vectors.neighbours(table, np.array([2, 1, 0]) * size, 2)
    assert found.words == ("a", "b")
    np.testing.assert_allclose(found.cosines, np.array([2, 1]) / np.sqrt(5), rtol=1e-6)


def test_two_letters_in_each_others_place_come_first() -> None:
    assert Spellings(["kin", "ign", "king"]).nearest("kign")[0] == "king"

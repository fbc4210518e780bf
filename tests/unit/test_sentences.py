"""Sentences that run together have the vectors that they have alone; search, groups and classes are scikit-learn's."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy.stats import binomtest  # type: ignore[import-untyped]
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.model_selection import LeaveOneOut, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from models import catalog, embeddings, sentences, traces
from models.progress import Cancelled
from models.traces import POOLINGS, InputError, Pooling, SentenceTrace
from tests.families import FAMILIES, tiny_model, tiny_tokenizer

TEXTS = ["a", "to be or not to be", "😀", "the dog bit the man", "x" * 60, "so", "a", "é ü"]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_together_is_as_alone(family: str, pooling: Pooling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "BATCH_TEXTS", 3)
    model = tiny_model(family)
    found = embeddings.embed(catalog.wrap(model, tiny_tokenizer()), TEXTS, pooling=pooling)
    for text, vector in zip(TEXTS, found.vectors, strict=True):
        ids = torch.tensor([tiny_tokenizer()(text)["input_ids"]])
        with torch.inference_mode():
            hidden = model.base_model(input_ids=ids).last_hidden_state[0].numpy()
        expected = {"mean": hidden.mean(axis=0), "first": hidden[0], "max": hidden.max(axis=0)}[pooling]
        np.testing.assert_allclose(vector, expected, atol=1e-5)
    assert found.tokens.tolist() == [len(text.encode()) for text in TEXTS]
    assert not found.unread.any()


def test_of_a_long_text_the_beginning_is_read() -> None:
    lm = catalog.wrap(tiny_model("bert"), tiny_tokenizer())
    found = embeddings.embed(lm, ["é" * 100, "short", "a" * 30_000])
    assert found.tokens.tolist() == [128, 5, 128]
    assert found.unread.tolist() == [36, 0, 30_000 - 128]
    np.testing.assert_allclose(found.vectors[0], embeddings.embed(lm, ["é" * 64]).vectors[0], atol=1e-6)


def test_a_line_break_is_a_space() -> None:
    found = embeddings.embed(catalog.wrap(tiny_model("bert"), tiny_tokenizer()), ["to be\r\nor not", "b"])
    assert found.texts == ("to be or not", "b")
    assert found.source.text.split("\n") == list(found.texts)


def test_the_trace_survives_its_file() -> None:
    before = embeddings.embed(catalog.wrap(tiny_model("bert"), tiny_tokenizer()), TEXTS)
    after = traces.from_bytes(traces.to_bytes(before))
    assert isinstance(after, SentenceTrace)
    assert (after.texts, after.pooling, after.source) == (before.texts, before.pooling, before.source)
    np.testing.assert_array_equal(after.vectors, before.vectors)


def test_progress_grows_and_can_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "BATCH_TEXTS", 2)
    lm = catalog.wrap(tiny_model("bert"), tiny_tokenizer())
    seen: list[float | None] = []
    embeddings.embed(lm, TEXTS, progress=lambda _sentence, fraction: seen.append(fraction))
    assert seen == [0, 0, 0.25, 0.5, 0.75]

    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        embeddings.embed(lm, TEXTS, progress=stop)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([], "no text"),
        (["a", " \n "], "Text 2 is empty"),
        (["a", "b \ud83d"], "text 2 holds half a character"),
        (["a"] * 10_001, "at most 10,000"),
        (["a" * 5_000_000], "at most 4,000,000"),
    ],
)
def test_what_can_not_be_read_is_refused_in_a_sentence(texts: list[str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        embeddings.embed(catalog.wrap(tiny_model("bert"), tiny_tokenizer()), texts)


@pytest.fixture
def clouds() -> np.ndarray:
    """Three clouds of 20, 12 and 8 vectors of any length."""
    random = np.random.default_rng(0)
    middles = np.repeat(np.eye(3, 10) * 4, [20, 12, 8], axis=0)
    return ((middles + random.normal(0, 0.4, middles.shape)) * random.uniform(0.5, 3, (40, 1))).astype(np.float32)


WORDS = ["the cat sleeps and purrs"] * 20 + ["the river is deep"] * 12 + ["the tax is due"] * 8


def test_similarity_and_search_are_cosines(clouds: np.ndarray) -> None:
    expected = cosine_similarity(clouds)
    np.testing.assert_allclose(embeddings.similarity(clouds), expected, atol=1e-6)
    best, cosines = embeddings.search(clouds, clouds[3], 5)
    assert best.tolist() == np.argsort(-expected[3])[:5].tolist()
    np.testing.assert_allclose(cosines, expected[3][best], atol=1e-6)
    with pytest.raises(InputError, match="too many for one picture"):
        embeddings.similarity(np.ones((2_001, 2), dtype=np.float32))


def test_groups_are_those_of_k_means_with_the_words_that_set_them_apart(clouds: np.ndarray) -> None:
    found = embeddings.groups(clouds, WORDS, 3)
    assert found.sizes.tolist() == [20, 12, 8]
    assert found.labels.tolist() == [0] * 20 + [1] * 12 + [2] * 8
    directions = clouds / np.linalg.norm(clouds, axis=1, keepdims=True)
    theirs = min(
        (KMeans(3, n_init=1, random_state=seed).fit(directions) for seed in range(10)), key=lambda k: k.inertia_
    )
    assert len(set(zip(found.labels, theirs.labels_, strict=True))) == 3
    assert set(found.words[0][:3]) == {"cat", "purrs", "sleeps"}
    assert found.words[2][0] == "tax"
    assert not {"and", "the"} & set(found.words[0] + found.words[1] + found.words[2])
    vectorizer = TfidfVectorizer(stop_words="english")  # no word here is a single letter
    weights = vectorizer.fit_transform(WORDS).toarray()
    scores = weights[:20].mean(axis=0) - weights[20:].mean(axis=0)
    for word, score in zip(found.words[0], found.scores[0], strict=True):
        assert score == pytest.approx(scores[vectorizer.vocabulary_[word]])
    for group, middle in enumerate(found.middles):
        own = found.labels == group
        distance = np.linalg.norm(directions - directions[own].mean(axis=0), axis=1)
        assert distance[middle] == pytest.approx(distance[own].min(), abs=1e-6)


def test_looking_for_groups_can_be_stopped(clouds: np.ndarray) -> None:
    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        embeddings.groups(clouds, WORDS, 3, progress=stop)


def test_groups_of_texts_without_words_have_no_words(clouds: np.ndarray) -> None:
    assert embeddings.groups(clouds, ["😀"] * 40, 2).words == ((), ())


@pytest.mark.parametrize(("count", "sentence"), [(0, "1 to 50"), (51, "1 to 50"), (3, "2 different texts")])
def test_impossible_groups_are_refused(count: int, sentence: str) -> None:
    vectors = np.array([[1, 0], [0, 1], [2, 0]], dtype=np.float32)
    with pytest.raises(InputError, match=sentence):
        embeddings.groups(vectors, ["a", "b", "a"], count)


def test_a_classifier_is_tested_on_what_it_has_not_seen(clouds: np.ndarray) -> None:
    random = np.random.default_rng(1)
    vectors = (clouds + random.normal(0, 3, clouds.shape)).astype(np.float32)
    labels = {number: name for number, name in enumerate(["cat"] * 20 + ["river"] * 12) if number % 2}
    found = embeddings.classify(vectors, labels)
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen, names = sorted(labels), [labels[number] for number in sorted(labels)]
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    right = cross_val_score(LogisticRegression(), directions[chosen], names, cv=folds)
    sizes = [len(test) for _, test in folds.split(directions[chosen], names)]
    assert found.accuracy == pytest.approx(np.average(right, weights=sizes))
    assert found.accuracy < 1  # the clouds overlap; on what it has seen it would be right more often
    assert (found.baseline, found.folds, found.labelled) == (10 / 16, 5, 16)
    wilson = binomtest(round(found.accuracy * 16), 16).proportion_ci(method="wilson")
    assert found.interval == pytest.approx((wilson.low, wilson.high))
    assert found.interval[0] < found.accuracy < found.interval[1]
    by_hand = LogisticRegression().fit(directions[chosen], names)
    np.testing.assert_allclose(found.probabilities, by_hand.predict_proba(directions), atol=1e-4)
    assert [found.names[number] for number in found.predicted] == by_hand.predict(directions).tolist()


def test_labels_by_chance_are_held_out_by_chance() -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 200)).astype(np.float32)
    labels = {number: "ab"[number % 2] for number in range(60)}
    found = embeddings.classify(vectors, labels)
    assert found.accuracy < 0.75
    assert np.mean([found.names[k] == labels[n] for n, k in enumerate(found.predicted)]) == 1


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ({}, "two different labels"),
        ({0: "a", 1: "a", 2: "a"}, "two different labels"),
        ({0: "a", 1: "a", 2: "b"}, "Only one text is labelled “b”"),
        ({0: "a", 1: "a", 2: "b", 99: "b"}, "no text 100"),
    ],
)
def test_too_few_labels_are_refused(labels: dict[int, str], sentence: str, clouds: np.ndarray) -> None:
    with pytest.raises(InputError, match=sentence):
        embeddings.classify(clouds, labels)


def test_too_many_labels_are_refused() -> None:
    vectors = np.random.default_rng(0).normal(size=(102, 8)).astype(np.float32)
    with pytest.raises(InputError, match="51 different labels; at most 50"):
        embeddings.classify(vectors, {number: str(number // 2) for number in range(102)})


def test_the_closest_pairs_are_those_of_all_cosines(clouds: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "CHUNK", 300)  # several rows at a time, not all
    cosines = cosine_similarity(clouds)
    one, other = np.triu_indices(len(clouds), 1)
    pairs, values = sentences.closest(clouds, 25)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len({tuple(pair) for pair in pairs.tolist()}) == 25
    np.testing.assert_allclose(values, np.sort(cosines[one, other])[::-1][:25], atol=1e-6)
    np.testing.assert_allclose(values, cosines[pairs[:, 0], pairs[:, 1]], atol=1e-6)
    assert len(sentences.closest(clouds[:3], 25)[0]) == 3
    assert len(sentences.closest(clouds[:1], 25)[0]) == 0


def test_the_nearest_are_those_of_scikit_learn(clouds: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "CHUNK", 300)
    theirs = NearestNeighbors(n_neighbors=4, metric="cosine").fit(clouds).kneighbors(return_distance=False)
    np.testing.assert_array_equal(sentences.nearest(clouds, 4), theirs)
    other = np.random.default_rng(1).normal(size=clouds.shape).astype(np.float32)
    mine = sentences.nearest(other, 4)
    shared = [len(set(one) & set(two)) for one, two in zip(theirs.tolist(), mine.tolist(), strict=True)]
    assert sentences.shared_neighbours(theirs, mine) == pytest.approx(sum(shared) / theirs.size)
    assert sentences.shared_neighbours(theirs, theirs) == 1


def test_labels_agree_as_a_classifier_by_one_neighbour_does() -> None:
    vectors = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    labels = {number: "ab"[number % 2] for number in range(0, 30, 3)}
    chosen = sorted(labels)
    one = KNeighborsClassifier(1, metric="cosine")
    right = cross_val_score(one, vectors[chosen], [labels[number] for number in chosen], cv=LeaveOneOut())
    assert sentences.label_agreement(vectors, labels) == pytest.approx(right.mean())
    assert sentences.label_agreement(vectors, {4: "a"}) is None


def test_comparing_all_texts_can_be_stopped(clouds: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "CHUNK", 300)

    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        sentences.closest(clouds, 5, progress=stop)
    with pytest.raises(Cancelled):
        sentences.nearest(clouds, 5, progress=stop)


def test_importing_is_light() -> None:
    """The first picture of a page is drawn before any of these libraries is there."""
    check = (
        "import sys\n"
        "from models import csv_reading, embeddings, word2vec\n"
        "print(sorted({'torch', 'transformers', 'tokenizers', 'sklearn', 'gensim', 'scipy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

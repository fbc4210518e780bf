"""gensim trains as it does alone, and the step taken apart is gensim's step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from gensim.models.word2vec import Word2Vec
from hypothesis import given, settings
from hypothesis import strategies as st

from models import word2vec
from models.progress import Cancelled
from models.traces import InputError, Word2VecMode, Word2VecTraining

MODES: tuple[Word2VecMode, ...] = ("skip-gram", "cbow")
ANIMALS, TOOLS = ("cat", "dog", "horse", "sheep"), ("saw", "hammer", "drill", "file")


def corpus() -> str:
    """Sentences about animals, and others about tools, that share only small words."""
    random = np.random.default_rng(0)
    lines = []
    for number in range(600):
        kind, verb = ((ANIMALS, "eats grass near"), (TOOLS, "cuts wood beside"))[number % 2]
        first, second = random.choice(kind, 2, replace=False)
        lines.append(f"The {first} {verb} the {second}.")
    return " ".join(lines)


SMALL = {"dimensions": 12, "window": 3, "epochs": 4, "rate": 0.1, "sample": 0.0}


@pytest.fixture(scope="module", params=MODES)
def training(request: pytest.FixtureRequest) -> Word2VecTraining:
    return word2vec.train(corpus(), mode=request.param, **SMALL)  # type: ignore[arg-type]


def test_vectors_are_those_that_gensim_alone_gives(training: Word2VecTraining) -> None:
    alone = Word2Vec(
        word2vec.sentences_of(corpus()),
        sg=int(training.mode == "skip-gram"),
        vector_size=12,
        window=3,
        min_count=2,
        epochs=4,
        alpha=0.1,
        sample=0,
        seed=0,
        workers=1,
        batch_words=word2vec.BATCH_WORDS,
    )
    assert training.words == tuple(alone.wv.index_to_key)
    np.testing.assert_array_equal(training.final, alone.wv.vectors)
    np.testing.assert_array_equal(training.vectors[-1], training.final[: training.kept])
    np.testing.assert_array_equal(training.outputs[-1], alone.syn1neg[: training.kept])


def test_the_same_seed_gives_the_same_twice(training: Word2VecTraining) -> None:
    again = word2vec.train(corpus(), mode=training.mode, **SMALL)  # type: ignore[arg-type]
    np.testing.assert_array_equal(again.vectors, training.vectors)
    np.testing.assert_array_equal(again.losses, training.losses)
    other = word2vec.train(corpus(), mode=training.mode, seed=1, **SMALL)  # type: ignore[arg-type]
    assert (other.vectors[-1] != training.vectors[-1]).any()


def test_words_that_stand_in_the_same_places_come_together(training: Word2VecTraining) -> None:
    at = {word: training.final[number] / np.linalg.norm(training.final[number]) for number, word in
          enumerate(training.words)}  # fmt: skip
    own = np.mean([at[a] @ at[b] for a in ANIMALS for b in ANIMALS if a != b])
    other = np.mean([at[a] @ at[b] for a in ANIMALS for b in TOOLS])
    assert own > other + 0.2
    assert training.losses[-1] < training.losses[0]


def test_frequent_words_are_left_out_as_gensim_does() -> None:
    found = word2vec.train(corpus(), epochs=1, dimensions=4)
    alone = Word2Vec(min_count=2, sample=1e-3)
    alone.build_vocab(word2vec.sentences_of(corpus()))
    shares = np.array([alone.wv.get_vecattr(word, "sample_int") / 2**32 for word in found.words])
    assert found.trained[0] == pytest.approx((shares * found.counts).sum(), rel=0.1)
    assert found.trained[0] < found.counts.sum() / 3


def test_before_training_each_sample_costs_a_bit() -> None:
    """Output vectors begin at 0, so that every sigmoid is a half; one epoch at almost no rate changes nothing."""
    text = "one two. " * 400
    still = word2vec.train(text, epochs=1, dimensions=4, window=1, negative=1, rate=1e-9, sample=0)
    # Two pairs a sentence, one for each word; the noise is one of two words, and half the time it is the target.
    assert still.losses[0] == pytest.approx(1.5 * math.log(2), rel=0.05)
    assert not still.outputs[0].any()


def test_every_epoch_is_told_and_the_training_can_be_stopped() -> None:
    seen: list[tuple[tuple[str, ...], int, float, tuple[int, ...]]] = []
    fractions: list[float | None] = []
    training = word2vec.train(
        corpus(),
        epochs=3,
        dimensions=4,
        progress=lambda _sentence, fraction: fractions.append(fraction),
        on_epoch=lambda words, epoch, loss, vectors: seen.append((words, epoch, loss, vectors.shape)),
    )
    assert [epoch for _, epoch, _, _ in seen] == [0, 1, 2, 3]
    assert {words for words, _, _, _ in seen} == {training.words[: training.kept]}
    assert math.isnan(seen[0][2])
    assert all(loss > 0 for _, _, loss, _ in seen[1:])
    known = [fraction for fraction in fractions if fraction is not None]
    assert len(known) == len(fractions) > 5
    assert known == sorted(known)
    assert known[-1] < 1

    def stop(sentence: str, _fraction: float | None) -> None:
        if sentence.startswith("Epoch 2"):
            raise Cancelled

    with pytest.raises(Cancelled):
        word2vec.train(corpus(), epochs=3, progress=stop)


def test_an_example_is_a_sentence_of_the_text(training: Word2VecTraining) -> None:
    text = f"Hello. The cat. The zebra eats grass near the dog. {corpus()}"
    assert word2vec.example(training, text) == "the eats grass near the dog"
    assert word2vec.example(training, "The cat. A dog eats grass.") == "dog eats grass"
    assert word2vec.example(training, "Nothing here. Or here.") == ""
    assert word2vec.take_apart(training, 1, word2vec.example(training, corpus())).difference < 1e-6


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word2vec, "MAX_BYTES", 8 * 50 * 3 * 5)  # five words of 50 dimensions at three times
    found = word2vec.train(corpus(), epochs=2)
    assert found.vectors.shape == found.outputs.shape == (3, 5, 50)
    assert found.counts.tolist() == sorted(found.counts, reverse=True)
    assert len(found.final) == len(found.words) > 5
    with pytest.raises(InputError, match=r"not among the 5 most"):
        word2vec.take_apart(found, 0, "the hammer")


def test_too_many_words_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word2vec, "MAX_WORDS", 10)
    with pytest.raises(InputError, match=r"15 different words stand in this text at least 2 times; at most 10"):
        word2vec.train(corpus())


def test_a_sentence_taken_apart_equals_gensims_training_on_it(training: Word2VecTraining) -> None:
    largest = 0.0
    for epoch in range(training.epochs + 1):
        apart = word2vec.take_apart(training, epoch, "The cat eats grass near the dog.", seed=epoch)
        assert apart.difference < 1e-6
        assert all(step.rate == training.rate(epoch) for step in apart.steps)
        largest = max(largest, *(float(np.abs(step.work).max()) for step in apart.steps))
    # Windows of three to each side in seven words: 3 + 4 + 5 + 6 + 5 + 4 + 3 pairs.
    assert len(apart.steps) == (30 if training.mode == "skip-gram" else 7)
    assert largest > 1e-2  # something was there to be equal
    for (context, target), step in zip(apart.places, apart.steps, strict=True):
        assert [apart.words[at] for at in context] == [training.words[number] for number in step.context]
        assert apart.words[target] == training.words[step.samples[0]]
        assert all(0 < abs(at - target) <= training.window for at in context)


def test_vectors_that_have_grown_are_left_alone_beyond_six() -> None:
    random = np.random.default_rng(0)
    vectors, outputs = random.normal(0, 2, (2, 9, 10)).astype(np.float32)
    found = Word2VecTraining(
        "skip-gram", 5, 5, 0, (0.05, 0.01), tuple("abcdefghi"), np.arange(9, 0, -1), np.ones(1), np.ones(1, dtype=int),
        vectors, np.stack([vectors, vectors]), np.stack([outputs, outputs]),
    )  # fmt: skip
    apart = word2vec.take_apart(found, 1, "a b c d e")
    assert apart.difference < 1e-5  # of numbers around 2
    sigmoids = np.concatenate([step.sigmoids for step in apart.steps])
    assert 10 < np.isnan(sigmoids).sum() < len(sigmoids) - 10
    assert all((step.steps[np.isnan(step.sigmoids)] == 0).all() for step in apart.steps)


@given(st.integers(0, 10_000), st.integers(1, 4), st.lists(st.integers(0, 7), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_step_goes_down_the_gradient_of_its_loss(seed: int, context: int, noise: list[int]) -> None:
    """By torch's own differentiation, up to what gensim's table is off by; repeated noise is counted again."""
    random = np.random.default_rng(seed)
    vectors, outputs = random.normal(0, 0.3, (2, 8, 5)).astype(np.float32)
    chosen = random.choice(8, context, replace=False).tolist()
    noise = list(dict.fromkeys(noise))  # the second of two equal ones would begin where the first left
    step = word2vec.step(after := vectors.copy(), moved := outputs.copy(), chosen, 3, noise, rate=1.0)

    inputs = torch.tensor(vectors, requires_grad=True)
    weights = torch.tensor(outputs, requires_grad=True)
    hidden = inputs[chosen].mean(dim=0)
    hidden.retain_grad()
    products = weights[step.samples] @ hidden
    losses = -torch.nn.functional.logsigmoid(torch.where(torch.arange(len(products)) == 0, products, -products))
    losses.sum().backward()
    assert hidden.grad is not None
    assert weights.grad is not None
    np.testing.assert_allclose(step.losses, losses.detach(), atol=1e-5)
    np.testing.assert_allclose(step.exact, torch.sigmoid(products).detach(), atol=1e-6)
    np.testing.assert_allclose(step.sigmoids, step.exact, atol=0.01)
    room = 0.01 * len(step.samples) * 2
    # CBOW gives each word of the context the whole of it, as word2vec's own code does, not its share of the mean.
    np.testing.assert_allclose(step.work, -hidden.grad, atol=room)
    np.testing.assert_allclose(after[chosen] - vectors[chosen], np.tile(step.work, (context, 1)), atol=1e-6)
    np.testing.assert_allclose(moved - outputs, -weights.grad, atol=room)
    assert 3 not in step.samples[1:]


def test_noise_is_drawn_from_gensims_table() -> None:
    counts = np.array([50, 20, 20, 3, 1])
    model = Word2Vec(min_count=1, sorted_vocab=0)
    model.build_vocab_from_freq(dict(zip("abcde", counts.tolist(), strict=True)))
    np.testing.assert_array_equal(word2vec.noise_table(counts), model.cum_table)


def test_sentences_and_words() -> None:
    text = "It's a cat. IT is\nnot!\n\nNew line, 3 dogs 😀 naïve 猫はいる。犬も"
    assert word2vec.sentences_of(text) == [
        ["it's", "a", "cat"],
        ["it", "is", "not"],
        ["new", "line", "dogs", "naïve", "猫はいる"],
        ["犬も"],
    ]
    assert word2vec.sentences_of("Don\u2019t nai\u0308ve don't na\u00efve") == [["don't", "na\u00efve"] * 2]
    assert [len(words) for words in word2vec.sentences_of("word " * 4_500)] == [2_000, 2_000, 500]


@pytest.mark.parametrize(
    ("text", "given", "sentence"),
    [
        ("", {}, "two are needed"),
        ("one one one", {}, "1 stands in it at least 2 times"),
        ("one two", {}, "0 stand in it at least 2 times.*count rarer words too.$"),
        ("猫はいる。犬もいる。", {}, "0 stand in it at least 2 times.*put some between those of Chinese"),
        ("a b " * 1_300_000, {}, "at most 5,000,000"),
        ("a b a b", {"mode": "glove"}, "skip-gram or cbow"),
        ("a b a b", {"rate": float("nan")}, "learning rate"),
        ("a b a b", {"dimensions": 1}, "dimensions must be a whole number from 2 to 300"),
        ("a b a b", {"epochs": 101}, "epochs must be a whole number from 1 to 100"),
        ("a b a b", {"seed": -1}, "seed must be"),
    ],
)
def test_what_can_not_be_trained_is_refused_in_a_sentence(text: str, given: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        word2vec.train(text, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("epoch", "text", "sentence"),
    [
        (9, "the cat", "no epoch 9"),
        (0, "the qqqq", '"qqqq" is not among the 15 most frequent words of this training; use words that are'),
        (0, "the hamer", 'did you mean "hammer"'),
        (0, "cat", "has 1 word; 2 to 12"),
        (0, "the " * 13, "13 words"),
    ],
)
def test_what_can_not_be_taken_apart_is_refused(
    epoch: int, text: str, sentence: str, training: Word2VecTraining
) -> None:
    with pytest.raises(InputError, match=sentence):
        word2vec.take_apart(training, epoch, text)


@pytest.mark.parametrize("mode", ["skip-gram", "cbow"])
def test_words_that_never_stand_together_are_refused(mode: Word2VecMode) -> None:
    with pytest.raises(InputError, match="No sentence of this text has two"):
        word2vec.train("hello.\n\nworld.\n\nhello.\n\nworld.", mode=mode, epochs=1)


def test_an_epoch_that_left_every_word_out_has_no_loss() -> None:
    training = word2vec.train("the dog bit the dog", epochs=2, dimensions=5)
    assert training.trained.tolist() == [0, 0]
    assert np.isnan(training.losses).all()


@pytest.mark.parametrize("given", [{"epochs": 1.5}, {"dimensions": 2.5}, {"seed": 0.5}])
def test_settings_are_whole_numbers(given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="whole number"):
        word2vec.train("the dog bit the dog", **given)

"""The view "word2vec" as a script: what it trains and checks, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from models import grammar_text, word2vec
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.embedding_words.word2vec import WORDS

SHORT = "The dog bit the man. The man bit the dog. The dog saw the cat. The cat saw the man."
QUICK = {"corpus": "pasted", "pasted": SHORT, "epochs": "2"}


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("embeddings", {"view": "word2vec", **query})


def said(app: AppTest) -> str:
    """All quiet lines."""
    return " ".join(box.value.replace("\\", "") for box in app.caption)


def test_the_usual_view_is_checked_against_gensim() -> None:
    app = opened()
    assert sentences(app) == []
    near, apart = badges(app)
    assert "green" in near
    assert "The neighbours of 67 of 67 words are gensim's" in near
    assert "green" in apart
    assert "36 updates equal gensim's to " in apart
    assert "dimensions 20, window 3, negative 5, epochs 30, rate 0.025, sample 0, min_count 2, seed 0" in said(app)
    assert "Trustworthiness" in " ".join(text.value for text in app.markdown)
    assert not app.info
    assert not app.warning


def test_a_link_sets_every_control() -> None:
    query = {"mode": "cbow", "dimensions": "5", "window": "2", "negative": "3", "epochs": "3", "rate": "0.075"}
    app = opened(**query, sample="0.01", min_count="3", seed="7", sentence="The KING feeds his dog.", after="2")
    assert sentences(app) == []
    assert app.selectbox(key="mode").value == "cbow"
    assert app.number_input(key="rate").value == 0.075
    assert app.selectbox(key="sample").value == "0.01"
    assert "dimensions 5, window 2, negative 3, epochs 3, rate 0.075, sample 0.01, min_count 3, seed 7" in said(app)
    assert "after 2 epochs" in said(app)
    assert "5 words, 5 updates" in said(app)  # CBOW has one for each word
    assert all("green" in badge for badge in badges(app))


def test_what_was_skipped_is_told() -> None:
    app = opened(**{**QUICK, "sample": "0.0001"})
    assert sentences(app) == []
    assert "In every epoch all words were skipped as too frequent" in app.info[0].value
    assert all("green" in badge for badge in badges(app))
    assert "Only" in opened(epochs="2", sample="0.001").info[0].value


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"pasted": ""}, "0 stand in it at least 2 times"),
        ({"pasted": "same same same same"}, "1 stands in it at least 2 times"),
        ({"pasted": "one two"}, "0 stand in it at least 2 times"),
        ({"pasted": "猫はいる。犬もいる。"}, "put some between those of Chinese"),
        ({"pasted": "one.\n\ntwo.\n\none.\n\ntwo."}, "none has a neighbour"),
        ({"corpus": "file"}, "Choose a text file of up to 10 MB to train on; a link can't carry it."),
        ({"pasted": "<img src=x onerror=alert(1)>"}, "0 stand in it"),
    ],
    ids=["empty", "one word", "two words", "no spaces", "no neighbours", "no file", "markup"],
)
def test_what_cannot_be_trained_gets_one_sentence_and_nothing_is_lost(query: dict[str, str], sentence: str) -> None:
    app = opened(corpus=query.pop("corpus", "pasted"), dimensions="33", sentence="the dog", after="3", **query)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert app.number_input(key="dimensions").value == 33
    assert app.text_area(key="sentence").value == "the dog"
    assert app.number_input(key="after").value == 3
    assert app.header[0].value == "What to notice"


def test_the_same_text_from_elsewhere_is_named_after_where_it_is_from() -> None:
    assert "trained on A small grammar's sentences" in said(opened(epochs="2"))
    query = {"view": "word2vec", "corpus": "pasted", "epochs": "2"}
    app = visiting.opened("embeddings", query, {"pasted": grammar_text.text()})
    assert sentences(app) == []
    assert "trained on your text, 112,778 characters" in said(app)


def test_a_text_that_is_too_long_is_refused() -> None:
    app = visiting.opened(
        "embeddings", {"view": "word2vec", "corpus": "pasted"}, {"pasted": "a b. " * (word2vec.MAX_CHARACTERS // 5 + 1)}
    )
    assert "at most 5,000,000 are trained on" in sentences(app)[0]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"sentence": "the zebra bit"}, "is not among the 6 most frequent words"),
        ({"sentence": "the dgo bit"}, 'did you mean "dog"'),
        ({"sentence": "dog"}, "The sentence has 1 word; 2 to 12"),
        ({"sentence": "the dog " * 7}, "The sentence has 14 words; 2 to 12"),
        ({"after": "99"}, "There is no epoch 99; this training has 0 to 2."),
    ],
    ids=["unknown", "misspelt", "one word", "too many", "no such epoch"],
)
def test_what_cannot_be_taken_apart_leaves_the_map(query: dict[str, str], sentence: str) -> None:
    app = opened(**{**QUICK, **query})
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert len(badges(app)) == 1
    assert "are gensim's" in badges(app)[0]
    assert "6 words in all" in said(app)


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("rate", "nan", "a number from 0.0005 to 0.1"),
        ("rate", "5", "a number from 0.0005 to 0.1"),
        ("rate", "<img src=x>", "a number from 0.0005 to 0.1"),
        ("epochs", "0", "a number from 1 to 100"),
        ("dimensions", "-3", "a number from 2 to 300"),
        ("sample", "2", "one of none"),
        ("mode", "glove", "one of skip-gram, cbow"),
        ("epoch", "3", "a number from 0 to 2"),
        ("point", "x", "a number from 0 to 5"),
        ("pair", "9999", "a number from 0"),
        ("step", "-1", "a number from 0"),
    ],
)
def test_a_link_that_asks_for_what_is_not_there_is_told_once(name: str, value: str, part: str) -> None:
    query = {**QUICK, name: value}
    if name == "epochs":
        query["epoch"] = "1"
    app = opened(**query)
    assert sentences(app) == []
    assert len(app.warning) == 1
    told = app.warning[0].value.replace("\\", "")
    assert f"asks for {name} " in told
    assert part in told
    app.run()
    assert sentences(app) == []


@pytest.mark.parametrize(
    "text", ["\x00 a b. a b.", "\u202ea b. a b.", "a\u0301 b. a\u0301 b.", "<b>a b</b> <b>a b</b>"]
)
def test_any_text_with_two_words_is_trained_on(text: str) -> None:
    app = opened(corpus="pasted", pasted=text, epochs="1")
    assert sentences(app) == []
    assert len(badges(app)) == 2


@pytest.mark.parametrize("query", [query for _, _, query in WORDS.presets], ids=[name for name, _, _ in WORDS.presets])
def test_every_preset_works(query: dict[str, str]) -> None:
    app = opened(**{**{k: v for k, v in query.items() if k != "view"}, "epochs": "2"})
    assert sentences(app) == []
    assert not app.warning
    assert all("green" in badge for badge in badges(app))

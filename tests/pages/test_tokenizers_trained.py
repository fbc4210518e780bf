"""The view "trained" as a script: three tokenizers at one click, and sentences for what can't be."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from models import comparison, three
from models.corpora import CORPORA
from tests.pages import visiting
from tests.pages.visiting import badges, sentences


def opened(**query: str) -> AppTest:
    return visiting.opened("tokenizers", {"view": "trained", "size": "300", **query})


def test_all_three_are_there_and_checked() -> None:
    app = opened(text="low lower unreadable")
    assert sentences(app) == []
    assert "Same ids as the libraries, all three" in badges(app)[0]
    said = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    assert "BPE: 300 entries · WordPiece: 300 entries · Unigram: 300 entries" in said
    unseen, groups = (frame.value for frame in app.dataframe)
    trained = three.train(CORPORA["english"].read(), 300)
    found = comparison.compare(trained.held_out, trained.tokenizers())
    assert unseen["Tokens"].tolist() == [row.tokens for row in found.rows]
    assert groups["Pieces"].sum() == len(frozenset().union(*trained.vocabularies.values()))


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": "a" * 6_000}, "takes 5,000"),
        ({"corpus": "low"}, "too small for three"),
        ({"size": "50"}, "ask for a vocabulary of at least"),
        ({"corpus": "pasted"}, "empty"),
        ({"corpus": "file"}, "Choose a text file"),
    ],
    ids=["text", "low", "size", "nothing pasted", "no file"],
)
def test_what_cannot_be_done_gets_one_sentence(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    (said,) = sentences(app)
    assert part in said
    assert app.number_input(key="size").value == int({"size": "300", **query}["size"])


@pytest.mark.parametrize("size", ["5", "9999999", "x"])
def test_an_impossible_size_falls_back_and_says_so(size: str) -> None:
    app = opened(size=size, text="x", corpus="pasted")
    assert not app.exception
    assert app.number_input(key="size").value == 1_000
    assert "from 20 to 8000" in app.warning[0].value.replace("\\", "")


def test_an_impossible_token_falls_back_and_says_so() -> None:
    app = opened(text="low", token="9,9")
    assert sentences(app) == []
    assert "a row and a token of it" in app.warning[0].value.replace("\\", "")

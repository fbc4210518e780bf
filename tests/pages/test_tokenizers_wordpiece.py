"""The view "wordpiece" as a script: both parts, what can't be trained on, and that nothing chosen is lost."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from tokenizers import Tokenizer

from models import catalog, wordpiece
from models.corpora import CORPORA
from pages.parts.tokenizers import wordpiece_files
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences
from viz.components import longest_match, pair_rankings
from viz.tokenizer_words import wordpiece as words


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("tokenizers", {"view": "wordpiece", **query})


def data(packed: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(b"{" + packed + b"}")["data"]
    return found


def test_the_badge_counts_the_librarys_tokens() -> None:
    app = opened()
    assert sentences(app) == []
    assert is_whole(app)
    ids = catalog.tokenizer("minilm-l6-v2")(words.TEXT, add_special_tokens=False)["input_ids"]
    assert f"{len(ids)} tokens, the same as the library's" in " ".join(badges(app))


def test_the_presets_show_what_they_say() -> None:
    for _, _, query in words.WORDS.presets:
        app = opened(**query)
        assert sentences(app) == []
        assert not app.warning
        assert "the library's" in " ".join(badges(app))


def test_one_that_is_trained_here_cuts_the_text() -> None:
    app = opened(tokenizer="trained here", corpus="low", size="30", text="lowest newer x")
    assert sentences(app) == []
    training = wordpiece.train(CORPORA["low"].read(), vocabulary_size=30)
    ids = Tokenizer.from_str(training.tokenizer).encode("lowest newer x").ids
    assert f"{len(ids)} tokens, the same as the library's" in " ".join(badges(app))


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": ""}, "The text is empty; type a word or a sentence."),
        ({"text": " \n\t "}, "The tokenizer keeps nothing of this text"),
        ({"text": "a" * 20_001}, "at most 20,000"),
        ({"part": "train", "corpus": "low", "size": "5"}, "ask for a vocabulary of at least 19"),
        ({"part": "train", "corpus": "low", "size": "19"}, "leave nothing to merge"),
        ({"part": "train", "corpus": "pasted"}, "The corpus is empty"),
        ({"part": "train", "corpus": "file"}, "Choose a text file"),
        ({"tokenizer": "trained here", "corpus": "file"}, "Choose a text file"),
    ],
    ids=["empty", "spaces", "long", "small", "full", "nothing", "no file", "no file to cut with"],
)
def test_bad_input_gets_one_sentence_and_leaves_the_page_whole(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert len(sentences(app)) == 1
    assert part in sentences(app)[0]
    assert is_whole(app)


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"word": "7"}, "from 0 to 6"),
        ({"step": "23"}, "from 0 to 22"),
        ({"part": "nonsense", "text": ""}, "one of cut, train"),
        ({"part": "train", "corpus": "low", "step": "13"}, "from 0 to 12"),
        ({"size": "99999999"}, "from 1 to 8000"),
    ],
)
def test_an_impossible_link_falls_back_and_says_so(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    if query.get("text") != "":
        assert sentences(app) == []
    said = [box.value.replace("\\", "") for box in app.warning]
    assert len(said) == 1
    assert part in said[0]


def test_a_corpus_over_the_limit_is_refused() -> None:
    app = opened(part="train", corpus="pasted")
    app.text_area(key="pasted").set_value("ab " * 400_000).run()
    assert len(sentences(app)) == 1
    assert "WordPiece is trained on up to 1 MB here" in sentences(app)[0]
    assert is_whole(app)


def test_a_tokenizer_of_another_view_is_left_alone() -> None:
    app = opened(tokenizer="cl100k_base")
    assert sentences(app) == []
    assert any("GPT" in line.value and "this view" in line.value for line in app.caption)
    assert "the same as the library's" in " ".join(badges(app))


def test_a_corpus_that_is_not_needed_is_not_asked_for() -> None:
    app = opened(corpus="file")
    assert sentences(app) == []
    assert "the same as the library's" in " ".join(badges(app))


def test_what_is_chosen_in_one_part_outlives_the_other() -> None:
    app = opened(text="Keep me", corpus="low", size="25")
    app.segmented_control[1].set_value("train").run()
    assert sentences(app) == []
    assert "vocabulary of 25" in " ".join(badges(app))
    assert app.text_area(key="text").value == "Keep me"
    app.segmented_control[1].set_value("cut").run()
    assert app.text_area(key="text").value == "Keep me"
    assert app.selectbox(key="corpus").value == "low"
    assert app.number_input(key="size").value == 25


def test_the_files_hold_every_match_and_every_merge() -> None:
    tokenizer = catalog.tokenizer("minilm-l6-v2")
    found = wordpiece.replay(tokenizer, "Unstoppable café, snow☃man [SEP]")
    table = pd.read_csv(io.BytesIO(wordpiece_files.matches_csv(found, "BERT")), comment="#")
    matched = [json.loads(piece) for piece in table["piece"].dropna()]
    assert matched[:6] == [*tokenizer.tokenize("Unstoppable café"), ",", "snow"][:6]
    assert table["look-ups"].sum() == sum(
        len(word.candidates(match, found.prefix)) for word in found.words for match in range(len(word.starts))
    )
    record = json.loads(wordpiece_files.words_json(found, "BERT"))
    assert record["ids"] == tokenizer("Unstoppable café, snow☃man [SEP]", add_special_tokens=False)["input_ids"]

    training = wordpiece.train(CORPORA["low"].read(), vocabulary_size=30)
    table = pd.read_csv(io.BytesIO(wordpiece_files.ranking_csv(training.by_likelihood, "low")), comment="#")
    assert table["count"].tolist() == training.by_likelihood.counts.tolist()
    np.testing.assert_array_equal(table["score"], training.by_likelihood.scores)
    assert [json.loads(cell) for cell in table["left"]] == [left for left, _ in training.by_likelihood.pairs]


def test_the_last_step_is_the_number_of_strings_looked_up() -> None:
    found = wordpiece.replay(catalog.tokenizer("minilm-l6-v2"), "Unstoppable snow☃man [SEP] " + "a" * 101)
    for word in found.words:
        expected = sum(len(word.candidates(match, found.prefix)) for match in range(len(word.starts)))
        assert longest_match.lookups(word.starts.tolist(), word.ends.tolist(), len(word.text)) == expected


def test_the_same_word_written_otherwise_is_another() -> None:
    found = wordpiece.replay(catalog.tokenizer("minilm-l6-v2"), "Cafe café cafe Cafe")
    drawn = data(longest_match.pack(found, "[UNK]", 100, ()))
    assert drawn["order"] == [0, 1, 2, 0]
    assert [word["original"] for word in drawn["words"]] == ["Cafe", "café", "cafe"]
    assert {word["text"] for word in drawn["words"]} == {"cafe"}


def test_a_training_travels_with_four_digits() -> None:
    training = wordpiece.train(CORPORA["code"].read()[:20_000], vocabulary_size=400)
    for run, ranking in zip(
        data(pair_rankings.pack(training, "##", ()))["runs"], (training.by_count, training.by_likelihood), strict=True
    ):
        assert list(zip(run["left"], run["right"], strict=True)) == list(ranking.pairs)
        np.testing.assert_allclose(run["scores"], ranking.scores, rtol=1e-3)
        assert [tuple(rival[:2]) for rival in run["rivals"]] == list(ranking.rivals)
        assert run["ranks"] == ranking.ranks.tolist()

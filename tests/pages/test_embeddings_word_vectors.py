"""The view "words" as a script: what is asked of the vectors, gensim's answers, bad input and its way out."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gensim.models import KeyedVectors
from sklearn.metrics.pairwise import cosine_similarity
from streamlit.testing.v1 import AppTest

from models import analogy_plane, scale_usual, vector_catalog, word_sets, word_vectors
from models.traces import ANALOGY_METHODS
from models.word_vectors import WordVectors
from pages.parts.embeddings import analogy, neighbours, odd_one_out, scale, words_asked
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import word_vectors as drawing
from viz.embedding_words import words

ASKED = ("neighbours", "analogy", "odd", "scale")


@pytest.fixture(scope="module")
def glove() -> WordVectors:
    return vector_catalog.load()


@pytest.fixture(scope="module")
def gensims(glove: WordVectors) -> KeyedVectors:
    vectors = KeyedVectors(50)
    vectors.add_vectors(glove.words, np.array(glove.vectors))
    return vectors


def opened(ask: str, **query: str) -> AppTest:
    return visiting.opened("embeddings", {"view": "words", "ask": ask, **query})


def data(packed: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(b"{" + packed + b"}")["data"]
    return found


def table_of(csv: bytes) -> pd.DataFrame:
    """A table with its words as they were."""
    table = pd.read_csv(io.BytesIO(csv), comment="#", keep_default_na=False)
    return table.map(lambda cell: json.loads(cell) if isinstance(cell, str) and cell.startswith('"') else cell)


@pytest.mark.parametrize("ask", ASKED)
def test_each_question_is_answered_and_checked(ask: str) -> None:
    app = opened(ask)
    assert sentences(app) == []
    assert not app.warning
    (said,) = badges(app)
    assert "the same in double precision" in said
    assert "green" in said


@pytest.mark.parametrize("preset", [p for p in words.WORDS.presets if "ask" in p[2]], ids=lambda p: str(p[0]))
def test_the_presets_show_something(preset: tuple[str, str, dict[str, str]]) -> None:
    app = visiting.opened("embeddings", preset[2])
    assert sentences(app) == []
    assert not app.warning
    assert badges(app)


def test_the_presets_are_what_they_say(glove: WordVectors) -> None:
    def asked(label: str) -> dict[str, str]:
        return next(query for name, _, query in words.WORDS.presets if name == label)

    def rank(label: str) -> int:
        query = asked(label)
        return int(word_vectors.analogy(glove, query["a"], query["b"], query["c"], query["d"]).ranks[0, 0])

    assert rank("walk : walked = go : ?") == 2
    assert rank("man : programmer = woman : ?") > 100
    assert word_vectors.analogy(glove, "man", "doctor", "woman").answer("3CosAdd") == "nurse"
    queen = word_vectors.analogy(glove, "man", "king", "woman", "queen")
    assert queen.ranks[0].tolist() == [1, 2]
    near = set(word_vectors.neighbours(glove, "python", 20).words)
    assert near >= {"reticulated", "php", "monty"}
    for word, opposite in (("buy", "sell"), ("north", "south")):
        assert word_vectors.neighbours(glove, word, 1).words == (opposite,)
    flowers = asked("Flowers and insects")
    preset = word_sets.SCALES[flowers["scale"]]
    found = word_vectors.scale(glove, preset.low, preset.high, flowers["along"].split())
    assert found.positions[:4].mean() > found.positions[4:].mean() + 0.1


def test_the_files_hold_gensims_answers(glove: WordVectors, gensims: KeyedVectors) -> None:
    table = table_of(neighbours.csv(word_vectors.neighbours(glove, "ocean", 30)))
    theirs = gensims.most_similar("ocean", topn=30)
    assert table["neighbour"].tolist() == [word for word, _ in theirs]
    np.testing.assert_allclose(table["cosine"], [cosine for _, cosine in theirs], atol=1e-6)
    np.testing.assert_allclose(np.cos(np.radians(table["degrees"])), table["cosine"], atol=1e-6)
    assert [glove.words[rank - 1] for rank in table["rank by frequency"]] == table["neighbour"].tolist()

    found = word_vectors.analogy(glove, "man", "king", "woman", "queen")
    table = table_of(analogy.csv(found))
    for method, ask in zip(ANALOGY_METHODS, (gensims.most_similar, gensims.most_similar_cosmul), strict=True):
        rows = table[(table["method"] == method) & (table["in the question"] == "no")]
        theirs = ask(positive=["king", "woman"], negative=["man"], topn=len(rows))
        assert rows["word"].tolist() == [word for word, _ in theirs]
        if method == "3CosMul":
            np.testing.assert_allclose(rows["score"], [score for _, score in theirs], atol=1e-5)
    ranks = [line for line in analogy.csv(found).decode().splitlines() if line.startswith("# its rank by 3CosAdd")]
    assert [json.loads(line.partition(": ")[2]) for line in ranks] == ["1", "2"]

    chosen = ("france", "germany", "italy", "paris")
    odd = word_vectors.odd_one_out(glove, chosen)
    pairs = table_of(odd_one_out.pairs_csv(odd))
    ours = pairs["cosine"].to_numpy().reshape(4, 4)
    np.testing.assert_allclose(ours, cosine_similarity([gensims[word] for word in chosen]), atol=1e-6)
    table = table_of(odd_one_out.csv(odd))
    assert table["word"][table["cosine with the mean"].idxmin()] == gensims.doesnt_match(chosen) == "paris"
    assert table["word"][table["mean cosine with the others"].idxmin()] == "paris"

    preset = word_sets.SCALES["gender"]
    along = word_vectors.scale(glove, preset.low, preset.high, preset.words)
    table = table_of(scale.csv(along, scale_usual.usual(glove, along)))
    axis = gensims.get_vector("she", norm=True) - gensims.get_vector("he", norm=True)
    theirs = cosine_similarity([axis], [gensims[word] for word in table["word"]])[0]
    np.testing.assert_allclose(table["position"], theirs, atol=1e-6)
    assert table["part"].tolist() == ["low end", "high end", *["along"] * len(preset.words)]


def test_the_drawings_get_the_same_numbers(glove: WordVectors) -> None:
    near = word_vectors.neighbours(glove, "king", 12)
    rows = data(drawing.neighbours(near, note="", facts=()))["rows"]
    assert [row[0] for row in rows] == list(near.words)
    np.testing.assert_allclose([row[1] for row in rows], near.cosines, atol=1e-6)
    np.testing.assert_allclose([row[2] for row in rows], near.angles, atol=1e-3)

    answer = word_vectors.analogy(glove, "man", "king", "woman", "homemaker")
    places, off = analogy_plane.seen(answer)
    drawn = data(drawing.analogy(answer, places, off, size=len(glove), facts=()))
    assert drawn["drawn"][:4] == ["man", "king", "woman", "homemaker"]
    assert len(drawn["places"]) == len(drawn["off"]) == len(drawn["drawn"]) + 1
    np.testing.assert_allclose(drawn["places"], places, atol=1e-6)
    assert drawn["ranks"] == answer.ranks.tolist()
    assert {row[0] for row in drawn["lists"][0]["rows"]} <= set(drawn["drawn"])

    many = word_vectors.odd_one_out(glove, [word for word in glove.words[1000:1300] if word.isalpha()])
    drawn = data(drawing.odd_one_out(many, note="", facts=()))
    assert len(drawn["rows"]) == drawing.MOST_ROWS
    assert drawn["rows"][drawn["odd"]][0] == many.words[many.odd]
    np.testing.assert_allclose(
        [row[1] for row in drawn["rows"]], np.sort(many.cosines)[: drawing.MOST_ROWS][::-1], atol=1e-6
    )


@pytest.mark.parametrize(
    ("ask", "query", "part"),
    [
        ("neighbours", {"word": ""}, "There is no word; type one."),
        ("neighbours", {"word": "new york"}, 'more than one word, and each vector stands for a single one; try "new"'),
        ("neighbours", {"word": "\N{SLIGHTLY SMILING FACE}" * 3}, "is not among the 400,000 words"),
        ("neighbours", {"word": "שלוםם"}, "is not among the 400,000 words"),
        ("neighbours", {"word": "x" * 50_000}, "is not among the 400,000 words"),
        ("neighbours", {"word": "beautifull"}, 'did you mean "beautiful"'),
        ("analogy", {"a": "king"}, '"king" is there twice'),
        ("analogy", {"b": ""}, "There is no word; type one."),
        ("analogy", {"d": "queeen"}, '"queeen" is not among'),
        ("odd", {"among": ""}, "takes three words or more"),
        ("odd", {"among": "cat"}, "takes three words or more"),
        ("odd", {"among": "cat dog Cat"}, '"cat" is there twice'),
        ("odd", {"among": "cat dog elephnat"}, 'did you mean "elephant"'),
        ("odd", {"among": "word " * 501}, "These are 501 words; use 500 or fewer at a time."),
        ("scale", {"low": ""}, "one of them is missing"),
        ("scale", {"along": " , ; "}, "one of them is missing"),
        ("scale", {"low": "huge large big"}, "Both ends of the scale are the same"),
        ("scale", {"along": "cat \u202e\u0000 dog"}, "is not among the 400,000 words"),
    ],
)
def test_bad_input_gets_one_sentence_and_loses_nothing(ask: str, query: dict[str, str], part: str) -> None:
    app = opened(ask, **query)
    (said,) = sentences(app)
    assert part in said
    assert len(said) < 300
    assert app.title
    assert app.header
    for key, value in query.items():
        boxes = [box for box in (*app.text_input, *app.text_area) if box.key == key]
        assert [box.value for box in boxes] == [value]


def test_a_spelling_is_one_click_away() -> None:
    app = opened("neighbours", word="beautifull")
    assert [button.label for button in app.button] == ["beautiful", "beautifully", "dutifully"]
    app.button[0].click().run()
    assert sentences(app) == []
    assert app.text_input(key="word").value == "beautiful"
    assert badges(app)


def test_a_spelling_takes_its_place_in_a_list() -> None:
    app = opened("odd", among="cat, elephnat; dog")
    next(button for button in app.button if button.label == "elephant").click().run()
    assert sentences(app) == []
    assert app.text_area(key="among").value == "cat elephant dog"
    app = opened("neighbours", word="New  York")
    assert [button.label for button in app.button] == ["new", "york"]


def test_an_expected_word_may_be_left_out() -> None:
    app = opened("analogy", d="")
    assert sentences(app) == []
    assert badges(app)


def test_another_scale_brings_its_words_and_own_ones_stay() -> None:
    app = opened("scale", low="man", high="woman", scale="gender")
    assert app.text_input(key="low").value == "man"
    assert app.text_area(key="along").value == " ".join(word_sets.SCALES["gender"].words)
    app.text_area(key="along").set_value("cook pilot").run()
    assert app.text_input(key="low").value == "man"
    assert "2 positions" in badges(app)[0]
    app.selectbox(key="scale").set_value("worth").run()
    worth = word_sets.SCALES["worth"]
    assert app.text_input(key="low").value == " ".join(worth.low)
    assert app.text_input(key="high").value == " ".join(worth.high)
    assert app.text_area(key="along").value == " ".join(worth.words)
    assert sentences(app) == []
    assert not app.warning


@pytest.mark.parametrize(
    ("ask", "query", "part"),
    [
        ("neighbours", {"count": "41"}, "from 1 to 40"),
        ("neighbours", {"chosen": "10"}, "from 0 to 9"),
        ("analogy", {"chosen": "x"}, "from 0 to 14"),
        ("odd", {"chosen": "4"}, "from 0 to 3"),
        ("odd", {"row": "4"}, "from 0 to 3"),
        ("scale", {"scale": "beauty"}, "one of size, gender, worth, place"),
    ],
)
def test_an_impossible_link_falls_back_and_says_so(ask: str, query: dict[str, str], part: str) -> None:
    app = opened(ask, **query)
    assert sentences(app) == []
    (said,) = (box.value.replace("\\", "") for box in app.warning)
    assert part in said


def test_words_are_parted_at_any_sign_between_them() -> None:
    assert words_asked.listed(" cat,dog ;\n horse\tcow,, ") == ["cat", "dog", "horse", "cow"]
    assert words_asked.listed(" , ") == []

"""The view "sentences" as a script: its numbers are the libraries' own, and nothing a visitor can give it breaks it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from streamlit.testing.v1 import AppTest

from models import csv_reading, engine, sentence_sets
from models.engine import Request
from models.traces import SentenceTrace, unit
from pages.parts.embeddings import (
    projecting,
    sentences_classify,
    sentences_clusters,
    sentences_search,
    sentences_similarity,
)
from pages.parts.embeddings.sentences import SHOWS
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences
from viz.components.text_ranking import Group

MINILM = "minilm-l6-v2"
EXAMPLE = sentence_sets.EXAMPLE.split("\n")
UGLY = """\
😀 👨\u200d👩\u200d👧
مرحبا بالعالم
=cmd|' /C calc'!A0
<b onclick=alert(1)>
![x](http://example.org/x.png)
a
a
NUL \x00 here
\u202e right to left
"""
BADGE = "Run alone, texts have the same vectors within"
TABLE = "kind,text\n" + "".join(f"{topic},{text}\n" for text, topic in zip(
    (line.replace(",", "") for line in EXAMPLE), sentence_sets.EXAMPLE_LABELS.values(), strict=True
))  # fmt: skip


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("embeddings", {"view": "sentences", **query})


def uploaded(blob: bytes, name: str = "mine.csv", **query: str) -> AppTest:
    """The view when a link has been opened and a file was chosen."""
    app = opened(**{"texts": "a CSV column", **query})
    return app.file_uploader[0].set_value((name, blob, "text/csv")).run()


def vectors(texts: list[str], pooling: str = "mean") -> np.ndarray:
    found = engine.run(Request("sentences", MINILM, "\n".join(texts), settings=(("pooling", pooling),)))
    assert isinstance(found, SentenceTrace)
    return found.vectors


def told(app: AppTest) -> str:
    """What stands in quiet lines, warnings and hints, without Markdown's escapes."""
    boxes = [*app.caption, *app.warning, *app.info]
    return " ".join(box.value for box in boxes).replace("\\", "").replace("\u2060", "")


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was last handed to a ranking: {"groups": ..., "lead": ..., ...}."""
    latest: dict[str, Any] = {}
    from viz.components import text_ranking

    def pack(groups: list[Group], **rest: Any) -> bytes:
        latest.update(rest, groups=groups)
        return text_ranking.pack(groups, **rest)

    for module in (sentences_classify, sentences_clusters, sentences_search, sentences_similarity):
        monkeypatch.setattr(module, "pack", pack)
    return latest


def listed(packed: dict[str, Any], group: int = 0) -> list[tuple[list[int], float]]:
    return [([number for number, _ in row.texts], row.value) for row in packed["groups"][group].rows]


@pytest.mark.parametrize("show", SHOWS)
def test_every_picture_opens_on_the_example(show: str) -> None:
    app = opened(show=show)
    assert sentences(app) == []
    assert is_whole(app)
    assert not app.warning
    assert BADGE in badges(app)[0]
    assert app.selectbox(key="show").value == show


@pytest.mark.parametrize("show", SHOWS)
def test_ugly_texts_are_texts(show: str) -> None:
    app = opened(show=show, text=UGLY, labels="0:a,1:b,2:a,3:b")
    assert sentences(app) == []
    assert is_whole(app)
    assert BADGE in badges(app)[0]


def test_search_ranks_by_cosine(packed: dict[str, Any]) -> None:
    app = opened(show="search", query="My screen is frozen.")
    assert sentences(app) == []
    cosines = cosine_similarity(vectors(["My screen is frozen."]), vectors(EXAMPLE))[0]
    rows = listed(packed)
    assert [numbers for numbers, _ in rows] == [[number] for number in np.argsort(-cosines, kind="stable")[:20]]
    np.testing.assert_allclose([value for _, value in rows], np.sort(cosines)[::-1][:20], atol=1e-6)


def test_the_pairs_are_the_most_similar_of_all_different_texts(packed: dict[str, Any]) -> None:
    app = opened(show="similarity", text="\n".join([*EXAMPLE[:12], EXAMPLE[3]]))
    assert sentences(app) == []
    assert "1 of the texts stands there more than once" in packed["lead"][0]
    cosines = cosine_similarity(vectors(EXAMPLE[:12]))
    one, other = np.triu_indices(12, 1)
    np.testing.assert_allclose(
        [value for _, value in listed(packed)], np.sort(cosines[one, other])[::-1][:15], atol=1e-5
    )
    for numbers, value in listed(packed):
        assert value == pytest.approx(cosines[*numbers], abs=1e-5)


def test_clusters_are_shown_with_their_sizes_and_most_central_texts(packed: dict[str, Any]) -> None:
    app = opened(show="clusters", k="3")
    assert sentences(app) == []
    assert len(packed["groups"]) == 3
    assert sum(int(group.about.split()[0]) for group in packed["groups"]) == 40
    for number in range(3):
        values = [value for _, value in listed(packed, number)]
        assert values == sorted(values, reverse=True)
        assert packed["groups"][number].words


def test_fewer_different_texts_than_clusters_make_fewer_clusters(packed: dict[str, Any]) -> None:
    app = opened(show="clusters", text="one\ntwo\none")
    assert sentences(app) == []
    assert len(packed["groups"]) == 2
    assert "only 2 different texts" in packed["lead"][1]


def test_the_classifier_is_scikit_learns_and_says_how_little_it_knows(packed: dict[str, Any]) -> None:
    labels = {0: "wet", 2: "wet", 5: "wet", 10: "food", 12: "food", 16: "food"}
    app = opened(show="classify", labels=",".join(f"{number}:{label}" for number, label in labels.items()))
    assert sentences(app) == []
    directions, chosen, names = unit(vectors(EXAMPLE)), list(labels), list(labels.values())
    splits = StratifiedKFold(3, shuffle=True, random_state=0)
    right = sum(cross_val_predict(LogisticRegression(max_iter=1000), directions[chosen], names, cv=splits) == names)
    assert f"of 6 labels, the classifier finds {right} ({right / 6:.0%})" in packed["lead"][0]
    assert "most frequent label finds 50%" in packed["lead"][0]
    model = LogisticRegression(max_iter=1000).fit(directions[chosen], names)
    theirs = model.predict_proba(directions)
    for place, group in enumerate(packed["groups"]):
        assert group.name == model.classes_[place]
        for (number,), value in listed(packed, place):
            assert number not in labels
            assert value == pytest.approx(theirs[number].max(), abs=1e-4)
            assert theirs[number].argmax() == place


def test_known_labels_that_were_not_shown_are_counted(packed: dict[str, Any]) -> None:
    opened(show="classify")
    assert "28 other texts came with labels that it was not shown" in packed["lead"][2]
    opened(show="classify", labels="0:wet,1:wet,10:dish,11:dish")
    assert len(packed["lead"]) == 2  # of its own words there are none to compare with


def test_labels_for_texts_that_are_not_there_are_told_and_the_others_kept(packed: dict[str, Any]) -> None:
    app = opened(show="classify", labels="0:a,1:a,2:b,3:b,99:b,x:c,4:", text="\n".join(EXAMPLE[:8]))
    assert sentences(app) == []
    assert "labels text 100, but there are only 8" in told(app)
    assert "the label “x:c”" in told(app)
    assert [group.name for group in packed["groups"]] == ["a", "b"]
    assert packed["title"] == "4 texts, classified after 4 labels"


def test_a_label_of_one_text_waits_for_its_second(packed: dict[str, Any]) -> None:
    app = opened(show="classify", labels="0:a,1:a,10:b,11:b,20:new")
    assert sentences(app) == []
    assert [group.name for group in packed["groups"]] == ["a", "b"]
    assert "“new” stands beside one text only" in packed["lead"][-1]


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ("", "two different labels"),
        ("0:a,1:a", "two different labels"),
        ("0:a,1:a,2:b", "Only one text is labelled “b”"),
    ],
)
def test_too_few_labels_are_one_sentence_and_the_table_stays(labels: str, sentence: str) -> None:
    app = opened(show="classify", labels=labels)
    (said,) = sentences(app)
    assert sentence in said
    assert len(app.data_editor) == 1
    assert is_whole(app)


def test_a_label_may_hold_commas_and_colons(packed: dict[str, Any]) -> None:
    app = opened(show="classify", labels="0:a%2C b: 100%25,1:a%2C b: 100%25,2:<b>x</b>,3:<b>x</b>")
    assert sentences(app) == []
    assert [group.name for group in packed["groups"]] == ["<b>x</b>", "a, b: 100%"]


@pytest.mark.parametrize(
    ("query", "names", "first"),
    [
        ({}, ["weather", "food", "sport", "computers"], "weather"),
        ({"labels": "0:wet,1:wet,10:dish"}, ["weather", "food", "sport", "computers", "wet", "dish"], "wet"),
        ({"text": "a cat\na dog\nrain\nsnow", "labels": "3:x"}, ["x", "no label"], "no label"),
        (
            {"colour": "clusters", "k": "2", "text": "a cat\na cat sleeps\nheavy rain"},
            ["1: cat", "2: heavy, rain"],
            None,
        ),
        ({"colour": "nothing"}, None, None),
        ({"text": "HELLO\nhello\nHello you", "colour": "clusters", "k": "3"}, None, None),
    ],
    ids=["topics", "own labels", "a label", "clusters", "nothing", "too few vectors"],
)
def test_what_the_map_is_coloured_by(
    query: dict[str, str], names: list[str] | None, first: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(projecting, "show", lambda *_, **rest: given.update(rest))
    app = opened(**query)
    assert sentences(app) == []
    if names is None:
        assert given["colour"] is None
    else:
        shown = [name.split(", sleeps")[0] for name in given["colour"].names]
        assert sorted(shown) == sorted(names)
        assert given["columns"]["group"] == [given["colour"].names[place] for place in given["colour"].of]
        assert first is None or given["columns"]["group"][0] == first
    assert ("Without colours: 2 different texts" in told(app)) == ("HELLO" in query.get("text", ""))


@pytest.mark.parametrize(
    ("show", "text", "sentence"),
    [
        ("map", "", "There is no text"),
        ("map", " \n\t\n", "There is no text"),
        ("map", "one line", "There is 1 point"),
        ("map", "same\nsame\nsame", "All 3 vectors are the same"),
        ("similarity", "one line", "nothing to be compared with"),
        ("pooling", "one line", "nothing to be compared with"),
        ("map", "\n".join(map(str, range(10_001))), "10,001 texts; at most 10,000"),
        ("map", "\u0301\n\u200b", "keeps nothing of text"),
    ],
    ids=["empty", "blank", "one", "same", "one to compare", "one to pool", "10,001", "nothing kept"],
)
def test_what_cannot_be_shown_is_one_sentence(show: str, text: str, sentence: str) -> None:
    app = opened(show=show)
    app.text_area(key="text").set_value(text).run()
    (said,) = sentences(app)
    assert sentence in said
    assert is_whole(app)
    assert app.selectbox(key="model").value == MINILM


def test_one_line_can_be_searched_and_clustered(packed: dict[str, Any]) -> None:
    for show, title in (("search", "Search: Will I get wet?"), ("clusters", "1 text in 1 cluster")):
        assert sentences(opened(show=show, text="one line")) == []
        assert packed["title"] == title


def test_an_empty_query_is_one_sentence() -> None:
    app = opened(show="search")
    app.text_input(key="query").set_value("  ").run()
    (said,) = sentences(app)
    assert "query is empty" in said


def test_a_line_over_the_limit_is_read_in_part_and_that_is_said() -> None:
    app = opened(show="search", text="short\n" + "word " * 2_000)
    assert sentences(app) == []
    assert "1 text is longer than the 512 tokens that are read at once" in told(app)
    assert "(row 2)" in told(app)


def test_a_column_of_a_file(packed: dict[str, Any]) -> None:
    app = uploaded(TABLE.encode(), show="search", query="My screen is frozen.")
    assert sentences(app) == []
    assert app.selectbox(key="field").value == "text"
    plain = [line.replace(",", "") for line in EXAMPLE]
    cosines = cosine_similarity(vectors(["My screen is frozen."]), vectors(plain))[0]
    assert [numbers for numbers, _ in listed(packed)][:5] == [[n] for n in np.argsort(-cosines, kind="stable")[:5]]


def test_labels_of_a_file_teach_the_classifier(packed: dict[str, Any]) -> None:
    some = TABLE.replace("food,Fresh", ",Fresh").replace("sport,The referee", ",The referee")
    app = uploaded(some.encode(), show="classify")
    app.selectbox(key="label_field").set_value("kind").run()
    assert sentences(app) == []
    assert packed["title"] == "2 texts, classified after 38 labels"
    left = {
        group.name: [numbers for numbers, _ in listed(packed, place)] for place, group in enumerate(packed["groups"])
    }
    assert left == {"computers": [], "food": [[13]], "sport": [[26]], "weather": []}


def test_labels_stay_with_the_texts_that_they_were_given_to(packed: dict[str, Any]) -> None:
    app = opened(show="classify", labels="0:a,1:a,10:b,11:b")
    assert packed["title"] == "36 texts, classified after 4 labels"
    app.selectbox(key="texts").set_value("a CSV column").run()
    app.file_uploader[0].set_value(("mine.csv", TABLE.encode(), "text/csv")).run()
    assert "labels" not in app.query_params
    app.selectbox(key="label_field").set_value("kind").run()
    assert packed["title"] == "0 texts, classified after 40 labels"
    app.selectbox(key="texts").set_value("lines").run()
    assert sentences(app) == []
    assert packed["title"] == "36 texts, classified after 4 labels"
    assert app.query_params["labels"] == "0:a,1:a,10:b,11:b"


def test_labels_too_long_for_a_link_are_kept_in_the_tab(packed: dict[str, Any]) -> None:
    short, long = "0:a,1:a,2:b,3:b", ",".join(f"{text}:{'ab'[text % 2] * 60}" for text in range(400))
    table = "text\n" + "".join(f"sentence {text} is here to be read\n" for text in range(402))
    origin = repr(("mine.csv", "text", "no column"))
    state = {"kept labels": {origin: long}}
    app = visiting.opened("embeddings", {"view": "sentences", "show": "classify", "texts": "a CSV column"}, state=state)
    app.file_uploader[0].set_value(("mine.csv", table.encode(), "text/csv")).run()
    assert sentences(app) == []
    assert packed["title"] == "2 texts, classified after 400 labels"
    assert packed["groups"][0].name == "a" * 60
    app.query_params["labels"] = short  # of the link
    app.run()
    assert packed["title"] == "398 texts, classified after 4 labels"


def test_rows_without_a_text_are_left_out_and_said(packed: dict[str, Any]) -> None:
    app = uploaded(b"name,text\na,one short text\nb,\nc,another short text\n", show="search", query="another")
    assert sentences(app) == []
    assert "1 of 3 rows" in told(app)
    assert sorted(numbers for numbers, _ in listed(packed)) == [[0], [2]]


def test_what_was_found_out_about_a_file_is_said() -> None:
    app = uploaded(
        "größe;straße\nein Satz über Öl;süß\nnoch ein Satz;groß\n".encode("latin-1"), show="search", query="öl"
    )
    assert sentences(app) == []
    assert "not in UTF-8" in told(app)
    app = uploaded(b"a first sentence\na second one\n", show="search", query="x")
    assert "looks like data" in told(app)
    app.selectbox(key="header").set_value("names the columns").run()
    assert sentences(app) == []
    assert "looks like data" not in told(app)


@pytest.mark.parametrize(
    ("blob", "sentence"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "spreadsheet or another zip"),
        (b"\xff\xfea", "begins as utf-16"),
        (b"text\0more\n", "NUL"),
        (b"a,b\n1,2\n" * 20 + b"1,2,3\n", "Line 41 has 3 cells"),
        (b"text\n" + b"a line\n" * 10_001, "more than 10,000 rows"),
    ],
    ids=["empty", "zip", "utf-16", "nul", "uneven", "rows"],
)
def test_a_file_that_is_no_csv_is_one_sentence(blob: bytes, sentence: str) -> None:
    app = uploaded(blob)
    (said,) = sentences(app)
    assert sentence in said
    assert is_whole(app) or app.file_uploader


def test_a_column_without_texts_is_one_sentence() -> None:
    app = uploaded(b"empty,text\n,a sentence\nNaN,another sentence\n", show="search")
    app.selectbox(key="field").set_value("empty").run()
    (said,) = sentences(app)
    assert "column “empty” has no texts" in said


def test_a_file_too_large_is_refused_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(texts="a CSV column").file_uploader[0].proto.max_upload_size_mb == 20
    monkeypatch.setattr(csv_reading, "MAX_BYTES", 1_000_000)
    (said,) = sentences(uploaded(b"text\n" + b"x" * 2_000_000))
    assert "2 MB; at most 1 MB" in said


def test_no_file_yet_is_one_sentence() -> None:
    (said,) = sentences(opened(texts="a CSV column"))
    assert "up to 20 MB and 10,000 rows; a link can't carry it" in said


@pytest.mark.parametrize("show", SHOWS)
def test_vectors_of_ones_own(show: str) -> None:
    points = np.random.default_rng(0).normal(size=(30, 5))
    blob = "name,a,b,c,d,e\n" + "".join(
        f"p{number}," + ",".join(map(str, point)) + "\n" for number, point in enumerate(points)
    )
    app = uploaded(blob.encode(), texts="vectors in a CSV", show=show, labels="0:x,1:x,2:y,3:y")
    if show in {"search", "pooling"}:
        (said,) = sentences(app)
        assert "needs a model that reads the texts" in said
    else:
        assert sentences(app) == []
        assert "30 vectors of 5 numbers from mine.csv" in told(app)
        assert badges(app) == []


@pytest.mark.parametrize(
    ("blob", "sentence"),
    [
        (b"word,a,b\nking,1,2\nqueen,NaN,3\nhen,4,5\n", "Row 2 has “NaN” in the column “a”"),
        (b"word,a,b\nking,1,2\nqueen,inf,3\nhen,4,5\n", "Row 2 has “inf”"),
        (b"word,kind\nking,x\nqueen,x\nhen,y\n", "No column of this file holds numbers"),
        (b"word,a\nking,1\nqueen,2\nhen,3\n", "1 number each"),
    ],
)
def test_vectors_that_are_none_are_one_sentence(blob: bytes, sentence: str) -> None:
    app = uploaded(blob, texts="vectors in a CSV", header="names the columns")
    (said,) = sentences(app)
    assert sentence in said


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"show": "nothing"}, "show “nothing”"),
        ({"pooling": "sum"}, "pooling “sum”"),
        ({"show": "clusters", "k": "51"}, "k “51”"),
        ({"colour": "rainbow"}, "colour “rainbow”"),
        ({"show": "similarity", "row": "40"}, "row “40”"),
        ({"point": "40"}, "point “40”"),
        ({"labels": "40:a", "show": "classify"}, "labels text 41"),
        ({"labels": "a" * 20_001, "show": "classify"}, "more than 20,000 characters"),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert part in told(app)
    assert is_whole(app)


def test_opening_imports_nothing_heavy() -> None:
    check = (
        "import sys\n"
        "import pages.parts.embeddings.sentences\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'umap', 'gensim', 'scipy', 'numba'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", check], check=True)

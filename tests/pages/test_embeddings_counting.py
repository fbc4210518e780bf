"""The view "counting" as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity
from streamlit.testing.v1 import AppTest

from models import defaults
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences

PATTERN = r"(?u)\b\w+\b"


def opened(**query: str) -> AppTest:
    app = visiting.opened("embeddings", {"view": "counting", **query})
    assert not app.exception, app.exception
    return app


def rows(app: AppTest, head: str) -> dict[str, list[str]]:
    """The table below the matrices whose first cell is `head`: {first cell: the others}."""
    table = next(text.value for text in app.markdown if text.value.startswith(f"| {head} |"))
    cells = [line.replace("*", "").strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return {row[0]: row[1:] for row in cells}


def test_the_default_view_is_checked() -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert is_whole(app)
    assert badges(app)[0].startswith(":green")
    assert "Counts equal scikit-learn's" in badges(app)[0]
    assert [button.proto.label for button in app.get("download_button")] == [
        "Cosines, CSV",
        "Counts and weights, CSV",
        "All of it, trace",
    ]
    assert rows(app, "")["distance between the two"][:2] == ["0", "0"]
    assert "Sentences 1 and 2 hold the same words" in " ".join(text.value for text in app.markdown)


def test_a_sentence_that_the_model_reads_in_part_is_told() -> None:
    app = opened(text="short\n" + "word " * 2_000)
    assert sentences(app) == []
    assert "1 text is longer than the 512 tokens" in app.info[0].value
    assert "(line 2)" in app.info[0].value
    assert not opened().info


def test_a_pair_is_taken_apart_into_scikit_learns_numbers() -> None:
    app = opened(row="2", column="3")
    lines = defaults.COUNTED.splitlines()
    counter, weigher = CountVectorizer(token_pattern=PATTERN), TfidfVectorizer(token_pattern=PATTERN)
    counts, weights = counter.fit_transform(lines).toarray(), weigher.fit_transform(lines).toarray()
    found, weighed = rows(app, "Bag of words"), rows(app, "TF-IDF")
    assert next(iter(found)) == "the"  # the only word that both have
    assert len(found) == 9
    for number, word in enumerate(counter.get_feature_names_out()):
        one, other = counts[2:4, number]
        if not one and not other:
            assert word not in found
            continue
        assert found[word] == [str(one), str(other), str(one * other)]
        shown = [float(cell) for cell in weighed[word]]
        exact = [weigher.idf_[number], *weights[2:4, number], weights[2:4, number].prod()]
        assert shown == pytest.approx(exact, abs=0.0005001)
    cosines = [float(cell) for cell in rows(app, "")["cosine: the sum divided by both lengths"]]
    assert cosines[:2] == pytest.approx([cosine_similarity(way)[2, 3] for way in (counts, weights)], abs=0.0005001)
    assert cosines[2] > 0.5 > cosines[0] > cosines[1]


def test_all_words_stand_in_the_tables_of_all_sentences() -> None:
    app = opened(text="b a b\nc a")
    counts, weights = (frame.value for frame in app.dataframe)
    assert counts.to_dict("list") == {"a": [1, 1], "b": [2, 0], "c": [0, 1]}
    exact = TfidfVectorizer(token_pattern=PATTERN).fit_transform(["b a b", "c a"]).toarray()
    assert weights.iloc[1:].to_numpy() == pytest.approx(exact, abs=0.00005001)
    assert list(weights.index) == ["idf", "1 b a b", "2 c a"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" ", "Two sentences or more"),
        ("Only one.", "Two sentences or more"),
        ("One.\n!!! ...\nThree.", "Sentence 2 has no words to count"),
        ("\n".join(f"Sentence {number}." for number in range(500)), "There are 500 sentences; at most 200"),
        ("a\n" + " ".join(f"w{number}" for number in range(5001)), "5,002 different words"),
    ],
)
def test_what_can_not_be_counted_is_told(text: str, sentence: str) -> None:
    app = opened(text=text)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert is_whole(app)
    assert app.text_area(key="text").value == text


@pytest.mark.parametrize("text", ["the and of\nof the and", "狗咬了人。\n人咬了狗。", "a\na", "=1+1\n|*_`<b>|"])
def test_odd_sentences_are_counted(text: str) -> None:
    app = opened(text=text)
    assert sentences(app) == []
    assert badges(app)[0].startswith(":green")


def test_an_impossible_cell_or_model_is_told() -> None:
    app = opened(row="6")
    assert "from 0 to 5" in app.warning[0].value
    assert badges(app)
    app = opened(model="no such model/x/y")
    assert len(sentences(app)) == 1
    assert is_whole(app)

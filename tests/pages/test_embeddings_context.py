"""The view "context" as a script: its figures' data, its files, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics.pairwise import cosine_similarity
from streamlit.testing.v1 import AppTest

from models import catalog, context_motion, contextual, defaults
from models.traces import ContextTrace
from pages.parts.embeddings import context_figures, context_files
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import similarity
from viz.embedding_words import context as words

BADGE = "equal scikit-learn's within"
TWO = "on the river bank\nin the bank"


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("embeddings", {"view": "context"} | query)


def is_whole(app: AppTest) -> bool:
    return bool(app.title and app.text_input and app.text_area and app.selectbox and len(app.header) == 2)


@pytest.fixture(scope="module")
def bank() -> ContextTrace:
    found, _ = context_figures.parted(defaults.USES)
    return contextual.contextual(catalog.load(defaults.ENCODER), found, "bank")


def test_the_default_view() -> None:
    app = opened()
    assert sentences(app) == []
    assert is_whole(app)
    assert BADGE in badges(app)[0]
    assert "green" in badges(app)[0]
    said = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    assert "6 uses in 6 sentences" in said
    assert words.MEAN in said
    assert not app.warning


def test_a_link_sets_the_controls() -> None:
    app = opened(
        word="light", text="a light bag\nthe light is on", model="smollm2-135m", pooling="last", motion="shown"
    )
    assert sentences(app) == []
    assert app.text_input(key="word").value == "light"
    assert app.selectbox(key="model").value == "smollm2-135m"
    assert app.selectbox(key="pooling").value == "last"
    said = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    assert "SmolLM2 135M Instruct" in said
    assert words.WAY in said


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"word": "river"}, "Sentence 3 doesn't hold the word “river”"),
        ({"word": " "}, "The word is empty"),
        ({"word": "b" * 101}, "The word has 101 letters"),
        ({"text": "We sat on the bank."}, "only once"),
        ({"text": " \n "}, "There is no sentence"),
        ({"text": "the bank\n" * 41}, "There are 41 sentences; at most 40"),
        ({"text": "the bank\n" + "bank" + " and" * 600}, "Sentence 2 is 603 tokens; at most 512"),
        ({"text": "the bank\nthe 🏦"}, "Sentence 2 doesn't hold"),
        ({"text": "bank " * 121}, "stands 121 times"),
    ],
    ids=["absent", "empty", "long word", "once", "no sentence", "41", "long sentence", "emoji", "many uses"],
)
def test_what_cannot_be_shown_gets_one_sentence_and_nothing_is_lost(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    (said,) = sentences(app)
    assert part in said
    assert is_whole(app)
    for name, value in query.items():
        kept = app.text_input if name == "word" else app.text_area
        assert kept(key=name).value == value


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("花", "春天来了，花开了。\n他花了很多钱。"),
        ("بنك", "هذا بنك كبير\nذهب إلى بنك ثم بنك آخر"),
        ("🏦", "the 🏦 by the river\na 🏦"),
        ("<b>", "a <b> c\n</script><b>alert(1)</b>"),
        ("BANK", TWO),
        ("é", "cafe\u0301 e\u0301\né"),
        ("a.c", "a.c\nabc a.c"),
        ("same", "the same\nthe same"),
    ],
)
def test_ugly_words_are_followed(word: str, text: str) -> None:
    app = opened(word=word, text=text)
    assert sentences(app) == []
    assert BADGE in badges(app)[0]


def test_what_a_decoder_cannot_tell_is_said() -> None:
    app = opened(model="smollm2-135m", word="it", text="It rains because it is wet.\nIt rains because it was cold.")
    assert sentences(app) == []
    said = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    assert words.MEAN in said  # the first "it" and the second one differ
    app = opened(model="smollm2-135m", word="wet", text="It is wet and cold.\nIt is wet and warm.")
    said = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    assert words.ALIKE in said


def test_a_link_that_asks_too_much_is_told() -> None:
    app = opened(layer="7", point="6", motion="maybe", pooling="max")
    said = [box.value.replace("\\", "") for box in app.warning]
    assert len(said) == 4
    assert any("layer “7”" in sentence and "0 to 6" in sentence for sentence in said)
    assert sentences(app) == []


def test_lines_become_sentences_and_empty_lines_part_groups() -> None:
    assert context_figures.parted("a\n b \n\n\nc\n") == (["a", "b", "c"], (0, 0, 1))
    assert context_figures.parted("\n\na\nb\n\n") == (["a", "b"], (0, 1))
    assert context_figures.parted("") == ([], ())


def test_a_use_is_called_by_what_stands_around_it(bank: ContextTrace) -> None:
    assert context_figures.labels(bank) == [
        "1 its bank after",
        "2 on the bank of the",
        "3 muddy bank",
        "4 in the bank",
        "5 The bank raised",
        "6 the bank for a",
    ]


def test_the_curves_are_scikit_learns_cosines(bank: ContextTrace) -> None:
    groups = [0, 0, 0, 1, 1, 1]
    found = {curve.points or curve.name: np.array(curve.values) for curve in context_figures.curves(bank, groups)}
    theirs = np.stack([cosine_similarity(layer.astype(np.float64)) for layer in bank.vectors])
    assert len(found) == 15 + 3
    for pair in [(0, 1), (2, 5)]:
        np.testing.assert_allclose(found[pair], theirs[:, *pair], atol=1e-6)
    np.testing.assert_allclose(found["between groups"], theirs[:, :3, 3:].mean(axis=(1, 2)), atol=1e-6)
    rows, columns = np.triu_indices(3, 1)
    np.testing.assert_allclose(found["within B"], theirs[:, 3:, 3:][:, rows, columns].mean(axis=1), atol=1e-6)
    alone = context_figures.curves(bank, [0, 1, 2, 3, 4, 5])
    assert [curve.name for curve in alone if not curve.points] == ["mean of all pairs"]


def test_what_the_notes_claim_about_the_default_view(bank: ContextTrace) -> None:
    means = {curve.name: np.array(curve.values) for curve in context_figures.curves(bank, [0, 0, 0, 1, 1, 1])}
    between = means["between groups"]
    assert between[:4].argmin() == between[:5].argmin() == 3
    assert between[5] > between[3] > between[6]
    for within in ("within A", "within B"):
        assert (means[within][1:] > between[1:]).all()


def test_what_travels_of_the_moving_points(bank: ContextTrace) -> None:
    motion = context_motion.motion(bank)
    sent = json.loads(b"{" + context_figures.moving(bank, motion, [0, 0, 0, 1, 1, 1]) + b"}")["data"]
    assert sent["parameter"] == "layer"
    assert len(sent["steps"]) == 7
    assert sent["groups"] == {"name": "group", "of": [0, 0, 0, 1, 1, 1], "names": ["A", "B"]}
    assert sent["details"][2] == {
        "before": "A heron stood on the muddy ",
        "word": "bank",
        "after": ".",
        "pieces": ["bank"],
    }
    share = motion.joint.explained_by_layer[3]
    assert sent["remarks"][3] == f"The two axes show {share:.0%} of the difference between the uses here."
    assert len(sent["still"]["places"]) == 2  # one row of the table for six uses


def test_the_files_hold_what_is_shown(bank: ContextTrace) -> None:
    motion, labels = context_motion.motion(bank), context_figures.labels(bank)
    cosines = pd.read_csv(io.BytesIO(context_files.cosines_csv(bank, labels)), comment="#")
    assert len(cosines) == (7 + 1) * 15
    layer = cosines[cosines["layer"] == 4]
    theirs = cosine_similarity(bank.vectors[4].astype(np.float64))[np.triu_indices(6, 1)]
    np.testing.assert_allclose(layer["cosine"], theirs, atol=1e-6)
    np.testing.assert_allclose(cosines[cosines["layer"].isna()]["cosine"], 1, atol=1e-6)
    points = pd.read_csv(io.BytesIO(context_files.points_csv(bank, motion, labels)), comment="#")
    assert len(points) == (7 + 1) * 6
    exact = points[points["layer"] == 2][["x", "y"]].to_numpy(dtype=np.float32)
    np.testing.assert_array_equal(exact, motion.joint.points[2])
    assert [json.loads(label) for label in points["label"][:6]] == labels


def test_the_matrices_share_the_layer_of_the_link(bank: ContextTrace, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = context_figures.matrices(bank)
    assert packed is not None
    sent = json.loads(b"{" + packed + b"}")["data"]
    assert sent["parameter"] == context_figures.STEP
    assert sent["titles"] == [f"Layer {layer}" for layer in range(7)]
    assert sent["low"] <= bank.cosines.min()
    monkeypatch.setattr(similarity, "CELLS", 7 * 36 - 1)
    assert context_figures.matrices(bank) is None

"""The view "positions" as a script: what the figures are given, their checks, and a sentence for what can't be."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from models import catalog, defaults, engine, shuffled
from models.engine import Request
from models.traces import RotatedTrace, ShuffledTrace
from pages.parts.inside import positions_shuffled, positions_ways
from tests.families import shaken
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import position_lab, shuffled_words
from viz.inside_words import positions as words


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("inside", {"view": "positions", **query})


def told(app: AppTest) -> str:
    """What stands in quiet lines and warnings, without Markdown's escapes."""
    return " ".join(box.value for box in [*app.caption, *app.warning]).replace("\\", "")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was last handed to the figures: {name of the figure: (state, defaults, what was packed)}."""
    latest: dict[str, Any] = {}
    for module, name in ((position_lab, "position_lab"), (shuffled_words, "shuffled_words")):
        right, pack = getattr(module, name), module.pack

        def packed(*given: Any, _pack: Any = pack, _name: str = name, **rest: Any) -> bytes:
            latest[f"{_name} data"] = (given, rest)
            blob: bytes = _pack(*given, **rest)
            return blob

        def show(blob: bytes, _right: Any = right, _name: str = name, **rest: Any) -> Any:
            latest[_name] = rest
            return _right(blob, **rest)

        monkeypatch.setattr(module, "pack", packed)
        monkeypatch.setattr(module, name, show)
    return latest


def test_the_ways_are_the_models_own(drawn: dict[str, Any]) -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    (learned, turning, rotated), rest = drawn["position_lab data"]
    assert rest["refused"] == ""
    table = catalog.load(defaults.ENCODER).model.base_model.embeddings.position_embeddings.weight
    np.testing.assert_array_equal(learned.table, table[:128].detach().numpy())
    model = catalog.load(defaults.DECODER).model
    np.testing.assert_array_equal(turning.frequencies, model.model.rotary_emb.inv_freq.numpy())
    assert (rotated.token, rotated.key) == (4, 3)
    assert len(badges(app)) == 3
    assert all(badge.startswith(":green") for badge in badges(app))
    assert drawn["position_lab"]["defaults"]["way"] == "rope"
    # What the notes say of the head that the view opens on.
    scores = rotated.by_distance(128)[16, 0]
    assert scores.argmax() == 1
    assert scores[1] == pytest.approx(2.8, abs=0.05)
    assert scores[5] == pytest.approx(-14.3, abs=0.05)
    flat = rotated.by_distance(128)[28, 0]
    assert flat[:3] == pytest.approx([-1.6] * 3, abs=0.05)
    assert flat[100] == pytest.approx(-1.5, abs=0.05)


def test_the_file_holds_transformers_scores() -> None:
    pair = (("token", "-1"), ("key", "-2"))
    trace = engine.run(Request("rotated", defaults.DECODER, defaults.ANSWERED, settings=pair))
    assert isinstance(trace, RotatedTrace)
    file = pd.read_csv(io.BytesIO(positions_ways.scores_csv(trace)), comment="#", float_precision="round_trip")
    model = catalog.load(defaults.DECODER).model
    cosine, sine = model.model.rotary_emb(torch.zeros(1), torch.tensor([[9, 0]]))
    query, key = torch.tensor(trace.queries[16, 1]), torch.tensor(trace.keys[16, 0])
    turned = apply_rotary_pos_emb(query.expand(1, 1, 2, -1), key.expand(1, 1, 2, -1), cosine, sine)
    product = float(turned[0][0, 0, 0] @ turned[1][0, 0, 1]) / 8
    row = file[(file["layer"] == 16) & (file["head"] == 1) & (file["distance"] == 9)]
    assert row["score"].item() == pytest.approx(product, abs=1e-4)


def test_an_encoder_opens_on_its_table_and_turns_with_another_model(drawn: dict[str, Any]) -> None:
    app = opened(model=defaults.ENCODER)
    assert sentences(app) == []
    assert drawn["position_lab"]["defaults"]["way"] == "learned"
    (_, turning, rotated), _ = drawn["position_lab data"]
    assert turning.source.model == rotated.source.model == defaults.DECODER


def test_tokens_are_counted_from_the_end_in_a_link_too(drawn: dict[str, Any]) -> None:
    app = opened(token="-1", key="-1")
    assert sentences(app) == []
    assert not app.warning
    _, _, rotated = drawn["position_lab data"][0]
    assert (rotated.token, rotated.key) == (4, 4)


def test_of_a_way_that_is_not_known_nothing_is_claimed() -> None:
    found = shuffled.shuffle(shaken("falcon"), "a b c d")
    assert found.way == "unknown"
    said = " ".join(note for _, note in words.notes(found))
    assert "mask" not in said
    assert "bits from the line above." in said
    assert "all that the mask alone tells" in words.notes(shuffled.shuffle(shaken("llama"), "a b c d"))[4][1]


def test_the_words_in_five_ways(drawn: dict[str, Any]) -> None:
    app = opened(lab="words", seed="5", by="300", word="2")
    assert sentences(app) == []
    (trace, window), rest = drawn["shuffled_words data"]
    assert isinstance(trace, ShuffledTrace)
    assert (trace.seed, trace.by, window) == (5, 300, (0, 5))
    assert drawn["shuffled_words"]["state"] == {"word": 2}
    assert [name for name, _ in rest["notes"]][2] == "Moved by 300"
    assert badges(app)[0].startswith(":green")
    file = pd.read_csv(io.BytesIO(positions_shuffled.words_csv(trace)), comment="#", float_precision="round_trip")
    assert len(file) == 25
    np.testing.assert_array_equal(file["position id"][10:15], np.arange(300, 305))
    shares = pd.read_csv(io.BytesIO(positions_shuffled.next_csv(trace)), comment="#", float_precision="round_trip")
    top = torch.softmax(torch.tensor(trace.logits[0]).double(), 0).topk(5)
    np.testing.assert_allclose(shares["probability"][:5], top.values.numpy(), rtol=1e-9)


def test_shuffle_again_and_undo(drawn: dict[str, Any]) -> None:
    app = opened(lab="words", seed="5")
    order = drawn["shuffled_words data"][0][0].orders[1]
    again = next(button for button in app.button if button.label == "Shuffle again")
    app = again.click().run()
    assert app.number_input(key="seed").value == 6
    assert (drawn["shuffled_words data"][0][0].orders[1] != order).any()
    app = next(button for button in app.button if button.label == "Undo").click().run()
    assert app.number_input(key="seed").value == 5
    np.testing.assert_array_equal(drawn["shuffled_words data"][0][0].orders[1], order)
    assert next(button for button in app.button if button.label == "Undo").disabled


def test_a_long_text_is_windowed_and_says_so(drawn: dict[str, Any]) -> None:
    app = opened(lab="words", text="one two three " * 40)
    assert sentences(app) == []
    trace, window = drawn["shuffled_words data"][0]
    assert window == (len(trace.token_table) - 64, len(trace.token_table))
    assert "the model reads all of them" in told(app)


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"token": "40"}, "no token 40"),
        ({"key": "7"}, "no token 7"),
        ({"text": ""}, "empty"),
        ({"text": "word " * 600}, "at most 512"),
        ({"lab": "words", "text": "two words"}, "three words"),
        ({"lab": "words", "text": ""}, "empty"),
        ({"lab": "words", "model": defaults.ENCODER, "by": "4000"}, "512 positions"),
        ({"lab": "words", "model": "nobody/nothing-at-all"}, "nobody/nothing-at-all"),
    ],
)
def test_what_can_not_be_is_one_sentence_and_nothing_is_lost(
    query: dict[str, str], part: str, drawn: dict[str, Any]
) -> None:
    app = opened(**query)
    said = [*sentences(app), *(box.value.replace("\\", "") for box in app.info)]
    assert len(said) == 1
    assert part in said[0]
    assert "\n" not in said[0]
    assert visiting.is_whole(app)
    assert ("position_lab" in drawn) == ("lab" not in query)  # what needs no text is drawn all the same


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"way": "magic"}, "way “magic”"),
        ({"dimension": "63"}, "dimension “63”"),
        ({"base": "1e99"}, "base “1e99”"),
        ({"theta": "5e-324"}, "theta “5e-324”"),
        ({"layer": "30"}, "layer “30”"),
        ({"heads": "0"}, "heads “0”"),
        ({"reach": "<b>"}, "reach “<b>”"),
        ({"lab": "play"}, "lab “play”"),
        ({"lab": "words", "word": "5"}, "word “5”"),
        ({"lab": "words", "by": "-1"}, "by “-1”"),
        ({"lab": "words", "seed": "x"}, "seed “x”"),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert sentences(app) == []
    assert part in told(app)
    assert badges(app)


def test_what_the_presets_say_is_so() -> None:
    asked = {label: query for label, _, query in words.WORDS.presets}

    def found_of(label: str) -> ShuffledTrace:
        query = asked[label]
        model = query.get("model", defaults.DECODER)
        found = engine.run(Request("shuffled", model, query["text"], settings=defaults.REORDERED))
        assert isinstance(found, ShuffledTrace)
        return found

    alphabet = found_of("The alphabet without positions")
    assert alphabet.texts[0][0] == " h"
    assert alphabet.probabilities[0][0] > 0.96
    assert " h" not in alphabet.texts[3]
    once = found_of("Once upon a")
    assert once.texts[1][0] == " time"
    assert once.probabilities[1][0] == pytest.approx(0.98, abs=0.005)
    bag = found_of("A bag of words")
    assert "bag of words" in words.notes(bag)[4][1]
    paris = engine.run(Request("shuffled", defaults.DECODER, defaults.ANSWERED, settings=defaults.REORDERED))
    assert isinstance(paris, ShuffledTrace)
    assert paris.texts[3][0] == " Paris"
    for query in asked.values():
        kinds = position_lab.parameters(None)
        for name in ("way", "position"):
            if name in query:
                kinds[name].parse(str(query[name]))


def test_the_code_runs() -> None:
    before = (
        "import math, torch\nfrom models import catalog\n"
        "from transformers.models.llama.modeling_llama import apply_rotary_pos_emb\n"
        f"lm = catalog.load({defaults.DECODER!r})\nmodel, tokenizer = lm.model, lm.tokenizer\n"
        "query = key = torch.ones(1, 9, 128, 64)\n"
    )
    after = "\nassert abs(float(bits) - 0.91) < 0.005\nassert torch.allclose(moved, written, atol=1e-3)"
    subprocess.run([sys.executable, "-c", before + words.WORDS.code + after], check=True)


def test_opening_imports_nothing_heavy() -> None:
    check = (
        "import sys\nimport pages.parts.inside.positions\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'umap'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", check], check=True)

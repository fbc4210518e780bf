"""The view "compare" as a script: what it counts, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

from models import background, hub, parameters_apart, parameters_counted
from models.defaults import CONFIGURATIONS
from models.traces import InputError
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.parameter_words.compare import WORDS

TINY = json.dumps({"model_type": "gpt2", "n_embd": 8, "n_layer": 2, "n_head": 2, "vocab_size": 50})


def opened(**query: str | list[str]) -> AppTest:
    return visiting.opened("parameters", {"view": "compare", **query})


def titles(app: AppTest) -> list[str]:
    return [name for name in app.dataframe[0].value.columns[1:] if not name.endswith(", share")]


def test_the_default_view_builds_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background.QUICK, "submit", lambda *_: pytest.fail("a model is built"))
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert app.multiselect(key="compare").value == list(CONFIGURATIONS)
    assert titles(app) == ["GPT-2 small", "Llama 3 8B", "Mixtral 8x7B", "DeepSeek-V3"]
    assert len(badges(app)) == 4
    assert all(badge.startswith(":green") for badge in badges(app))
    assert [button.proto.label for button in app.get("download_button")] == ["Parts, CSV", "Configurations, JSON"]


def test_the_stored_counts_are_those_of_a_built_model() -> None:
    from models.published import PUBLISHED

    for name in CONFIGURATIONS:
        fields = PUBLISHED[name].fields
        stored = parameters_counted.stored(fields, name)
        assert stored is not None
        counted = parameters_counted.count(fields, name)
        assert stored[0].leaves == counted[0].leaves
        assert stored[1] == counted[1]


def test_parts_are_transformers_own() -> None:
    app = opened(compare=["gpt2", "bert-base"], drawing="numbers")
    assert sentences(app) == []
    with torch.device("meta"):
        gpt2 = AutoModelForCausalLM.from_config(AutoConfig.for_model("gpt2"))
        bert = AutoModel.from_config(AutoConfig.for_model("bert"))
    table = app.dataframe[0].value.set_index("part")
    assert table.loc["All"][["GPT-2 small", "BERT base"]].tolist() == [gpt2.num_parameters(), bert.num_parameters()]
    assert table.loc["Embedding", "GPT-2 small"] == gpt2.transformer.wte.weight.numel()
    assert table.loc["Positions", "BERT base"] == bert.embeddings.position_embeddings.weight.numel()
    mlp = sum(tensor.numel() for name, tensor in gpt2.named_parameters() if ".mlp." in name)
    assert table.loc["MLP", "GPT-2 small"] == mlp
    assert table.loc["MLP", "GPT-2 small, share"] == pytest.approx(100 * mlp / gpt2.num_parameters())
    sizes = app.dataframe[1].value.set_index("size")
    assert sizes.loc["vocabulary"].tolist() == ["≠", "50,257", "30,522"]
    assert sizes.loc["width"].tolist() == ["", "768", "768"]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's model is built in this process: the other one, and its limits, have tests of their own."""
    monkeypatch.setattr(parameters_apart, "count", lambda given: parameters_counted.count(json.loads(given)))


@pytest.mark.usefixtures("here")
def test_one_of_ones_own_and_one_of_the_app() -> None:
    app = opened(compare=["own", "minilm-l6-v2"], config=TINY)
    assert sentences(app) == []
    table = app.dataframe[0].value.set_index("part")
    assert table.loc["Embedding", "A gpt2 of your own"] == 50 * 8
    assert table.loc["All", "all-MiniLM-L6-v2"] == 22_713_216


def test_of_five_the_first_four_are_shown() -> None:
    app = opened(compare=["gpt2", "bert-base", "t5-small", "gpt2-medium", "phi-2"])
    assert sentences(app) == []
    assert "asks for 5 models" in app.warning[0].value
    assert len(titles(app)) == 4
    assert app.multiselect(key="compare").value == ["gpt2", "bert-base", "t5-small", "gpt2-medium"]


def test_a_model_named_twice_is_shown_once() -> None:
    app = opened(compare=["gpt2", "gpt2", "bert-base", "gpt2", "bert-base"])
    assert sentences(app) == []
    assert titles(app) == ["GPT-2 small", "BERT base"]


def test_no_model() -> None:
    app = opened()
    app.multiselect(key="compare").set_value([]).run()
    assert sentences(app) == ["There is no model to show; choose one."]
    assert app.header


def test_an_unknown_name_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(compare=["gpt2", "../../etc/passwd"])
    (said,) = sentences(app)
    assert "not the name of a model" in said
    assert titles(app) == ["GPT-2 small"]
    monkeypatch.setenv("ORRERY_MODELS", "minilm-l6-v2")
    app = opened(compare=["gpt2", "no-such-one"])
    assert sentences(app) == []
    assert "in the list" in app.warning[0].value or "one of" in app.warning[0].value
    assert titles(app) == ["GPT-2 small"]


def test_a_hub_model_waits_for_a_click_and_a_failure_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise InputError("The hub can't be reached.")

    monkeypatch.setattr(hub, "config", fail)
    app = opened(compare=["gpt2", "someone/some-model"])
    assert sentences(app) == []
    assert titles(app) == ["GPT-2 small"]
    fetch = next(button for button in app.button if "config.json" in button.label)
    app = fetch.click().run()
    assert sentences(app) == ["The hub can't be reached."]
    assert titles(app) == ["GPT-2 small"]


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ("{", "not JSON"),
        ('{"model_type": "nonsense"}', "not among those"),
        ('{"model_type": "gpt2", "n_embd": 100}', "shared out"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_configuration_that_cannot_be_leaves_the_others(config: str, part: str) -> None:
    app = opened(compare=["gpt2", "own"], config=config)
    (said,) = sentences(app)
    assert part in said
    assert titles(app) == ["GPT-2 small"]
    assert app.text_area(key="config").value == config


def test_a_difference_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    trace, formula = parameters_counted.count(json.loads(TINY))
    assert formula is not None
    wrong = type(formula)(formula.symbols, formula.terms[1:])
    monkeypatch.setattr(parameters_apart, "count", lambda given: (trace, wrong))
    app = opened(compare=["own"], config=TINY.replace("50", "51"))
    assert badges(app)[0].startswith(":red")


@pytest.mark.parametrize("preset", WORDS.presets, ids=[label for label, _, _ in WORDS.presets])
def test_the_presets_show_what_they_name(preset: tuple[str, str, dict[str, Any]]) -> None:
    app = visiting.opened("parameters", preset[2])
    assert sentences(app) == []
    assert not app.warning
    assert len(titles(app)) == len(preset[2].get("compare", CONFIGURATIONS))


def test_an_impossible_drawing_falls_back_and_says_so() -> None:
    app = opened(drawing="pie")
    assert "drawing" in app.warning[0].value
    assert app.selectbox(key="drawing").value == "shares"

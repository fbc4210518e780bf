"""The view "breakdown" as a script: the published totals, the sources of a configuration, and what is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest
from transformers import AutoModelForCausalLM, BertConfig, BertModel, LlamaConfig

from models import configurations, defaults, parameters_counted
from models.published import PUBLISHED
from models.traces import InputError
from pages.parts.parameters import breakdown_files
from pages.parts.parameters.counted import Counted
from pages.parts.parameters.which import Chosen
from tests import hub as stand_in
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.parameter_words import breakdown as words

TINY = {
    "model_type": "llama",
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 48,
    "vocab_size": 300,
    "tie_word_embeddings": False,
}


def theirs(fields: dict[str, Any]) -> int:
    config = LlamaConfig(**{name: value for name, value in fields.items() if name != "model_type"})
    with torch.device("meta"):
        return int(AutoModelForCausalLM.from_config(config).num_parameters())


def opened(**query: str) -> AppTest:
    return visiting.opened("parameters", query)


def equal(app: AppTest) -> int:
    """The number in a green badge."""
    (said,) = badges(app)
    assert "green" in said
    assert "equal to the tensors' sum" in said
    return int(said.partition("By formula ")[2].partition(": ")[0].replace(",", ""))


def table(app: AppTest) -> dict[str, list[str]]:
    """The table of parts: {part: its other cells}."""
    (text,) = (each.value for each in app.markdown if each.value.startswith("| part"))
    rows = [[cell.strip(" *") for cell in line.strip("| ").split("|")] for line in text.splitlines()]
    return {row[0]: row[1:] for row in rows if row[0] != "---"}


@pytest.mark.parametrize(
    ("name", "total", "active"),
    [
        ("gpt2", 124_439_808, 0),
        ("llama-3-8b", 8_030_261_248, 0),
        ("llama-3.2-1b", 1_235_814_400, 0),
        ("qwen2-0.5b", 494_032_768, 0),
        ("mixtral-8x7b", 46_702_792_704, 12_879_925_248),
        ("smollm2-135m", 134_515_008, 0),
    ],
)
def test_published_totals_stand_on_the_page(name: str, total: int, active: int) -> None:
    app = opened(model=name)
    assert not sentences(app)
    assert equal(app) == total
    parts = table(app)
    assert parts["all"][1] == f"{total:,}"
    assert sum(int(row[1].replace(",", "")) for part, row in parts.items() if part not in {"part", "all"}) == total
    if active:
        assert parts["all"][3] == f"{active:,}"
        assert any(text.value.startswith(f"**{active:,}** of the {total:,} work on one token") for text in app.markdown)


def test_the_first_picture_needs_neither_torch_nor_transformers() -> None:
    code = """
import sys
sys.modules["torch"] = sys.modules["transformers"] = None  # to import them is an error
from streamlit.testing.v1 import AppTest
view = "import streamlit as st; from pages.parts.parameters import breakdown; breakdown.show(st.sidebar)"
app = AppTest.from_string(view, default_timeout=60).run()
assert not app.exception, app.exception
assert any("By formula" in text.value for text in app.markdown)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(visiting.APP).parent)
    assert done.returncode == 0, done.stderr


def test_what_is_stored_is_what_would_be_counted() -> None:
    name = defaults.CONFIGURATION
    stored = parameters_counted.stored(PUBLISHED[name].fields, name)
    assert stored is not None
    assert parameters_counted.to_json(stored) == parameters_counted.to_json(
        parameters_counted.count(PUBLISHED[name].fields, name)
    )
    assert len(list(parameters_counted.STORED.iterdir())) == len(defaults.CONFIGURATIONS)


@pytest.mark.parametrize("name", ["gpt2", "bert-base", "t5-small", "mixtral-8x7b", "deepseek-v3", "qwen3-8b", "phi-2"])
def test_symbols_stand_for_the_fields_that_are_named(name: str) -> None:
    config = configurations.build(PUBLISHED[name].fields)
    _, formula = parameters_counted.count(PUBLISHED[name].fields)
    assert formula is not None
    own = words.OWN_FIELDS.get(config.model_type, {})
    for symbol, value in formula.symbols.items():
        field = own.get(symbol, words.SYMBOLS[symbol][0])
        said = getattr(config, field, None)
        assert said == value or (said is None and field in {"head_dim", "n_inner"}), (symbol, field)


def test_an_installed_model_is_counted_from_its_own_config() -> None:
    app = opened(model="minilm-l6-v2")
    with torch.device("meta"):
        assert (
            equal(app)
            == BertModel(BertConfig(hidden_size=384, num_hidden_layers=6, intermediate_size=1536)).num_parameters()
        )
    assert any("on this machine" in caption.value.replace("\\", "") for caption in app.caption)


def test_ones_own_configuration_is_counted() -> None:
    app = opened(model="own", config=json.dumps(TINY))
    assert equal(app) == theirs(TINY)
    other = TINY | {"hidden_size": 64}
    app.text_area(key="config").set_value(json.dumps(other)).run()
    assert equal(app) == theirs(other)
    fields = app.dataframe[1].value
    assert set(fields[fields["from"] == words.USUAL]["symbol"]) == {"k"}


def test_a_family_without_a_formula_says_so() -> None:
    app = opened(model="own", config='{"model_type": "mamba", "num_hidden_layers": 2}')
    assert not sentences(app)
    assert not badges(app)
    assert any("No formula is written down" in caption.value for caption in app.caption)
    assert table(app)["all"]


def test_a_difference_is_in_plain_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    trace, formula = parameters_counted.count(TINY)
    assert formula is not None
    short = type(formula)(formula.symbols, formula.terms[1:])
    monkeypatch.setattr(parameters_counted, "stored", lambda *_: (trace, short))
    (said,) = badges(opened(model="gpt2"))
    assert "red" in said
    assert f"By formula {short.total:,}, by tensors {trace.total:,}: {300 * 32:,} apart" in said


def drop(app: AppTest, blob: bytes) -> AppTest:
    app.file_uploader[0].set_value([("config.json", blob, "application/json")]).run()
    assert not app.exception
    return app


def test_a_dropped_file_goes_into_the_box_and_the_link() -> None:
    app = drop(opened(model="own"), json.dumps(TINY).encode())
    assert equal(app) == theirs(TINY)
    assert json.loads(app.text_area(key="config").value or "") == TINY
    app.text_area(key="config").set_value(json.dumps(TINY | {"vocab_size": 400})).run()
    assert equal(app) == theirs(TINY | {"vocab_size": 400})  # the file isn't put there again


@pytest.mark.parametrize(
    ("blob", "said"), [(b"\xff\xfe\x00", "not a text in UTF-8"), (b" " * 200_001, "200,001 bytes")]
)
def test_a_file_that_is_no_text_leaves_the_box_as_it_was(blob: bytes, said: str) -> None:
    app = drop(opened(model="own", config=json.dumps(TINY)), blob)
    assert [said in each for each in sentences(app)] == [True]
    assert equal(app) == theirs(TINY)


def test_of_a_hub_model_only_the_config_is_fetched_after_a_click(tmp_path: Path, hub: stand_in.Hub) -> None:
    folder = tmp_path / "me" / "tiny"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(TINY))
    (folder / "model.safetensors").write_bytes(b"x" * 100)
    hub.repositories["me/tiny"] = folder
    app = opened(model="me/tiny")
    assert not hub.requests
    (asked,) = (box.value.replace("\\", "") for box in app.info)
    assert "Only its config.json is fetched" in asked
    assert app.button(key="fetch config.json of me/tiny").label == "Fetch its config.json"
    app = visiting.opened("parameters", {"model": "me/tiny"}, {"agreed": {"config.json of me/tiny"}})
    assert equal(app) == theirs(TINY)
    assert hub.downloads() == ["config.json"]
    assert set(hub.authorizations) == {None}
    said = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    assert f"config.json of me/tiny on the hub, commit {stand_in.commit_of(folder)[:8]}" in said
    hub.requests.clear()
    hub.failing = 503
    assert equal(opened(model="me/tiny")) == theirs(TINY)  # it is here now: no question, no network
    assert not hub.requests


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no config.json on the hub"),
        (" " * 10_000_001, "10 MB, which is no model's"),
        ("{", "not JSON"),
        (json.dumps(TINY | {"num_attention_heads": 0}), '"num_attention_heads" is 0'),
        (json.dumps({"model_type": "mine", "auto_map": {"AutoConfig": "x.Y"}}), "never run"),
    ],
)
def test_a_hub_config_that_cannot_be_used_is_one_sentence(
    content: str | None, said: str, tmp_path: Path, hub: stand_in.Hub
) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "README.md").write_text("x")
    if content is not None:
        (tmp_path / "bad" / "config.json").write_text(content)
    name = f"me/bad{len(said)}"  # another each time: what is fetched is kept
    hub.repositories[name] = tmp_path / "bad"
    app = visiting.opened("parameters", {"model": name}, {"agreed": {f"config.json of {name}"}})
    assert [said in each for each in sentences(app)] == [True]
    assert app.selectbox(key="shape").value == "treemap"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("{", "not JSON"),
        ('{"model_type": "gpt2", "n_head": 0}', '"n_head" is 0'),
        ('{"model_type": "gpt2", "n_embd": 100}', '"hidden_size" is 100'),
        ('{"model_type": "<img src=x onerror=alert(1)>"}', "<img src=x onerror=alert(1)>"),
    ],
)
def test_a_bad_configuration_is_one_sentence_and_loses_nothing(config: str, said: str) -> None:
    app = opened(model="own", config=config, shape="icicle", group="block")
    assert [said in each for each in sentences(app)] == [True]
    assert app.text_area(key="config").value == config
    app.text_area(key="config").set_value(json.dumps(TINY)).run()
    assert not sentences(app)
    assert equal(app) == theirs(TINY)
    assert (app.selectbox(key="shape").value, app.selectbox(key="group").value) == ("icicle", "block")


@pytest.mark.parametrize("query", [{"shape": "cube"}, {"group": "x"}, {"open": "the fridge"}])
def test_a_link_that_asks_for_what_cannot_be_says_so(query: dict[str, str]) -> None:
    app = opened(**query)
    assert equal(app) == 124_439_808
    assert len(app.warning) == 1
    assert next(iter(query)) in app.warning[0].value


def test_an_area_of_another_model_gives_way_to_the_whole() -> None:
    app = opened(model="llama-3-8b", open="MLP / mlp.gate_proj")
    assert app.selectbox(key="open").value == "MLP / mlp.gate_proj"
    app.selectbox(key="model").set_value("gpt2").run()
    assert not app.exception
    assert app.selectbox(key="open").value == "everything"
    assert equal(app) == 124_439_808


def test_files_hold_every_tensor_and_the_formula() -> None:
    entry = PUBLISHED["gpt2"]
    trace, formula = parameters_counted.count(entry.fields, "gpt2")
    assert formula is not None
    found = Counted(Chosen("gpt2", entry.title, entry.source, entry.fields, stranger=False), trace, formula)
    tensors = pd.read_csv(io.BytesIO(breakdown_files.tensors_csv(found)), comment="#")
    names = tensors["tensor"].str.strip('"')
    assert dict(zip(names, tensors["parameters"], strict=True)) == trace.leaves
    assert "lm_head.weight" in tensors[names == "transformer.wte.weight"]["also_used_as"].item()
    terms = pd.read_csv(io.BytesIO(breakdown_files.formula_csv(found)), comment="#")
    assert terms["parameters"].sum() == 124_439_808


def test_a_formula_of_another_class_is_not_given() -> None:
    _, formula = parameters_counted.count({"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"]})
    assert formula is None


def test_a_model_larger_than_any_is_refused() -> None:
    wide = {"hidden_size": 9_000_000, "intermediate_size": 9_000_000, "num_attention_heads": 1}
    with pytest.raises(InputError, match="no model is so large"):
        parameters_counted.count({"model_type": "llama", "vocab_size": 900_000_000, **wide})

"""The view "memory" as a script: its numbers are transformers' and torch's, and nothing breaks it."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig, AutoModelForCausalLM

from models import configurations, costs, flops_counted, parameters, parameters_apart, parameters_counted
from models.flops_counted import Counted
from models.parameters_counted import Both
from models.published import PUBLISHED
from tests.pages import visiting
from tests.pages.visiting import badges, sentences

SECTIONS = ["Weights", "Keys and values that are kept", "Training", "Arithmetic", "On which machine, and how fast"]
SMALL = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 8, "vocab_size": 500,
         "num_key_value_heads": 2, "intermediate_size": 96, "tie_word_embeddings": False}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's models are built right here: a process for each would take most of the time."""

    def count(given: str) -> Both:
        return parameters_counted.count(configurations.read(given))

    def reading(given: str, tokens: int) -> Counted:
        return flops_counted.reading(configurations.build(configurations.read(given)), tokens)

    monkeypatch.setattr(parameters_apart, "count", count)
    monkeypatch.setattr(flops_counted, "reading_apart", reading)


def opened(**query: str | list[str]) -> AppTest:
    app = visiting.opened("parameters", {"view": "memory", **query})
    assert not app.exception, app.exception
    return app


def summary(app: AppTest) -> dict[str, str]:
    """The first row."""
    parts = [text.value.split("  \n**") for text in app.markdown if "  \n**" in text.value]
    return {label: value.removesuffix("**").replace("\xa0", " ") for label, value in parts}


def table(app: AppTest, column: str) -> pd.DataFrame:
    """The table that has this column."""
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


def sections(app: AppTest) -> list[str]:
    return [header.value for header in app.header if header.value in SECTIONS]


def test_the_default_view_stands() -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert sections(app) == SECTIONS
    said = summary(app)
    assert said["Weights"] == "16.1 GB"  # 2 x 8,030,261,248
    assert said["KV cache"] == "1.07 GB"
    assert said["Fits on"] == "7 of 12 devices"
    assert [text for text in badges(app) if text.startswith(":green")]
    assert len(app.get("plotly_chart")) == 7
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["Weights, CSV", "Cache, CSV", "Training, CSV", "Operations, CSV", "Devices, CSV"]


def test_a_small_model_is_what_transformers_and_torch_say() -> None:
    app = opened(model="own", config=json.dumps(SMALL), context="20", batch="3", dtype="float32", rank="4",
                 targets=["k_proj"])  # fmt: skip
    assert sentences(app) == []
    config = AutoConfig.for_model(**SMALL)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    ids = torch.randint(3, 500, (3, 20))
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        kept = model(ids[:1], use_cache=False)
    with torch.inference_mode():
        kept = model(ids, use_cache=True).past_key_values
    cache = table(app, "times its own")
    assert cache["bytes"][0] == sum(layer.keys.nbytes + layer.values.nbytes for layer in kept.layers)
    assert cache["keys and values"][0] == "grouped: 2 heads"
    assert f"{counter.get_total_flops():,} operations, equal to torch's counter" in badges(app)[0]
    assert f"{20 * 2 * 2 * 2 * 8:,} numbers, equal to transformers' cache" in badges(app)[1]
    operations = table(app, "part")
    assert operations["reading 20 tokens, each"].sum() == pytest.approx(counter.get_total_flops() / 20)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model(ids[:1, :1], past_key_values=model(ids[:1], use_cache=True).past_key_values)
    reading = 20 * operations["reading 20 tokens, each"].sum()
    assert operations["writing one behind 20"].sum() == pytest.approx(counter.get_total_flops() - reading)
    training = table(app, "way")
    total = model.num_parameters()
    assert training["parameters trained"].tolist() == [total, total, 2 * 4 * (64 + 16)]
    assert training["weights"][0] == 4 * total


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bert-base", ["An encoder reads its whole text at once"] * 3),
        ("t5-small", ["An encoder-decoder keeps keys and values"] * 3),
    ],
)
def test_what_writes_otherwise_has_one_sentence_in_place_of_a_number(name: str, said: list[str]) -> None:
    app = opened(model=name, context="1000")
    assert sentences(app) == []
    assert sections(app) == SECTIONS
    shown = [box.value.replace("\\", "") for box in app.info]
    assert [text for text in shown if text.startswith(said[0])] == [text for text in shown if "keys and values" in text]
    assert summary(app).keys() == {"Weights"}
    assert badges(app)[0].startswith(":green")
    tokens = 512 if name == "bert-base" else 1000
    assert f"Reading {tokens:,} tokens" in badges(app)[0]


def test_layers_that_are_no_attention_leave_the_weights() -> None:
    mamba = {"model_type": "mamba", "hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 300, "state_size": 8}
    app = opened(model="own", config=json.dumps(mamba))
    assert sentences(app) == []
    assert sections(app) == SECTIONS
    shown = [box.value.replace("\\", "") for box in app.info]
    assert sum("linear_attention" in text for text in shown) == 4
    assert sum("LoRA needs" in text for text in shown) == 1
    assert summary(app).keys() == {"Weights"}
    assert table(app, "way")["parameters trained"].notna().all()


def test_latent_vectors_are_folded_and_unfolded() -> None:
    app = opened(model="deepseek-v3", context="4096")
    cache = table(app, "times its own")
    assert cache["keys and values"].tolist()[0] == "latent"
    assert cache["bytes"][0] == 2 * 61 * 576 * 4096
    assert cache["times its own"][1] == pytest.approx(128 * 320 / 576)
    assert any("To unfold all of these" in text.value for text in app.caption)
    assert any("37,552,282,624" in text.value for text in app.caption)


def test_another_model_offers_its_own_matrices() -> None:
    app = opened(model="llama-3.2-1b", targets=["down_proj"], context="64")
    assert app.multiselect(key="targets").value == ["down_proj"]
    assert table(app, "way")["parameters trained"][2] == 8 * 16 * (2048 + 8192)
    app.selectbox(key="model").set_value("gpt2").run()
    assert app.multiselect(key="targets").value == ["c_attn"]
    assert table(app, "way")["parameters trained"][2] == 8 * 12 * (768 + 3 * 768)
    app.multiselect(key="targets").set_value([]).run()
    assert not app.exception
    assert any("LoRA needs at least one matrix" in box.value for box in app.info)
    assert len(table(app, "way")) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("context", "0"), ("context", "1e400"), ("batch", "-3"), ("batch", "5000"), ("dtype", "int3"), ("rank", "0"),
     ("targets", "no_such_matrix"), ("model", "../../etc/passwd")],
)  # fmt: skip
def test_an_impossible_value_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(**({"model": "gpt2"} | {name: value}))
    said = [*sentences(app), *(box.value.replace("\\", "") for box in app.warning)]
    assert len(said) == 1
    assert name in said[0] or value in said[0]
    if name != "model":
        assert sections(app) == SECTIONS


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("{", "not JSON"),
        ('{"hidden_size": 4}', "model_type"),
        (json.dumps(SMALL | {"num_attention_heads": 0}), "num_attention_heads"),
        (json.dumps(SMALL | {"num_hidden_layers": 10**7}), "num_hidden_layers"),
        (json.dumps(SMALL | {"model_type": "<img src=x onerror=alert(1)>"}), "not among those"),
    ],
)
def test_a_bad_configuration_is_told_and_nothing_is_lost(config: str, sentence: str) -> None:
    app = opened(model="own", config=config, batch="7", targets=["up_proj"])
    said = sentences(app)
    assert len(said) == 1
    assert sentence in said[0]
    assert app.number_input(key="batch").value == 7
    assert app.text_area(key="config").value == config
    assert app.multiselect(key="targets").value == ["up_proj"]


def test_a_difference_from_torchs_counter_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = costs.arithmetic

    def less(*given: Any) -> dict[Any, int]:
        return usual(*given) | {"head": 0}

    monkeypatch.setattr(costs, "arithmetic", less)
    assert badges(opened(model="smollm2-135m", context="100"))[0].startswith(":red")


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"model": "llama-3-8b"}, "adds 131\N{NO-BREAK SPACE}kB. From 122,533 tokens on, it"),  # 16.06 GB / 131,072 B
        ({"model": "gpt2", "context": "1", "batch": "4096", "dtype": "int4"}, "From 1 token in each text on, it"),
        ({"model": "mistral-7b", "context": "1000"}, "However long the texts are, it stays smaller"),
        ({"model": "mistral-7b", "context": "32768"}, "adds 0\N{NO-BREAK SPACE}B, since its windows are full. However"),
    ],
)
def test_where_the_cache_outgrows_the_weights(link: dict[str, str], said: str) -> None:
    assert any(said in text.value for text in opened(**link).caption)


def test_a_cache_whose_windows_become_full_grows_more_slowly() -> None:
    """Gemma 2 9B, from below its window of 4,096: 21 layers keep 4,095 tokens, and the other 21 keep all."""
    config = configurations.build(PUBLISHED["gemma-2-9b"].fields)
    held = 2 * parameters.breakdown(config).total
    tokens = -(-(held - 2 * 21 * 4096 * 4095) // (2 * 21 * 4096))
    said = [text.value for text in opened(model="gemma-2-9b", context="100").caption]
    assert any(f"From {tokens:,} tokens on, it" in text for text in said)


def test_the_lines_begin_at_a_short_context() -> None:
    chart = opened(model="gpt2", context="3").get("plotly_chart")[1]
    lines = json.loads(chart.proto.spec)["data"]
    assert all(line["x"][0] == 3 for line in lines)
    assert lines[0]["y"][0] == 3 * 2 * 12 * 2 * 768

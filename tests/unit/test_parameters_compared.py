"""What is compared are transformers' own numbers, and what nobody says isn't guessed."""

from __future__ import annotations

import pytest

from models import configurations, parameter_formulas, parameters, parameters_compared
from models.published import PUBLISHED
from tests.families import tiny_model
from viz import comparison_charts, parameter_charts
from viz.comparison_charts import Model

NAMES = ["gpt2", "t5-small", "bert-base", "mixtral-8x7b", "deepseek-v3", "qwen3-0.6b", "gemma-2b", "phi-2"]


def model(name: str) -> Model:
    trace = parameters.breakdown(PUBLISHED[name].fields)
    counts, active = parameters_compared.by_part(trace), parameters_compared.active_by_part(trace)
    return Model(PUBLISHED[name].title, counts, active)


def facts(name: str) -> dict[str, str]:
    config = configurations.build(PUBLISHED[name].fields)
    trace = parameters.breakdown(config)
    return parameters_compared.facts(PUBLISHED[name].fields, trace, parameter_formulas.count(config))


@pytest.mark.parametrize("name", NAMES)
def test_parts_add_up(name: str) -> None:
    trace = parameters.breakdown(PUBLISHED[name].fields)
    assert sum(parameters_compared.by_part(trace).values()) == trace.total
    active = parameters_compared.active_by_part(trace)
    assert active is not None
    assert sum(active.values()) == trace.active


@pytest.mark.parametrize("name", NAMES)
def test_sizes_are_those_of_transformers_configuration(name: str) -> None:
    config = configurations.build(PUBLISHED[name].fields)
    found = facts(name)
    heads = config.num_attention_heads
    assert found["family"] == config.model_type
    assert found["blocks"].split(" + ")[0] == f"{config.num_hidden_layers:,}"
    assert found["width"] == f"{config.hidden_size:,}"
    assert found["query heads"] == f"{heads:,}"
    assert found["vocabulary"] == f"{config.vocab_size:,}"
    assert found["key and value heads"].split(",")[0] == f"{getattr(config, 'num_key_value_heads', None) or heads:,}"
    tied = PUBLISHED[name].fields.get("tie_word_embeddings", config.tie_word_embeddings) and name != "bert-base"
    assert (found["output head"] == "the embedding again") == tied


def test_experts_are_compared() -> None:
    found = facts("mixtral-8x7b")
    assert [found[name] for name in ("experts in a block", "experts on a token", "width of an expert")] == [
        "8", "2", "14,336",
    ]  # fmt: skip
    assert found["width of the MLP"] == "–"
    found = facts("deepseek-v3")
    assert [found[name] for name in ("experts in a block", "experts on a token", "width of an expert")] == [
        "256", "8", "2,048",
    ]  # fmt: skip
    assert found["numbers of a head"] == "128 + 64"
    assert facts("t5-small")["blocks"] == "6 + 6"


def test_what_a_family_without_a_formula_does_not_say_is_not_guessed() -> None:
    config = tiny_model("bloom").config
    trace = parameters.breakdown(config)
    assert parameter_formulas.count(config) is None
    found = parameters_compared.facts({"model_type": "bloom", "n_layer": 2}, trace, None)
    assert found["blocks"] == "2"
    assert found["key and value heads"] == found["width of the MLP"] == parameters_compared.UNSAID
    assert found["experts in a block"] == parameters_compared.LESS


def test_shares_are_of_the_whole() -> None:
    models = [model(name) for name in ("gpt2", "mixtral-8x7b")]
    figure = comparison_charts.shares(models, dark=True)
    for bar in range(3):  # two models, and what works on one token of the second
        assert sum(series.x[bar] for series in figure.data) == pytest.approx(1)
    said = [note.text for note in figure.layout.annotations]
    assert said == ["<b>GPT-2 small</b>: 124,439,808", "<b>Mixtral 8x7B</b>: 46,702,792,704",
                    "of these on one token: 12,879,925,248"]  # fmt: skip
    embedding = next(series for series in figure.data if series.name == "Embedding")
    assert embedding.x[0] == pytest.approx(50257 * 768 / 124_439_808)


def test_numbers_stand_where_they_are() -> None:
    models = [model(name) for name in ("gpt2", "mixtral-8x7b")]
    figure = comparison_charts.numbers(models, dark=False)
    large = [series for series in figure.data if series.showlegend]
    assert [list(series.x) for series in large] == [
        [each.total, *(each.counts[part] for part in parameter_charts.NAMES if each.counts.get(part))]
        for each in models
    ]
    small = [x for series in figure.data if series.mode == "markers" and not series.showlegend for x in series.x]
    assert small[0] == 12_879_925_248
    assert len(small) == 2  # all, and the experts
    assert figure.layout.xaxis.type == "log"


def test_a_strangers_name_is_no_markup() -> None:
    odd = Model('<a href="x">&' + "y" * 60 + "-7b", {"mlp": 1}, None)
    for draw in (comparison_charts.shares, comparison_charts.numbers):
        drawn = draw([odd], dark=False).to_json()
        assert "<a href" not in drawn
    assert comparison_charts.cut("a" * 60 + "-7b").endswith("a-7b")
    assert comparison_charts.cut("<b>") == "&lt;b&gt;"

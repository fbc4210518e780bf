"""The drawings of parameters: every tensor has its area, and areas add up."""

from __future__ import annotations

import pytest

from models import parameters, parameters_apart
from models.published import PUBLISHED
from models.traces import InputError
from viz import parameter_charts, parameter_tree


@pytest.mark.parametrize("kind", parameter_charts.KINDS)
@pytest.mark.parametrize("group", parameter_tree.GROUPS)
@pytest.mark.parametrize("name", ["gpt2", "t5-small", "mixtral-8x7b", "bert-base"])
def test_areas_add_up(name: str, group: parameter_tree.Group, kind: parameter_charts.Kind) -> None:
    trace = parameters.breakdown(PUBLISHED[name].fields)
    alike = "blocks 0 to 31, 32 alike"
    opened = alike if alike in parameter_tree.openable(trace, group) else parameter_tree.WHOLE
    found = parameter_tree.areas(trace, name, group, opened)
    drawn = parameter_charts.tree(found, kind=kind, opened=opened, dark=False).data[0]
    count = dict(zip(drawn.ids, drawn.values, strict=True))
    assert count["all"] == trace.total
    assert {path: count[path] for path in trace.names} == trace.leaves
    below: dict[str, int] = {}
    for parent, value in zip(drawn.parents, drawn.values, strict=True):
        below[parent] = below.get(parent, 0) + value
    assert all(below[parent] == count[parent] for parent in below if parent)


def test_blocks_that_are_alike_are_one_area_until_opened() -> None:
    trace = parameters.breakdown(PUBLISHED["llama-3.1-405b"].fields)
    name = "blocks 0 to 125, 126 alike"
    closed = parameter_tree.areas(trace, "x", "block")
    assert [area.way for area in closed.values() if area.parent == "all"] == [
        "model.embed_tokens", name, "model.norm", "lm_head",
    ]  # fmt: skip
    assert parameter_charts.tree(closed, kind="treemap", opened=name, dark=False).data[0].level != "all"
    for way in (name, f"{name} / block 7"):
        assert way in parameter_tree.openable(trace, "block")
        found = parameter_tree.areas(trace, "x", "block", way)
        singles = [
            area for area in found.values() if area.way.startswith(f"{name} / block") and area.way.count("/") == 1
        ]
        assert len(singles) == 126
        assert {area.count for area in singles} == {3_187_703_808}
        assert found["all"].count == closed["all"].count == trace.total


def test_single_experts_are_drawn_where_they_are_opened() -> None:
    trace = parameters.breakdown(PUBLISHED["deepseek-v3"].fields)
    way = "Experts / experts.gate_up_proj / block 7"
    assert way in parameter_tree.openable(trace, "part")
    found = parameter_tree.areas(trace, "x", "part", way)
    experts = [area for area in found.values() if area.way.startswith(f"{way} / expert")]
    assert len(experts) == 256
    assert {area.count for area in experts} == {2 * 2048 * 7168}
    assert not any("/ expert " in area.way for area in parameter_tree.areas(trace, "x", "part").values())


@pytest.mark.parametrize("group", parameter_tree.GROUPS)
def test_thousands_of_tensors_are_few_areas(group: parameter_tree.Group) -> None:
    for fields in ({"model_type": "nllb-moe"}, {"model_type": "llama", "num_hidden_layers": 1_000}):
        trace = parameters.breakdown(fields)
        found = parameter_tree.areas(trace, "x", group)
        assert len(found) < 1_000 < len(trace.names)
        assert found["all"].count == trace.total
        assert {"encoder", "decoder"} <= {area.way for area in found.values()} or fields["model_type"] == "llama"


def test_a_strangers_configuration_is_counted_apart() -> None:
    trace, formula = parameters_apart.count('{"model_type": "gpt2"}')
    assert formula is not None
    assert trace.total == formula.total == 124_439_808
    with pytest.raises(InputError, match="shared out"):
        parameters_apart.count('{"model_type": "gpt2", "n_embd": 100}')

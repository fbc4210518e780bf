"""The drawings of parameters: every tensor has its area, and areas add up."""

from __future__ import annotations

import pytest

from models import parameters, parameters_apart
from models.published import PUBLISHED
from models.traces import InputError
from viz import parameter_charts


@pytest.mark.parametrize("kind", parameter_charts.KINDS)
@pytest.mark.parametrize("group", parameter_charts.GROUPS)
@pytest.mark.parametrize("name", ["gpt2", "t5-small", "mixtral-8x7b", "bert-base"])
def test_areas_add_up(name: str, group: parameter_charts.Group, kind: parameter_charts.Kind) -> None:
    trace = parameters.breakdown(PUBLISHED[name].fields)
    drawn = parameter_charts.tree(trace, name, kind=kind, group=group, dark=False).data[0]
    count = dict(zip(drawn.ids, drawn.values, strict=True))
    assert count["all"] == trace.total
    assert {path: count[path] for path in trace.names} == trace.leaves
    below: dict[str, int] = {}
    for parent, value in zip(drawn.parents, drawn.values, strict=True):
        below[parent] = below.get(parent, 0) + value
    assert all(below[parent] == count[parent] for parent in below if parent)


def test_shares_are_of_the_whole() -> None:
    traces = [parameters.breakdown(PUBLISHED[name].fields) for name in ("gpt2", "llama-3-8b")]
    figure = parameter_charts.shares(traces, ["a", "b"], dark=True)
    for model in range(2):
        assert sum(bar.x[model] for bar in figure.data) == pytest.approx(1)


def test_a_strangers_configuration_is_counted_apart() -> None:
    trace, formula = parameters_apart.count('{"model_type": "gpt2"}')
    assert formula is not None
    assert trace.total == formula.total == 124_439_808
    with pytest.raises(InputError, match="shared out"):
        parameters_apart.count('{"model_type": "gpt2", "n_embd": 100}')

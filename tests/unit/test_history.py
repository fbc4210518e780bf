"""The sizes of history are what their configurations come to, and no rumour passes for a fact."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from models import catalog, parameters
from models.history import SIZES, UNPUBLISHED, Size
from models.published import PUBLISHED
from viz import history_charts
from viz.history_charts import AXES, SHOWN, Axis, Shown

COUNTED = [size for size in SIZES if size.published]


@pytest.mark.parametrize("size", COUNTED, ids=lambda size: size.name)
def test_what_authors_say_is_what_transformers_builds(size: Size) -> None:
    trace = parameters.breakdown(PUBLISHED[size.published].fields)
    assert trace.total == pytest.approx(size.parameters, rel=0.03)
    assert trace.active == pytest.approx(size.active or size.parameters, rel=0.03)
    assert size.experts == ("experts" in trace.parts)


def test_the_models_of_the_app_are_those_of_the_catalog() -> None:
    for size in SIZES:
        if size.installed:
            assert catalog.MODELS[size.installed].parameters == pytest.approx(size.parameters, rel=0.005)
    assert {size.installed for size in SIZES if size.installed} == set(catalog.MODELS)


def test_every_size_is_whole() -> None:
    assert len({size.name for size in SIZES}) == len(SIZES)
    for size in SIZES:
        assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", size.month)
        assert 0 <= size.year - int(size.month[:4]) < 1
        assert size.active is None or (size.experts and size.active < size.parameters)
        assert len(size.source) > 10
    assert all(before.year <= after.year for before, after in pairwise(SIZES))


def test_rumours_are_of_models_whose_makers_are_silent() -> None:
    rumours = {size.name: size.source for size in SIZES if size.rumour}
    assert set(rumours) <= {name for name, _ in UNPUBLISHED}
    assert all("gives no size" in source for source in rumours.values())


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("axis", AXES)
def test_no_rumour_stands_among_facts(shown: Shown, axis: Axis) -> None:
    figure = history_charts.sizes(SIZES, shown=shown, axis=axis, dark=True)
    for series in figure.data:
        if series.mode == "lines":  # each joins what is one model's
            assert series.x[::3] == series.x[1::3]
        else:
            assert all(("RUMOUR" in said) == ("rumour" in series.name) for said in series.customdata)
            assert ("open" in series.marker.symbol) == ("rumour" in series.name)
    lines = [series for series in figure.data if series.mode == "lines"]
    assert len(lines) == (2 if shown == SHOWN[0] else 0)
    assert figure.layout.yaxis.type == ("log" if axis == "logarithmic" else "linear")


@pytest.mark.parametrize("shown", SHOWN)
def test_every_known_size_is_drawn(shown: Shown) -> None:
    figure = history_charts.sizes(SIZES, shown=shown, axis="logarithmic", dark=False)
    heights = sorted(height for series in figure.data if series.mode != "lines" for height in series.y)
    totals = [size.parameters for size in SIZES]
    active = [size.active for size in SIZES if size.active]
    dense = [size.parameters for size in SIZES if not size.experts]
    assert heights == sorted({"total": totals, SHOWN[0]: totals + active, SHOWN[2]: active + dense}[shown])

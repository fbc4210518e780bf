"""The view "design" of the page of parameters: a model of one's own, by its sizes alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import costs, designs
from models.devices import DEVICES
from models.published import PUBLISHED
from pages.parts.parameters import design_check
from viz import page, parameter_charts, state
from viz.components import designer
from viz.parameter_words import design as words

FORMATS: Final = ("float32", "bfloat16", "int8", "Q8_0", "Q4_0")
USUAL: Final[dict[str, Any]] = designs.published()[designs.USUAL] | {
    "context": designs.CONTEXT,
    "target": designs.TARGET,
}


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        controls.caption(words.SLIDERS)
        link, said = state.read(designer.parameters(designs.LIMITS), page.linked())
        complaints += said
        result = designer.designer(packed(), key="designer", state=link, defaults=USUAL)
        design_check.badge(result.get("asked"))
        page.facts(words.KIND)
        st.caption(words.TRAINING)


@st.cache_data(max_entries=1)
def packed() -> bytes:
    """What the figure needs besides the link."""
    device = next(each for each in DEVICES if each.name == designs.TRAINED_ON)
    return designer.pack(
        limits=designs.LIMITS,
        presets=[
            {"name": name, "title": PUBLISHED[name].title, "source": PUBLISHED[name].source, "design": design}
            for name, design in designs.published().items()
        ],
        names={str(part): name for part, name in parameter_charts.NAMES.items()},
        colours={str(part): colour for part, colour in parameter_charts.COLOURS.items()},
        formats={name: costs.FORMATS[name] for name in FORMATS},
        rules=[asdict(rule) for rule in designs.RULES],
        trained=[asdict(each) for each in designs.TRAINED],
        device={"name": device.name, "arithmetic": device.arithmetic, "source": device.source},
        utilisation=designs.UTILISATION,
    )

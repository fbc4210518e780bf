"""Parameters: where every last weight of a model is, and what it costs."""

from __future__ import annotations

from pages.parts.parameters import breakdown
from viz import page, parameter_words
from viz.page import View
from viz.parameter_words import breakdown as breakdown_words

page.through_the_app()
page.views(
    "Parameters",
    parameter_words.HEADER,
    "parameters",
    {
        "breakdown": View("Break down", breakdown.show, breakdown_words.WORDS),
    },
)

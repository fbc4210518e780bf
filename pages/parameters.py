"""Parameters: where every last weight of a model is, and what it costs."""

from __future__ import annotations

from pages.parts.parameters import breakdown, compare, design, history, memory, quantise, small, weights
from viz import page, parameter_words
from viz.page import View
from viz.parameter_words import breakdown as breakdown_words
from viz.parameter_words import compare as compare_words
from viz.parameter_words import design as design_words
from viz.parameter_words import history as history_words
from viz.parameter_words import memory as memory_words
from viz.parameter_words import quantise as quantise_words
from viz.parameter_words import small as small_words
from viz.parameter_words import weights as weights_words

page.through_the_app()
page.views(
    "Parameters",
    parameter_words.HEADER,
    "parameters",
    {
        "breakdown": View("Break down", breakdown.show, breakdown_words.WORDS),
        "design": View("Design", design.show, design_words.WORDS),
        "compare": View("Compare", compare.show, compare_words.WORDS),
        "memory": View("Memory, compute", memory.show, memory_words.WORDS),
        "quantise": View("Quantise", quantise.show, quantise_words.WORDS),
        "small": View("Small networks", small.show, small_words.WORDS),
        "weights": View("Weights", weights.show, weights_words.WORDS),
        "history": View("History", history.show, history_words.WORDS),
    },
)

"""Next token: what a model gives to every token of its vocabulary, what samplers make of it, and what is written so."""

from __future__ import annotations

from pages.parts.next_token import beams, distribution, generate, softmax, vary, window, xray
from viz import next_token_words, page
from viz.next_token_words import beams as beams_words
from viz.next_token_words import distribution as distribution_words
from viz.next_token_words import generate as generate_words
from viz.next_token_words import softmax as softmax_words
from viz.next_token_words import vary as vary_words
from viz.next_token_words import window as window_words
from viz.next_token_words import xray as xray_words
from viz.page import View

page.through_the_app()
page.views(
    "Next token",
    next_token_words.HEADER,
    "next-token",
    {
        "distribution": View("Distribution", distribution.show, distribution_words.WORDS),
        "softmax": View("Softmax by hand", softmax.show, softmax_words.WORDS),
        "generate": View("Generate", generate.show, generate_words.WORDS),
        "beams": View("Beam search", beams.show, beams_words.WORDS),
        "vary": View("Why outputs vary", vary.show, vary_words.WORDS),
        "xray": View("X-ray a text", xray.show, xray_words.WORDS),
        "window": View("Context window", window.show, window_words.WORDS),
    },
)

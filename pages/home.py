"""Home: the machine itself, drawn once, each part a door to its page."""

from __future__ import annotations

import contextlib

import streamlit as st

from models import defaults, engine
from models.traces import AttentionTrace, InputError
from viz import page
from viz.components.machine import machine

page.through_the_app()
layer, head = defaults.HEADS[defaults.DECODER]

page.header(
    "Orrery",
    "A language model, taken apart while it runs: type a text, and every number you see is the model's own.",
)
trace = None
with contextlib.suppress(InputError):  # another set of models is offered: the machine is drawn without numbers
    trace = engine.peek(defaults.VIEWS[0])
machine(
    {
        "attention": "attention",
        "tokenizers": "tokenizers",
        "embeddings": "embeddings",
        "inside": "inside",
        "parameters": "parameters",
        "next-token": "next-token",
    },
    trace=trace if isinstance(trace, AttentionTrace) else None,
    layer=layer,
    head=head,
)
st.markdown(
    "The picture shows the way of the data through a decoder such as SmolLM2. Every part is a door to a page that "
    "runs a real model on your text."
)

"""The encoder-decoder of the paper, taken apart: each block with its formula, beside the tensors that torch makes."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, small_networks
from models.parameter_formulas import Formula
from pages.parts.parameters import small_files
from viz import page, state
from viz.components import encoder_decoder
from viz.parameter_words import small as words


def show(controls: DeltaGenerator, complaints: list[str]) -> None:
    """Controls and figure; sentences about the link are added to `complaints`.

    Raises:
        InputError: the heads can't share the width.
    """
    most = small_networks.MOST
    with controls:
        width = page.number("Width d", (1, most["width"]), 512, key="d", step=64, help=words.WIDTH)
        heads = page.number("Heads h", (1, most["heads"]), 8, key="heads", help=words.HEADS)
        layers = page.number("Layers L, of each stack", (1, most["layers"]), 6, key="layers")
        mlp = page.number("Feed-forward width m", (1, most["mlp"]), 2048, key="mlp", step=256)
        vocabulary = page.number("Vocabulary V", (1, most["vocabulary"]), 10_000, key="vocabulary", step=1000)
    sizes = (width, heads, layers, mlp, vocabulary)
    formula = small_networks.formula(*sizes)
    link, said = state.read(encoder_decoder.parameters(), page.linked())
    complaints += said
    spelled = ", ".join(f"{name} = {value:,}" for name, value in formula.symbols.items())
    packed = encoder_decoder.pack([asdict(term) for term in formula.terms], formula.symbols, [spelled])
    encoder_decoder.encoder_decoder(packed, key="encoder-decoder", state=link)
    key = f"encoder-decoder {sizes}"
    work = background.QUICK.submit(
        key, lambda: small_networks.by_term(small_networks.encoder_decoder(*sizes)), "Building it in torch"
    )
    tensors = page.wait(work, key)
    if tensors is not None:
        ours, theirs = formula.total, sum(tensors.values())
        equal = all(tensors[term.name] == term.count for term in formula.terms)
        page.badge(
            (words.EQUAL if equal else words.UNEQUAL).format(formula=ours, tensors=theirs),
            good=equal,
            explanation=words.TENSORS,
        )
    _table(formula, tensors)
    page.facts(words.PAPER, spelled)
    page.downloads(
        [("Terms, CSV", "orrery-encoder-decoder.csv", "text/csv", lambda: small_files.terms(formula, tensors))]
    )


def _table(formula: Formula, tensors: dict[str, int] | None) -> None:
    """Each term, and what torch has for it."""
    columns = {
        "what": [term.name for term in formula.terms],
        "formula": [term.formula.replace("*", " · ") for term in formula.terms],
        "numbers": [term.numbers.replace("*", " · ") for term in formula.terms],
        "each": [term.each for term in formula.terms],
        "times": [term.times for term in formula.terms],
        "parameters": [term.count for term in formula.terms],
    }
    if tensors is not None:
        columns["in torch's tensors"] = [tensors[term.name] for term in formula.terms]
    st.dataframe(
        columns,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="localized")
            for name in ("each", "times", "parameters", "in torch's tensors")
        },
    )

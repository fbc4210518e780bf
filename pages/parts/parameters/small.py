"""The view "small" of the page of parameters: networks that can be drawn whole, and the Transformer of the paper."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from pages.parts.parameters import small_dense, small_transformer
from viz import page
from viz.parameter_words import small as words

NETWORKS = {"dense": small_dense.show, "transformer": small_transformer.show}


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            network = page.choose("Network", tuple(NETWORKS), key="network", help=words.NETWORK)
        NETWORKS[network](controls, complaints)

"""How far can a projection be trusted? The panel that stands beside each one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from models.traces import Quality
from viz import embedding_words as words
from viz import page


def panel(title: str, quality: Quality | None, details: Mapping[str, str], notes: Sequence[str] = ()) -> None:
    """The measures of a projection, and how it was made, in the current container.

    Args:
        title: the method's name, "PCA".
        quality: None for too few points to have neighbours.
        details: what else decides the picture: {"seed": "0", "time": "0.3 s"}.
        notes: sentences: what is other than was asked.
    """
    st.markdown(f"**How far to trust it** · {page.plain(title)}")
    if quality is None:
        st.caption(words.FEW)
    else:
        _measure(f"{quality.trustworthiness:.2f}", "Trustworthiness", words.TRUSTWORTHINESS.format(k=quality.k))
        kept = f"{100 * quality.neighbour_preservation:.0f}%"
        _measure(kept, "Neighbours kept", words.PRESERVATION.format(k=quality.k))
        if quality.explained is not None:
            axes = " + ".join(f"{100 * share:.0f}" for share in quality.explained)
            _measure(f"{100 * sum(quality.explained):.0f}%", "Variance shown", words.VARIANCE.format(axes=axes))
    for note in notes:
        st.caption(page.plain(note))
    page.facts(*(f"{name} {value}".strip() for name, value in details.items()))


def _measure(value: str, name: str, explanation: str) -> None:
    st.markdown(f"**{value}** {name}", help=explanation)

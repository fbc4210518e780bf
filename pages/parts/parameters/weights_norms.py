"""How large are the weights of every matrix? Kinds by layers; a click, or a key, shows that matrix above."""

from __future__ import annotations

import numpy as np
import streamlit as st

from models.engine import Request
from models.traces import NormsTrace
from pages.parts.running import answer
from viz.components import similarity
from viz.parameter_words import weights as words


def show(model: str, path: str) -> NormsTrace | None:
    """The table of a model, the cell of the matrix that is shown chosen; None where the visitor has stopped it."""
    norms = answer(Request("norms", model))
    if not isinstance(norms, NormsTrace):
        return None
    whole = [
        row for row, single in enumerate(norms.single) if not single and bool(np.isfinite(norms.values[row]).all())
    ]
    if whole:
        _table(norms, whole, path)
    aside = [row for row in range(len(norms.kinds)) if row not in whole]
    if aside:
        st.caption(words.ASIDE)
        places = [(row, layer) for row in aside for layer in layers(norms, row)]
        st.dataframe(
            {
                "matrix": [path_of(norms.kinds[row], layer) for row, layer in places],
                "root mean square": [float(norms.values[row, layer]) for row, layer in places],
            },
            hide_index=True,
            column_config={"root mean square": st.column_config.NumberColumn(format="%.4f")},
        )
    return norms


def _table(norms: NormsTrace, rows: list[int], path: str) -> None:
    values = norms.values[rows]
    paths = [[path_of(norms.kinds[row], layer) for layer in range(values.shape[1])] for row in rows]
    cell = next(([row, line.index(path)] for row, line in enumerate(paths) if path in line), [None, None])
    # A choice by hand is followed; where the matrix was chosen elsewhere, the figure begins anew, so that the cell
    # that was chosen last can be chosen again.
    if st.session_state.pop("norms asked", None) != path and st.session_state.get("norms of") != path:
        st.session_state["norms turn"] = st.session_state.get("norms turn", 0) + 1
    st.session_state["norms of"] = path
    key = f"norms {st.session_state.get('norms turn', 0)}"

    def choose() -> None:
        chosen = st.session_state[key].get("chosen")
        if not isinstance(chosen, list) or len(chosen) != 2:
            return
        row, layer = chosen
        if 0 <= row < len(paths) and 0 <= layer < values.shape[1]:
            st.session_state["matrix"] = st.session_state["norms asked"] = paths[row][layer]

    similarity.similarity(
        similarity.pack(
            values[None].astype(np.float32),
            names([norms.kinds[row] for row in rows]),
            [str(layer) for layer in range(values.shape[1])],
            titles=[""],
            title=words.NORMS,
            facts=[f"{norms.source.model}, revision {norms.source.revision[:12]}"],
            low=0,
            high=float(np.nextafter(values.max(), np.inf, dtype=np.float32)) or 1.0,
            parameter="norms",
            asks=True,
        ),
        key=key,
        state={},
        defaults={"norms": 0, "row": cell[0], "column": cell[1]},
        command=-1 if cell[0] is None else cell[0] * values.shape[1] + cell[1],
        asked=choose,
    )
    st.caption(words.CLICK)


def layers(norms: NormsTrace, row: int) -> list[int]:
    """The layers in which there is such a matrix; the first stands for one that the model has once."""
    if norms.single[row]:
        return [0]
    found: list[int] = np.flatnonzero(np.isfinite(norms.values[row])).tolist()
    return found


def path_of(kind: str, layer: int) -> str:
    """The matrix of a kind in a layer."""
    return kind.replace(".*.", f".{layer}.")


def names(kinds: list[str]) -> list[str]:
    """What each kind is called: its path in the layer, where all layers stand in one stack."""
    if len({kind.split(".*.")[0] for kind in kinds}) > 1:
        return kinds
    return [kind.split(".*.")[1] for kind in kinds]

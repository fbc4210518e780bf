"""How does a model become a board of switches? Layers from below, in each its heads, its attention, its MLP, all of it.

    data = {"title", "facts": [line below a saved picture], "layers", "heads", "tokens": [token from `first` on],
            "first", "off": parts as models/switched_off.py writes them, "asked": what the hand had asked for,
            "bits": divergence of after from before, "both": whether there is an after,
            "top": [[text, id, probability before, after]], "lens": [[[text, probability] of a layer] before, after],
            "weights": {"from": layer, "count": of layers, "steps": 65535ths [before, after][layer, head, query, key]},
            "each": null | {"bits": [layer][column], "said": [layer][column][likeliest token, its probability, that of
            the old answer], "answer": its text, "probability"}}

Which head is watched is the figure's own (`layer`, `head` in the link) and asks nothing of the server. A click on a
part does: `.asked` is a number and the text that the link is to have under `off`; `.around` the layer whose attention
is wanted, where a text is too long for the attention of all layers to travel at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.traces import ChangedTrace, EachOffTrace
from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
MOST: Final = 600_000  # weights that travel at once
TOP: Final = 10
DEFAULTS: Final[dict[str, Any]] = {"layer": 0, "head": 0}


def parameters(layers: int, heads: int) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    return {"layer": state.Whole(layers), "head": state.Whole(heads)}


def pack(
    before: ChangedTrace,
    after: ChangedTrace | None,
    each: EachOffTrace | None,
    *,
    off: str,
    asked: str,
    around: int,
    facts: list[str],
) -> bytes:
    """The board as it travels.

    Args:
        before: a trace with nothing switched off.
        after: the same with `off`; None: it could not be computed, or nothing is off.
        each: what each part does alone, if that is wanted.
        off: the parts that are off.
        asked: what the hand had asked for.
        around: the layer whose attention is wanted.
        facts: the lines below a saved picture.
    """
    shown = before if after is None else after
    _, layers, heads, size, _ = shown.weights.shape
    count = min(layers, max(1, MOST // (2 * heads * size * size)))
    start = max(0, min(around - count // 2, layers - count))
    steps = np.rint(shown.weights[:, start : start + count] * 65_535).astype(np.uint16)
    names = dict(zip(shown.entries.tolist(), shown.texts, strict=True))
    return shared.pack(
        {
            "title": f"Switched off in {shown.source.model}" if off else f"The parts of {shown.source.model}",
            "facts": facts,
            "layers": layers,
            "heads": heads,
            "tokens": shared.tokens(shown.token_table)[shown.first : shown.first + size],
            "first": shown.first,
            "off": off,
            "asked": asked,
            "both": after is not None,
            "bits": round(shown.divergence, 6),
            "top": [[names[token], token, *(round(float(p), 6) for p in pair)] for token, *pair in likeliest(shown)],
            "lens": [
                [[names[int(ids[0])], round(float(shares[0]), 4)] for ids, shares in zip(*column, strict=True)]
                for column in zip(shown.lens_ids, shown.lens_probabilities, strict=True)
            ],
            "weights": {"from": start, "count": count, "steps": shared.two_bytes(steps)},
            "each": None if each is None else _each(each),
        }
    )


def likeliest(trace: ChangedTrace) -> list[tuple[int, float, float]]:
    """The ten likeliest tokens before and the ten after, each once: id, probability before and after."""
    logits = trace.logits.astype(np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    best = np.argsort(-logits, axis=1, kind="stable")[:, :TOP].ravel()
    ids = sorted(set(best.tolist()), key=lambda token: (-shares[0, token], token))
    return [(token, float(shares[0, token]), float(shares[1, token])) for token in ids]


def _each(each: EachOffTrace) -> dict[str, Any]:
    names = dict(zip(each.entries.tolist(), each.texts, strict=True))
    said = zip(each.answers, each.probabilities, each.kept, strict=True)
    return {
        "bits": [[float(f"{bits:.4g}") for bits in row] for row in each.divergences.tolist()],
        "said": [
            [
                [names[int(token)], round(float(p), 4), round(float(kept), 4)]
                for token, p, kept in zip(*row, strict=True)
            ]
            for row in said
        ],
        "answer": names[each.answer],
        "probability": round(each.probability, 4),
    }


def switch_board(
    packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any], asks: Callable[[], None]
) -> ComponentResult:
    """Show the board in a Streamlit page. `asks` is called when the hand has asked for other parts to be off.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(...), ...)`.
        defaults: what need not stand in the link.
        asks: reads `st.session_state[key]["asked"]`.
    """
    return shared.figure(
        FOLDER,
        packed,
        key=key,
        state=state,
        defaults=defaults,
        on_asked_change=asks,
        on_around_change=lambda: None,
    )

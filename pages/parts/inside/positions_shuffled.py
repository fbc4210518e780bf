"""The same prompt with its words in another order, with its positions moved, and with none."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, tables, traces
from models.engine import Request
from models.traces import ShuffledTrace
from pages.parts.inside import asking
from pages.parts.running import answer
from viz import inside_words, page, state, theme
from viz.components import shuffled_words
from viz.inside_words import positions as words

LAST_SEED = 9_999
MOST = 4_096  # places that positions are moved
SAME = 1e-3  # of the largest number of a vector; with parts switched off, rounding can grow to a tenth of it


def show(controls: DeltaGenerator, model: str, text: str, complaints: list[str]) -> None:
    """The order, how far positions are moved, and the figure.

    Raises:
        InputError: the model or the text can't be used.
    """
    with controls:
        seed = _seed()
        by = page.number("Positions moved by", (0, MOST), 10, key="by", step=10, help=words.BY)
    trace = answer(Request("shuffled", model, text, settings=(("seed", str(seed)), ("by", str(by)))))
    if not isinstance(trace, ShuffledTrace):
        return
    with controls:
        window = asking.window(len(trace.token_table))
    view, wrong = state.read(shuffled_words.parameters(trace), page.linked())
    complaints += wrong
    name = catalog.resolve(model).title
    source = trace.source
    facts = [f"{source.made_by}, revision {source.revision[:12]}", f"seed {seed}, moved by {by}", source.text[:200]]
    packed = shuffled_words.pack(
        trace, window, notes=words.notes(trace), title=words.TITLE.format(model=name), facts=facts
    )
    shuffled_words.shuffled_words(packed, key="shuffled words", state=view)
    if len(trace.token_table) > asking.MOST:
        count = len(trace.token_table)
        st.caption(inside_words.SHOWN.format(count=count, first=window[0], last=window[1] - 1))
    if len(trace.runs) == 2:
        st.caption(words.NO_PLACES[trace.way == "alibi"].format(model=page.plain(name)))
    said = words.PLAIN.format(difference=theme.power(trace.difference))
    page.badge(said, good=trace.difference < SAME, explanation=words.PLAIN_CHECK)
    page.source(source, len(trace.token_table))
    files: list[page.File] = [("Words, CSV", "orrery-shuffled.csv", "text/csv", lambda: words_csv(trace))]
    if trace.logits.shape[1]:
        files.append(("Next tokens, CSV", "orrery-shuffled-next.csv", "text/csv", lambda: next_csv(trace)))
    blob = "application/octet-stream"
    page.downloads([*files, ("Trace", "orrery-shuffled.safetensors", blob, lambda: traces.to_bytes(trace))])


def _seed() -> int:
    """The seed of the order, a button for the next one, and one that goes back."""
    seed = page.number("Seed of the order", (0, LAST_SEED), 0, key="seed", help=words.SEED)
    before: list[int] = st.session_state.setdefault("seeds before", [])

    def again() -> None:
        before.append(seed)
        st.session_state["seed"] = (seed + 1) % (LAST_SEED + 1)

    def undo() -> None:
        st.session_state["seed"] = before.pop()

    with st.container(horizontal=True):
        st.button("Shuffle again", on_click=again)
        st.button("Undo", on_click=undo, disabled=not before, help="Back to the order before.")
    return seed


def words_csv(trace: ShuffledTrace) -> bytes:
    """One row for each token in each run, by where it stands."""
    cosines = [trace.cosines(run) for run in range(len(trace.runs))]
    rows = (
        (
            name,
            place,
            int(trace.places[run][place]),
            int(token),
            trace.token_table.texts[token],
            float(cosines[run][token]),
        )
        for run, name in enumerate(trace.runs)
        for place, token in enumerate(trace.orders[run])
    )
    return tables.csv(_header(trace), ("run", "place", "position id", "token", "text", "cosine with as written"), rows)


def next_csv(trace: ShuffledTrace) -> bytes:
    """One row for each of the likeliest next tokens of each run."""
    rows = (
        (name, rank + 1, int(token), text, float(trace.probabilities[run][rank]), trace.lost(run))
        for run, name in enumerate(trace.runs)
        for rank, (token, text) in enumerate(zip(trace.likely[run], trace.texts[run], strict=True))
    )
    columns = ("run", "rank", "id", "text", "probability", "KL divergence in bits")
    return tables.csv(_header(trace), columns, rows)


def _header(trace: ShuffledTrace) -> dict[str, str]:
    source = trace.source
    said = {"model": f"{source.made_by}, revision {source.revision}", "text": source.text}
    return said | {"seed": str(trace.seed), "positions moved by": str(trace.by)}

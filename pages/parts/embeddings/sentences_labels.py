"""Which labels has the visitor given to which texts? The link keeps them: `labels=0:sport,5:food`.

What no link can hold, because it is too long or belongs to other texts than those that are shown, this tab keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

import streamlit as st

from pages.parts.embeddings.sentences_source import Embedded
from viz.embedding_words import sentences as words

KEY: Final = "labels"
LONGEST: Final = 60  # characters of a label
MOST: Final = 20_000  # characters in a link
UNLABELLED: Final = "no label"


def read(found: Embedded) -> tuple[dict[int, str], list[str]]:
    """Text number -> label, by the link or else those that the texts begin with; and what the link asks for in vain."""
    kept = _kept(found.texts.origin)
    asked = st.query_params.get(KEY, kept.get(found.texts.origin))
    if asked is None:
        return dict(found.texts.given), []
    if len(asked) > MOST and KEY in st.query_params:
        return dict(found.texts.given), [words.LABELS_TOO_LONG.format(most=MOST)]
    labels: dict[int, str] = {}
    unread, beyond = [], []
    for entry in filter(None, asked.split(",")):
        number, _, written = entry.partition(":")
        label = " ".join(unquote(written).split())[:LONGEST]
        if not (number.isascii() and number.isdecimal() and len(number) < 10 and label):
            unread.append(entry)
        elif int(number) >= len(found.texts.lines):
            beyond.append(int(number) + 1)
        else:
            labels[int(number)] = label
    complaints = []
    if unread:
        complaints.append(words.LABELS_UNREAD.format(entry=unread[0][:40]))
    if beyond:
        complaints.append(words.LABELS_BEYOND.format(number=beyond[0], count=len(found.texts.lines)))
    return labels, complaints


def _kept(origin: str) -> dict[str, str]:
    """Labels that aren't in the link, by the texts' origin; those of the texts shown before leave the link."""
    kept: dict[str, str] = st.session_state.setdefault("kept labels", {})
    before = st.session_state.setdefault("labels are of", origin)
    if before != origin:
        st.session_state["labels are of"] = origin
        if KEY in st.query_params:
            kept[before] = st.query_params.pop(KEY)
        if origin in kept and len(kept[origin]) <= MOST:
            st.query_params[KEY] = kept.pop(origin)
    return kept


def written(labels: Mapping[int, str]) -> str:
    """As the link holds them."""
    return ",".join(
        f"{number}:{label.replace('%', '%25').replace(',', '%2C')}" for number, label in sorted(labels.items())
    )


def edit(found: Embedded, labels: dict[int, str]) -> None:
    """A table in which the visitor labels texts; the link follows."""
    import pandas as pd

    origin = found.texts.origin
    key, base = f"label table {found.content} {origin}", f"labels before {found.content} {origin}"
    if key not in st.session_state:  # else the table adds its own edits to what it began with
        st.session_state[base] = labels
    begun: dict[int, str] = st.session_state[base]

    def follow() -> None:
        edits = {row: changed.get("Label") for row, changed in st.session_state[key]["edited_rows"].items()}
        labelled = {row: " ".join((label or "").split())[:LONGEST] for row, label in (begun | edits).items()}
        link = written({row: label for row, label in labelled.items() if label})
        if len(link) <= MOST:
            st.query_params[KEY] = link
        else:
            st.query_params.pop(KEY, None)
            _kept(origin)[origin] = link

    frame = pd.DataFrame(
        {"Label": [begun.get(number, "") for number in range(len(found.texts.lines))], "Text": found.short},
        index=pd.Index(found.where, name="Row"),
    )
    st.data_editor(
        frame,
        key=key,
        on_change=follow,
        disabled=["Row", "Text"],
        height=250,
        column_config={
            "Label": st.column_config.TextColumn(width="small", max_chars=LONGEST, help=words.LABEL),
            "Text": st.column_config.TextColumn(width="large"),
        },
    )

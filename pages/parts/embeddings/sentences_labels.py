"""Which labels has the visitor given to which texts? The link keeps them: `labels=0:sport,5:food`."""

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
    asked = st.query_params.get(KEY)
    if asked is None:
        return dict(found.texts.given), []
    if len(asked) > MOST:
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


def written(labels: Mapping[int, str]) -> str:
    """As the link holds them."""
    return ",".join(
        f"{number}:{label.replace('%', '%25').replace(',', '%2C')}" for number, label in sorted(labels.items())
    )


def edit(found: Embedded, labels: dict[int, str]) -> None:
    """A table in which the visitor labels texts; the link follows."""
    import pandas as pd

    key, base = f"label table {found.content}", f"labels before {found.content}"
    if key not in st.session_state:  # else the table adds its own edits to what it began with
        st.session_state[base] = labels
    begun: dict[int, str] = st.session_state[base]

    def follow() -> None:
        edits = {row: changed.get("Label") for row, changed in st.session_state[key]["edited_rows"].items()}
        kept = {row: " ".join((label or "").split())[:LONGEST] for row, label in (begun | edits).items()}
        st.query_params[KEY] = written({row: label for row, label in kept.items() if label})

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

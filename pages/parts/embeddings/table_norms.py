"""How long are the vectors of a model's tokens, and is its output head the same table?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from models import catalog
from models.traces import TableTrace
from pages.parts.embeddings import table_files
from viz import page, table_charts
from viz.embedding_words import table as words


def show(trace: TableTrace) -> None:
    """The distribution of all lengths, its ends named, and the head."""
    dark = st.context.theme.type == "dark"
    title, count = catalog.resolve(trace.source.model).title, len(trace.norms)
    st.plotly_chart(table_charts.lengths(trace, dark=dark), config=table_charts.CONFIG, theme=None)
    mean, middle = trace.norms.mean(dtype=np.float64), float(np.median(trace.norms))
    st.caption(
        words.LENGTHS.format(model=page.plain(title), count=count, size=trace.dimensions, mean=mean, middle=middle)
    )
    _ends(trace)
    st.header(words.HEAD, anchor=False)
    st.markdown(words.HEADS[trace.head].format(difference=trace.head_difference))
    if trace.head == "untied":
        st.plotly_chart(table_charts.head(trace, dark=dark), config=table_charts.CONFIG, theme=None)
    page.facts(*table_files.origin(trace.source))
    table_files.save_table(trace)


def _ends(trace: TableTrace) -> None:
    """The tokens with the shortest and the longest vectors."""
    half = len(trace.ends) // 2
    entries = [
        f"| {page.plain(_quoted(text))} | {token} | {trace.norms[token]:.3f} |"
        for token, text in zip(trace.ends.tolist(), trace.end_texts, strict=True)
    ]
    for column, name, rows in zip(
        st.columns(2, gap="large"), words.ENDS, (entries[:half], entries[: half - 1 : -1]), strict=True
    ):
        head = [f"| {name} | id | length |", "| --- | ---: | ---: |"]
        column.markdown("\n".join([*head, *rows]))


def _quoted(text: str) -> str:
    """A token so that its spaces and line breaks can be seen."""
    return repr(text).replace("\\\\", "\\")

"""Orrery: the pages, their titles and addresses, and what is set up once in a process."""

from __future__ import annotations

import contextlib
import os

import streamlit as st

from models import catalog, defaults, engine, tokenizer_catalog
from models.traces import InputError
from viz import page

# Without icons: Streamlit fetches a page's icon from the network, to show it in the browser's tab.
PAGES = [
    st.Page("pages/home.py", title="Orrery", default=True),
    st.Page("pages/tokenizers.py", title="Tokenizers", url_path="tokenizers"),
    st.Page("pages/embeddings.py", title="Embeddings", url_path="embeddings"),
    st.Page("pages/attention.py", title="Attention", url_path="attention"),
    st.Page("pages/inside.py", title="Inside", url_path="inside"),
    st.Page("pages/next_token.py", title="Next token", url_path="next-token"),
    st.Page("pages/parameters.py", title="Parameters", url_path="parameters"),
]


@st.cache_resource(show_spinner=False)
def set_up() -> None:
    """Once in a process: import torch, load the first model on offer and the usual tokenizers, in the background."""
    offered = [entry.key for entry in catalog.available()]
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # the page shows progress, not the terminal
    with contextlib.suppress(InputError):  # whoever asks for the model will read what is wrong
        engine.warm(defaults.DECODER if defaults.DECODER in offered else offered[0])
    tokenizer_catalog.warm(
        key for key in defaults.ROWS if key in {entry.key for entry in tokenizer_catalog.available()}
    )


st.session_state["inside_app"] = True
current = st.navigation(PAGES, position="top")
st.set_page_config(
    page_title=current.title if current.title == "Orrery" else f"{current.title} · Orrery",
    page_icon=str(page.ICON),
    layout="wide",
    initial_sidebar_state="collapsed" if page.presenting() else "auto",
)
set_up()
page.style()
current.run()

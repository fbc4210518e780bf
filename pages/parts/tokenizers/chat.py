"""The view "chat" of the page of tokenizers: messages in, the exact token sequence out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, catalog, chat, chat_check, chat_files, tokenizer_catalog, tokenizer_file
from models.chat import Message
from models.traces import ChatTrace
from pages.parts.tokenizers import which
from pages.parts.tokenizers.which import Picked
from viz import page, state
from viz.components.chat_tokens import DEFAULTS, TOKENS, Chat, chat_tokens, messages, pack
from viz.tokenizer_words import chat as words

WITH_A_TEMPLATE = ("smollm2-135m",)  # of the catalog; the other packages hold a tokenizer without a template
WITHOUT = {*tokenizer_catalog.TOKENIZERS, which.YOURS, which.TRAINED} - {*WITH_A_TEMPLATE}
KEY = "chat tokens"


@dataclass(frozen=True)
class Read:
    """A chat as its model reads it, and the library's ids for it."""

    trace: ChatTrace
    library_ids: list[int]


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with controls:
        name = page.choose("Tokenizer", WITH_A_TEMPLATE, key="tokenizer", free=catalog.is_open(), help=words.TOKENIZER)
        if name in WITHOUT:  # chosen in another view
            st.caption(f"{page.plain(name)} comes without a chat template; {WITH_A_TEMPLATE[0]} is shown.")
            name = WITH_A_TEMPLATE[0]
    # What the visitor has written since the page was opened, else what the link says.
    asked: dict[str, Any] = (st.session_state.get(KEY) or {}).get("asked") or {}
    query = st.query_params.to_dict() | {part: str(value) for part, value in asked.items()}
    view, complaints = state.read({"chat": Chat(), "prompt": state.Whole(2), "token": state.Whole(TOKENS)}, query)
    page.complain_once(complaints)
    text, prompt = view.get("chat", DEFAULTS["chat"]), view.get("prompt", 0)
    picked, found = None, None
    with page.guarded():
        picked = which.pick(name, None)
        found = apply(picked, text, prompt) if picked else None
    drawn = pack(
        text, prompt, found.trace if found else None, title=picked.title if picked else name, facts=[words.PICTURE]
    )
    chat_tokens(drawn, view, key=KEY)
    if picked and found:
        same = found.trace.token_table.ids.tolist() == found.library_ids
        said = f"The library's own {len(found.library_ids):,} ids" if same else "These ids are not the library's"
        page.badge(said, good=same, explanation=words.CHECK)
        which.source(picked)
        save(picked, text, found.trace)


def apply(picked: Picked, text: str, prompt: int) -> Read | None:
    """The chat as its model reads it; None if the visitor stopped it.

    Raises:
        InputError: it has no template, or one that refuses, or asks for too much.
    """
    source = getattr(picked.tokenizer, "chat_template", None) or ""
    if not isinstance(source, str):
        source = picked.tokenizer.get_chat_template()
    content = hashlib.sha256(json.dumps([picked.content, source, text, prompt]).encode()).hexdigest()
    if not picked.document:
        return _read(content, picked, text, prompt)
    work = background.LONG.submit(
        f"chat {content}", lambda: read(picked, text, prompt), "Applying the chat template in a process of its own"
    )
    return page.wait(work, content)


@st.cache_resource(max_entries=64, show_spinner=False)
def _read(content: str, _picked: Picked, _text: str, _prompt: int) -> Read:
    return read(_picked, _text, _prompt)


def read(picked: Picked, text: str, prompt: int) -> Read:
    """Template and library; `picked` may be a stranger's."""
    said: list[Message] = messages(text)

    def try_text(rendered: str) -> None:
        if picked.document:
            tokenizer_file.check(picked.document, rendered)

    trace = chat.template(picked.tokenizer, said, generation_prompt=bool(prompt), try_text=try_text)
    trusted = not picked.document
    ids = chat_check.library_ids(picked.tokenizer, said, generation_prompt=bool(prompt), trusted=trusted)
    return Read(trace, ids)


def save(picked: Picked, text: str, trace: ChatTrace) -> None:
    """Every token as files."""
    origin = {"tokenizer": picked.title, "content": picked.content}
    page.downloads(
        (
            ("CSV, every token", "orrery-chat.csv", "text/csv", lambda: chat_files.csv(trace, origin)),
            (
                "JSON, every token",
                "orrery-chat.json",
                "application/json",
                lambda: chat_files.json_(trace, messages(text), origin),
            ),
        )
    )

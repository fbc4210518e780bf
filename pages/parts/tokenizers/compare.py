"""The view "compare" of the page of tokenizers: one text under many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, catalog, comparison, comparison_files, defaults, simple_tokenizers, tokenizer_catalog
from models.traces import Comparison, InputError
from pages.parts.tokenizers import kept, languages, which
from pages.parts.tokenizers.which import Picked
from viz import page, state
from viz import tokenizer_words as common
from viz.components.token_rows import Heading, pack, parameters, token_rows
from viz.tokenizer_words import compare as words

MAX_ROWS = 12
# Characters of a link: what servers take that nobody has told otherwise, and what Streamlit reads, less the rest of it.
LONG_LINK, TOO_LONG_LINK = 60_000, 510_000


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            text = page.type_text("Text", defaults.COMPARED, key="text", help=common.TEXT)
            keys = _choose(complaints)
            file = which.upload()
        if file is not None and which.YOURS not in keys:
            keys.append(which.YOURS)
        if not keys:
            raise InputError("There is no row to show; choose a tokenizer.")
        compared, shown = _ahead(text, keys)
        if compared is None:
            comparison.checked(text)
            shown = _pick(keys, text, file)
            compared = _compare(text, shown)
        if compared is None:
            return
        view, said = state.read(parameters(compared), st.query_params)
        complaints += said
        _draw(compared, shown, view)


def _ahead(text: str, keys: Sequence[str]) -> tuple[Comparison | None, list[Picked]]:
    """What is stored, without any tokenizer: all that the page opens on."""
    if text != defaults.COMPARED or not all(key in tokenizer_catalog.TOKENIZERS for key in keys):
        return None, []
    ahead = comparison.stored(text, defaults.ROWS)
    shown = [Picked(key, tokenizer_catalog.TOKENIZERS[key].title, None, key) for key in keys]
    return ahead and comparison.only(ahead, keys), shown


def _choose(complaints: list[str]) -> list[str]:
    """The rows, chosen in the current container; `complaints` gets what the link asks for in vain."""
    offered = [entry.key for entry in tokenizer_catalog.available()]
    is_open = catalog.is_open()
    asked = [name for name in st.query_params.get_all("rows") if name not in offered]
    if asked and not is_open and "rows" not in st.session_state:
        _, said = state.read({"rows": state.Choice(tuple(offered))}, {"rows": asked[0]})
        complaints += said
    usual = [key for key in defaults.ROWS if key in offered]
    return list(
        st.multiselect(
            "Tokenizers",
            offered,
            usual,
            key="rows",
            bind="query-params",
            max_selections=MAX_ROWS,
            accept_new_options=is_open,
            help=words.ROWS + (words.HUB if is_open else ""),
        )
    )


def _pick(keys: Sequence[str], text: str, file: Any | None) -> list[Picked]:
    """The tokenizers by these names; for each that can't be used one sentence, and the others all the same."""
    found = []
    for key in keys:
        with page.guarded():
            picked = which.pick(key, file)
            if picked is not None:
                found.append(picked.tried(text))
    return found


def _compare(text: str, shown: Sequence[Picked]) -> Comparison | None:
    if not shown:
        return None
    content = " ".join(picked.content for picked in shown)
    tokenizers = {picked.key: picked.tokenizer for picked in shown}
    work = background.QUICK.submit(
        ("compare", text, content), lambda: comparison.compare(text, tokenizers), "Cutting the text into tokens"
    )
    return page.wait(work, f"{content} {text}")


def _draw(compared: Comparison, shown: Sequence[Picked], view: Mapping[str, Any]) -> None:
    """The figure, and all that goes with it."""
    is_usual = compared.text == defaults.COMPARED and [picked.key for picked in shown] == list(defaults.ROWS)
    lit = defaults.LIT if is_usual else None
    content = " ".join(f"{picked.content} {picked.title}" for picked in shown)
    answers = token_rows(_packed(f"{content} {compared.text}", compared, shown), key="token_rows", view=view, token=lit)
    price = view.get("price", 1.0) if answers.price is None else float(answers.price)
    kept.check(f"{content} {compared.text}", compared, shown)
    which.source(*shown)
    priced = {picked.key for picked in shown if kept.is_learnt(picked)}
    size = len(quote(compared.text))
    if size > LONG_LINK:
        said = words.TOO_LONG_LINK if size > TOO_LONG_LINK else words.LONG_LINK
        st.caption(said.format(size=size / 1000))
    page.downloads(
        [
            ("Counts, CSV", "tokenizers.csv", "text/csv", lambda: comparison_files.counts_csv(compared, priced, price)),
            ("Tokens, JSON", "tokenizers.json", "application/json", lambda: comparison_files.tokens_json(compared)),
        ]
    )
    with page.drawer(words.CLAIM_TITLE, key="claim") as is_open:
        if is_open:
            languages.show([picked for picked in shown if kept.is_learnt(picked)])


@st.cache_resource(max_entries=32, show_spinner=False)
def _packed(content: str, _compared: Comparison, _shown: Sequence[Picked]) -> bytes:
    """A comparison as it travels; `content` identifies the arguments with an underscore."""
    versions = ", ".join(f"{package} {number}" for package, number in _compared.source.versions.items())
    return pack(
        _compared,
        [Heading(picked.title, kept.is_learnt(picked)) for picked in _shown],
        [f"Text: {' '.join(_compared.text.split())[:200]}", f"Tokens by {versions}"],
        note="" if simple_tokenizers.words_are_parted(_compared.text) else words.UNPARTED,
    )

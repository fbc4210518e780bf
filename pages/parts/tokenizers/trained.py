"""The view "trained" of the page of tokenizers: BPE, WordPiece and Unigram, trained on one corpus to one size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.metadata import version

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, comparison, comparison_files, three
from models.three import TITLES, Three
from models.traces import Comparison, TooLongError
from pages.parts import corpus
from viz import page, state
from viz import tokenizer_words as common
from viz.components.token_rows import Heading, pack, parameters, token_rows
from viz.tokenizer_words import trained as words

SIZE = 1_000
SHOWN = 12  # pieces of each group of the vocabularies
FILES = {"bpe": "bpe-tokenizer.json", "wordpiece": "wordpiece-tokenizer.json", "unigram": "unigram.model"}


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            text = page.type_text("Text", words.TEXT, key="text", help=common.TEXT)
            size = page.number("Entries in each vocabulary", three.SIZES, SIZE, key="size", step=100, help=words.SIZE)
            chosen = corpus.choose()
        if len(comparison.checked(text)) > three.MAX_CHARACTERS:
            raise TooLongError(
                f"The text has {len(text):,} characters and this view takes {three.MAX_CHARACTERS:,}; "
                "use a part of it, or the view Compare.",
                fitting=text[: three.MAX_CHARACTERS],
            )
        content = f"three {chosen.content} {size}"
        work = background.LONG.submit(content, lambda: three.train(chosen.text, size), "Training all three")
        trained = page.wait(work, content)
        if trained is None:
            return
        compared = _compared(content, text, trained)
        view, said = state.read(parameters(compared), st.query_params)
        complaints += said
        token_rows(_packed(content, text, chosen.title, compared), key="trained_rows", view=view)
    _check(content, text, trained, compared)
    page.facts(
        f"Trained here on {chosen.title}",
        *(f"{TITLES[name]}: {entries:,} entries" for name, entries in trained.sizes.items()),
        *(f"{package} {version(package)}" for package in ("tokenizers", "sentencepiece")),
    )
    _held_out(content, trained)
    _vocabularies(trained)
    page.downloads(
        [
            *(
                (FILES[name], FILES[name], "application/octet-stream", partial(trained.documents.__getitem__, name))
                for name in TITLES
            ),
            ("Counts, CSV", "three.csv", "text/csv", lambda: comparison_files.counts_csv(compared, (), 0.0)),
            ("Tokens, JSON", "three.json", "application/json", lambda: comparison_files.tokens_json(compared)),
        ]
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _compared(content: str, text: str, _trained: Three) -> Comparison:
    """The text under the three; `content` identifies them."""
    return comparison.compare(text, _trained.tokenizers())


@st.cache_resource(max_entries=32, show_spinner=False)
def _packed(content: str, text: str, title: str, _compared: Comparison) -> bytes:
    headings = [Heading(TITLES[row.key], True) for row in _compared.rows]
    return pack(_compared, headings, [f"Text: {' '.join(text.split())[:200]}", f"Trained on {title}"], priced=False)


@st.cache_data(max_entries=64, show_spinner=False)
def _agreeing(content: str, text: str, _trained: Three, _compared: Comparison) -> dict[str, bool]:
    return three.agree(_trained, _compared)


def _check(content: str, text: str, trained: Three, compared: Comparison) -> None:
    """The badge: our own algorithms against the libraries."""
    same = _agreeing(content, text, trained, compared)
    wrong = [TITLES[name] for name, is_same in same.items() if not is_same]
    said = f"{' and '.join(wrong)} differ from the library" if wrong else "Same ids as the libraries, all three"
    page.badge(said, good=not wrong, explanation=words.CHECK)


def _held_out(content: str, trained: Three) -> None:
    """What they make of text that none of them has seen."""
    st.header("On text that none has seen", anchor=False)
    if not trained.held_out:
        st.markdown(words.NOTHING_HELD_OUT)
        return
    st.markdown(words.HELD_OUT.format(characters=len(trained.held_out)))
    unseen = _compared(f"{content} held out", trained.held_out, trained)
    rows = range(len(unseen.rows))
    frame = pd.DataFrame(
        {
            "Tokens": [unseen.rows[row].tokens for row in rows],
            "Tokens per word": [unseen.tokens_per_word(row) for row in rows],
            "Bytes per token": [unseen.bytes_per_token(row) for row in rows],
            "Unknown tokens": [unseen.rows[row].token_table.kinds.count("special") for row in rows],
        },
        index=pd.Index([TITLES[row.key] for row in unseen.rows], name="Tokenizer"),
    )
    st.dataframe(frame.style.format("{:.2f}", subset=["Tokens per word", "Bytes per token"]))


def _vocabularies(trained: Three) -> None:
    """Which pieces they share."""
    st.header("What they have learnt", anchor=False)
    st.markdown(words.VOCABULARIES)
    groups = sorted(three.shared(trained).items(), key=lambda group: (-len(group[0]), group[0]))
    names = ["all three" if len(owners) == 3 else " and ".join(TITLES[name] for name in owners) for owners, _ in groups]
    frame = pd.DataFrame(
        {"Pieces": [len(pieces) for _, pieces in groups], "The longest": [_longest(pieces) for _, pieces in groups]},
        index=pd.Index([name if name == "all three" else f"only {name}" for name in names], name="In"),
    )
    st.dataframe(frame, column_config={"The longest": st.column_config.TextColumn(width="large")})


def _longest(pieces: Sequence[str]) -> str:
    """The first few with a letter in them: rows of spaces or dashes tell little."""
    return "  ".join([piece for piece in pieces if any(map(str.isalpha, piece))][:SHOWN])

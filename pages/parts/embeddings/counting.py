"""The view "counting" of the page of embeddings: the same sentences as bags of words, by TF-IDF and by a model."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, catalog, counting, defaults
from models.counting import Check
from models.engine import Request
from models.sentences import lines_of
from models.traces import CountingTrace, InputError, SentenceTrace
from pages.parts import running
from pages.parts.embeddings import counting_files, counting_pair, sentences_source
from pages.parts.running import answer
from viz import page, state, theme
from viz.components import similarity
from viz.embedding_words import counting as words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            request = ask()
        found = get(request)
        if found is None:
            return
        trace, checked, embedded = found
        sentences_source.unread(embedded, range(1, len(trace.sentences) + 1), words.UNREAD)
        count = len(trace.sentences)
        view, wrong = state.read(similarity.parameters(3, count, count), st.query_params)
        complaints += wrong
        usual = similarity.DEFAULTS | {"row": 0, "column": 1}
        drawn = similarity.similarity(
            packed(running.key(request), trace), key="counting matrices", state=view, defaults=usual
        )
        page.badge(
            f"Counts equal scikit-learn's; weights within {theme.power(checked.weights)}, "
            f"cosines within {theme.power(checked.cosines)}",
            good=not checked.counts and checked.weights < 1e-6 and checked.cosines < 1e-5,
            explanation=words.CHECK,
        )
        page.facts(*facts(trace))
        counting_files.save(trace)
        chosen = drawn.get("chosen") or [(usual | view)[name] for name in ("row", "column")]
        counting_pair.show(trace, *chosen)
        counting_pair.table(trace)


def ask() -> Request:
    """The sentences and the model, in the current container.

    Raises:
        InputError: they can't be counted.
    """
    place = st.container()
    offered = sorted((entry.key for entry in catalog.available()), key=lambda key: key != defaults.ENCODER)
    model = page.choose("Model", offered, key="model", free=catalog.is_open(), help=words.MODEL)
    with place:
        text = page.type_text("Sentences, one a line", defaults.COUNTED, key="text", help=words.LINES)
    sentences = lines_of(text)
    if len(sentences) < 2:
        raise InputError("Two sentences or more are compared; write each on a line of its own.")
    counting.refuse(sentences)
    return Request("sentences", model, "\n".join(sentences), settings=(("pooling", "mean"),))


def get(request: Request) -> tuple[CountingTrace, Check, SentenceTrace] | None:
    """The sentences three ways, how far they were checked, and what the model read; None where it was stopped."""
    embedded = answer(request)
    if not isinstance(embedded, SentenceTrace):
        return None

    def compute() -> tuple[CountingTrace, Check]:
        trace = counting.compare(embedded)
        return trace, counting.check(trace)

    key = f"counting {running.key(request)}"
    work = background.QUICK.submit(key, compute, "Counting the words")
    counted = page.wait(work, key)
    return None if counted is None else (*counted, embedded)


@st.cache_resource(max_entries=32, show_spinner=False)
def packed(content: str, _trace: CountingTrace) -> bytes:
    """The three matrices as they travel; `content` identifies the trace."""
    rows = [f"{number} {sentence}" for number, sentence in enumerate(_trace.sentences, 1)]
    titles = [*words.WAYS, catalog.resolve(_trace.source.model).title]
    return similarity.pack(
        _trace.cosines, rows, titles=titles, title=words.TITLE, facts=facts(_trace), low=-1, high=1, asks=True
    )


def facts(trace: CountingTrace) -> list[str]:
    """Where the numbers come from."""
    versions = (f"{package} {version}" for package, version in trace.source.versions.items())
    size = f"{len(trace.sentences)} sentences, {len(trace.words):,} different words"
    return [size, f"{trace.source.made_by}, mean of its tokens", f"revision {trace.source.revision[:12]}", *versions]

"""The view "context" of the page of embeddings: one word in several sentences, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, catalog, context_motion, defaults
from models.context_motion import Motion
from models.engine import Request
from models.traces import WORD_POOLINGS, ContextTrace
from pages.parts import running
from pages.parts.embeddings import context_figures as figures
from pages.parts.embeddings import context_files, honesty
from pages.parts.running import answer
from viz import embedding_words, page, state, theme
from viz.components import moving_points, similarity
from viz.embedding_words import context as words


@dataclass(frozen=True)
class Asked:
    """What the controls ask for."""

    request: Request
    groups: tuple[int, ...]  # [sentence]
    shared: bool  # whether the motion that all uses share is shown


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            asked = _ask()
        trace = answer(asked.request)
        if not isinstance(trace, ContextTrace):
            return
        key = (running.key(asked.request), asked.shared)
        work = background.QUICK.submit(
            ("context", *key), lambda: context_motion.motion(trace, shared=asked.shared), "Finding the axes"
        )
        motion = page.wait(work, f"{key}")
        if motion is not None:
            _draw(f"{key} {asked.groups}", trace, motion, asked, complaints)


def _ask() -> Asked:
    """The controls, in the current container."""
    word = st.text_input("Word", defaults.WORD, key="word", bind="query-params", help=words.WORD) or ""
    text = page.type_text("Sentences", defaults.USES, key="text", help=words.TEXT)
    keys = [entry.key for entry in catalog.available()]
    offered = sorted(keys, key=lambda key: key != defaults.ENCODER)
    is_open = catalog.is_open()
    help_ = words.MODEL + (words.HUB if is_open else "")
    model = page.choose("Model", offered, key="model", free=is_open, help=help_)
    pooling = page.choose("Tokens of the word", WORD_POOLINGS, key="pooling", help=words.POOLING)
    shared = page.choose("Shared motion", ("taken out", "shown"), key="motion", help=words.SHARED)
    sentences, groups = figures.parted(text)
    settings = (("word", word.strip()), ("pooling", pooling))
    request = Request("context", model, "\n".join(sentences), settings=settings)
    return Asked(request, groups, shared == "shown")


def _draw(content: str, trace: ContextTrace, motion: Motion, asked: Asked, complaints: list[str]) -> None:
    """The figures, and all that goes with them."""
    steps, uses = trace.vectors.shape[:2]
    points = moving_points.parameters(figures.STEP, steps, uses)
    cells = similarity.parameters(steps, uses, uses, figures.STEP)
    view, wrong = state.read(points | cells, st.query_params)
    complaints += wrong
    left, right = st.columns([3, 1], gap="large")
    with left:
        packed = _packed(content, trace, motion, asked)
        moving_points.moving_points(
            packed,
            key="moving points",
            state={name: view[name] for name in points if name in view},
            defaults=moving_points.defaults(figures.STEP, steps - 1),
        )
    with right:
        _panel(trace, motion)
    page.badge(
        f"Cosines and points equal scikit-learn's within {theme.power(max(motion.cosines_off, motion.places_off))}",
        good=max(motion.cosines_off, motion.places_off) < 1e-5,
        explanation=words.CHECK,
    )
    page.facts(*figures.origin(trace))
    context_files.save(trace, motion, figures.labels(trace))
    pictures = _pictures(content, trace)
    if pictures is not None:
        similarity.similarity(
            pictures,
            key="context matrix",
            state={name: view[name] for name in cells if name in view},
            defaults={figures.STEP: steps - 1, "row": None, "column": None},
        )


@st.cache_resource(max_entries=32, show_spinner=False)
def _packed(content: str, _trace: ContextTrace, _motion: Motion, _asked: Asked) -> bytes:
    """The moving points as they travel; `content` identifies the arguments with an underscore."""
    return figures.moving(_trace, _motion, [_asked.groups[sentence] for sentence in _trace.uses[:, 0]])


@st.cache_resource(max_entries=32, show_spinner=False)
def _pictures(content: str, _trace: ContextTrace) -> bytes | None:
    """The matrices as they travel."""
    return figures.matrices(_trace)


def _panel(trace: ContextTrace, motion: Motion) -> None:
    """How far to trust the picture."""
    steps, uses, width = trace.vectors.shape
    said = [words.ALIKE if motion.same.all() else words.WAY if motion.shared else words.MEAN, words.LENGTH]
    details = {f"{steps * uses:,} points:": f"{steps} layers of {uses} uses", "of": f"{width:,} dimensions"}
    details |= {
        "computed in": f"{motion.joint.seconds:.2g} s",
        "scikit-learn": metadata.version("scikit-learn"),
    }
    said += [*filter(None, [figures.shares(motion)]), embedding_words.NO_SEED]
    honesty.panel("PCA, one pair of axes for all layers", motion.joint.quality, details, said)

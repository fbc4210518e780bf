"""What do all pages have in common?

Every page has the same parts, so that knowing one is knowing all: what you are looking at, the controls (in the
sidebar), the figure, what to notice and what to try, how it is computed, and the numbers to take away. This module
draws those parts; a page says what stands in them.
"""

from __future__ import annotations

import re
import runpy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.traces import InputError, Source, TooLongError
from viz import state, theme
from viz.components.links import links
from viz.words import Words

APP: Final = Path(__file__).parent.parent / "app.py"
ICON: Final = Path(__file__).parent / "orrery.svg"
PATIENCE: Final = 1.0  # seconds before a wait shows its progress
LOOK: Final = 0.03  # seconds between two looks at a job
REDRAW: Final = 0.5  # seconds between two pictures of what there is so far
STREAM: Final = 0.12  # the same, of a text that is being written


T_co = TypeVar("T_co", covariant=True)
File = tuple[str, str, str, Callable[[], bytes]]  # label, file name, media type, what makes the bytes when asked


class Job(Protocol[T_co]):
    """A computation on its way, as the engine and `models.background` give it."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def done(self) -> bool: ...
    def progress(self) -> tuple[str, float | None]: ...
    def result(self, timeout: float | None = None) -> T_co: ...


@dataclass(frozen=True)
class View:
    """One of a page's views."""

    title: str
    show: Callable[[DeltaGenerator], None]  # draws the figure here, and its controls in what it is given
    words: Words


def through_the_app() -> None:
    """Make sure that the page runs inside `app.py`.

    When the very first request to a process is a page's own address, Streamlit runs the page's file on its own, as it
    did before `st.navigation` existed. Then this runs the app, which runs the page, and ends the first run.
    """
    st.session_state["asking"] = set()
    if "inside_app" not in st.session_state:
        runpy.run_path(str(APP), run_name="__main__")
        st.stop()


def header(title: str, sentence: str) -> None:
    """The page's name and, in one sentence, what one is looking at."""
    st.title(title, anchor=False)
    st.markdown(sentence)
    last, count = st.session_state.get("visit", ("", 0))
    st.session_state["visit"] = title, count + (title != last)
    st.session_state["above"] = st.container()
    st.session_state["said above"] = set()


def visit() -> int:
    """How many times the visitor has changed the page by now: the same number until they leave this one."""
    return int(st.session_state.get("visit", ("", 0))[1])


@contextmanager
def above(key: str) -> Iterator[bool]:
    """A place between the page's header and all the rest, and whether nobody has said `key` there in this run."""
    said: set[str] = st.session_state.setdefault("said above", set())
    fresh = key not in said
    said.add(key)
    with st.session_state.get("above") or st.container():
        yield fresh


def presenting() -> bool:
    """Whether the page is shown on a projector: no controls, larger type. Its switch is `presenter_switch`."""
    return st.query_params.get("present") == "1"


def showing() -> str | None:
    """Which of the page's views the link asks for, if it says so."""
    return st.query_params.get("view")


def presenter_switch() -> None:
    """The switch between exploring and presenting."""

    def switch() -> None:
        if st.session_state["presenter"]:
            st.query_params["present"] = "1"
        else:
            st.query_params.pop("present", None)

    st.toggle(
        "Present",
        presenting(),
        key="presenter",
        on_change=switch,
        help="Hides the controls and enlarges the type, for a projector. The link keeps it.",
    )


def choose(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    free: bool = False,
    help: str | None = None,  # noqa: A002
) -> str:
    """A choice that the link keeps under `key`; the first option is the usual one.

    Args:
        label: its name.
        options: what is offered.
        key: the URL parameter.
        free: whether anything else may be typed.
        help: what it means.
    """
    if not free:
        _complain(key, state.Choice(tuple(options)))
    _begin_anew(key, options[0])
    if not free and st.session_state.get(key, options[0]) not in options:  # of another view, or of another choice
        st.session_state[key] = options[0]  # the link would keep what is no longer offered
    chosen = st.selectbox(label, options, key=key, bind="query-params", accept_new_options=free, help=help)
    return chosen or options[0]


def tabs(
    label: str,
    titles: Mapping[str, str],
    *,
    key: str,
    moved: Callable[[str, str], None] = lambda _left, _entered: None,
) -> str:
    """Which of a page's views is open: {its name in the link under `key`: what people read}; the first is usual.

    Streamlit would write what people read into the link, so the link is kept here.

    Args:
        label: its name.
        titles: what is offered.
        key: the URL parameter.
        moved: called with the view that a click has left and the one it has entered.
    """
    _complain(key, state.Choice(tuple(titles)))
    usual = next(iter(titles))
    linked = st.query_params.get(key, usual)
    asked = linked if linked in titles else usual
    if st.session_state.get(f"{key} tabs", asked) != asked:
        st.session_state[f"{key} tabs"] = asked  # by the browser's Back

    def follow() -> None:
        chosen = st.session_state[f"{key} tabs"]
        moved(asked, chosen)
        st.query_params[key] = chosen

    return st.segmented_control(
        label,
        list(titles),
        key=f"{key} tabs",
        format_func=titles.__getitem__,
        default=asked,
        required=True,
        on_change=follow,
        label_visibility="collapsed",
    )


def views(title: str, sentence: str, path: str, views: Mapping[str, View]) -> None:
    """A page of several views, one at a time: {name in the link under `view`: what it is}; the first is usual."""
    header(title, sentence)
    view = views[tabs("View", {name: view.title for name, view in views.items()}, key="view", moved=_other_figures)]
    st.markdown(view.words.sentence)
    figure = st.container()
    notice_and_try(view.words.notice, view.words.presets, path)
    computed(view.words.how, view.words.code)
    controls = st.sidebar.container()
    with st.sidebar:
        presenter_switch()
    with figure, guarded():  # drawn last: all the rest stands while the figure is computed
        view.show(controls)


def _other_figures(left: str, entered: str) -> None:
    """The figures of a view find in the link what they had left there, and nothing of another view's figures."""
    kept = st.session_state.setdefault("left in the link", {})
    others = {"view", "present", "off", *st.session_state}  # what is switched off belongs to every page
    figures = [name for name in st.query_params if name not in others]
    # Streamlit keeps the values of controls that are gone, and forgets that a figure has taken their place in the link.
    taken: dict[str, str] = st.session_state.get("taken from controls", {}).get(left, {})
    kept[left] = taken | {name: st.query_params[name] for name in figures}
    back = kept.pop(entered, {})
    # What is bound to a control of the view that is left can't be put into the link before that control is gone.
    apart = {name: back.pop(name) for name in [*back] if name in st.session_state}
    st.session_state["back in the link"] = apart
    st.session_state["taken from controls"] = {entered: apart}
    # All at once, or Back would go through each of these changes: nothing in place of a value takes it out of the link.
    changes: dict[str, str | tuple[()]] = {**dict.fromkeys(figures, ()), "view": entered, **back}
    st.query_params.update(changes)
    for name in figures:
        if not changes[name]:
            del st.query_params[name]


def linked() -> dict[str, str]:
    """What the link says to a figure that owns parameters which are controls in other views.

    Called once in a run, right before the figure is drawn: in the first run of a view, the link still holds the values
    of the controls of the view before.
    """
    back: dict[str, str] = st.session_state.pop("back in the link", {})
    return {name: value for name, value in st.query_params.items() if name not in st.session_state} | back


def number(
    label: str,
    limits: tuple[int, int],
    usual: int,
    *,
    key: str,
    step: int = 1,
    help: str | None = None,  # noqa: A002
) -> int:
    """A whole number, least to most, that the link keeps under `key`."""
    least, most = limits
    _complain(key, state.Whole(most + 1, least))
    _begin_anew(key, usual)
    try:
        return st.number_input(label, least, most, usual, step, key=key, bind="query-params", help=help)
    except OverflowError:  # the link says "1e400", of which Streamlit makes infinity and then no whole number
        return st.number_input(label, least, most, usual, step, key=f"{key} instead", help=help)


def decimal(
    label: str,
    limits: tuple[float, float],
    usual: float,
    *,
    key: str,
    step: float,
    help: str | None = None,  # noqa: A002
) -> float:
    """A number, least to most, that the link keeps under `key`."""
    least, most = limits
    _complain(key, state.Number(least, most))
    _begin_anew(key, usual)
    return st.number_input(label, least, most, usual, step, "%g", key=key, bind="query-params", help=help)


def _begin_anew(key: str, usual: str | float) -> None:
    """Let the usual value of another view, left under the same key, give way to this one's: no link holds either."""
    before = st.session_state.get(f"usual {key}", usual)
    if before != usual and st.session_state.get(key) == before:
        st.session_state[key] = usual
    st.session_state[f"usual {key}"] = usual


def _complain(key: str, kind: state.Kind) -> None:
    """Note for `complain_once` that the link asks for what can't be."""
    if key not in st.session_state:
        _, complaints = state.read({key: kind}, st.query_params)
        st.session_state.setdefault("fallen back", []).extend(complaints)


def type_text(label: str, usual: str, *, key: str, help: str | None = None) -> str:  # noqa: A002
    """A box for a text that the link keeps under `key`."""
    _begin_anew(key, usual)
    return st.text_area(label, usual, key=key, bind="query-params", height=120, help=help) or ""


def type_word(label: str, usual: str, *, key: str, help: str | None = None) -> str:  # noqa: A002
    """A field for a word that the link keeps under `key`; empty at first, which stands for what `usual` says."""
    _begin_anew(key, "")
    return st.text_input(label, key=key, bind="query-params", placeholder=usual, help=help) or ""


def plain(text: str) -> str:
    """A stranger's words for a place where Streamlit reads Markdown: every sign of punctuation stands for itself.

    Streamlit makes links of addresses even where they are escaped, so a word joiner, which can't be seen, parts them.
    """
    parted = re.sub(
        r"(://|@)|(?i:(www)\.)", lambda found: f"{found[0][:1]}\u2060{found[0][1:]}", " ".join(text.split())
    )
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", parted)


def complain_once(sentences: Sequence[str]) -> None:
    """One line for each thing in the link that couldn't be honoured, by a control or else, when the link is opened."""
    said = [*st.session_state.pop("fallen back", ()), *sentences]
    if st.session_state.setdefault("complaints", said) == said:
        for sentence in said:
            st.warning(plain(sentence), icon=":material/link_off:")


@contextmanager
def complaining() -> Iterator[list[str]]:
    """A list for the sentences of `complain_once`, said above the block when it ends, also if by a visitor's error."""
    place = st.container()
    sentences: list[str] = []
    try:
        yield sentences
    except InputError:
        with place:
            complain_once(sentences)
        raise
    with place:
        complain_once(sentences)


def agreed_to_fetch(name: str, *, only: str = "") -> bool:
    """Whether the visitor has agreed, by a click, to download a model from the hub, or `only` a small file of it."""
    agreed: set[str] = st.session_state.setdefault("agreed", set())
    asking: set[str] = st.session_state.setdefault("asking", set())
    wanted = f"{only} of {name}" if only else name
    if wanted not in agreed and wanted not in asking:  # two pictures of one model ask once
        asking.add(wanted)
        if only:
            said = f"Only its {only} is fetched from the hub, a few kilobytes: no weights, and nothing of it is run."
        else:
            said = (
                "Its size is looked up first; if it fits, its weights are downloaded from the hub, and nothing else "
                "of it is run."
            )
        st.info(f"{plain(name)} isn't on this machine yet. {said}")
        label = f"Fetch its {only}" if only else "Look it up and download"
        st.button(label, on_click=agreed.add, args=(wanted,), key=f"fetch {wanted}")
    return wanted in agreed


@contextmanager
def guarded(text_key: str = "text") -> Iterator[None]:
    """A visitor's error ends this block, and only this block, with one sentence; a text too long can be cut here."""
    try:
        yield
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        if isinstance(error, TooLongError):
            st.button(
                "Use as much of its beginning as fits",
                on_click=st.session_state.__setitem__,
                args=(text_key, error.fitting),
                key=f"fit {text_key}",
            )


def wait(
    job: Job[T_co], content: str, meanwhile: Callable[[], None] | None = None, *, streaming: bool = False
) -> T_co | None:
    """The result of a computation, with progress and a way to stop it once it takes over a second.

    Args:
        job: the computation.
        content: its content id, so that a stopped one is not begun again by itself.
        meanwhile: called every `REDRAW` seconds once progress is shown; draws below it what there is so far.
        streaming: it is called from the beginning, every `STREAM` seconds.

    Returns:
        what was computed, or None if the visitor has stopped it.

    Raises:
        InputError: the computation can't be done.
    """
    with job:  # one that was stopped is given up here, too; Streamlit may end a run in any line that draws
        place = st.empty()
        if st.session_state.get("stopped") == content:
            with place.container():
                st.info("Stopped. Nothing was lost.")
                if not st.button("Run it again", key=f"again {content}"):
                    return None
                del st.session_state["stopped"]
            place.empty()
        began = time.monotonic()
        offered = False
        drawn = -REDRAW
        while not job.done():
            time.sleep(LOOK)
            waited = time.monotonic() - began
            if waited >= PATIENCE:
                if not offered:
                    bar, stop = place.container().columns([6, 1], vertical_alignment="center")
                    meter = bar.empty()
                    stop.button(
                        "Stop", on_click=st.session_state.__setitem__, args=("stopped", content), key=f"stop {content}"
                    )
                    offered = True
                sentence, fraction = job.progress()
                meter.progress(fraction or 0.0, text=plain(sentence))
            elif not streaming:
                continue
            if meanwhile is not None and time.monotonic() - drawn >= (STREAM if streaming else REDRAW):
                meanwhile()
                drawn = time.monotonic()
        place.empty()
        return job.result()


def badge(sentence: str, *, good: bool, explanation: str) -> None:
    """The check: ours against the model's own, with the largest difference."""
    if good:
        st.badge(plain(sentence), icon=":material/check_circle:", color="green", help=explanation)
    else:
        st.badge(plain(sentence), icon=":material/error:", color="red", help=explanation)


def source(source: Source, tokens: int) -> None:
    """Which model made the figure, at which revision and precision, and where: one quiet line."""
    facts(
        source.model,
        *([f"with {source.off} switched off, scaled or cut"] if source.off else []),
        f"revision {source.revision[:12]}",
        f"{tokens} token{'s' if tokens != 1 else ''}",
        f"computed in {source.dtype} on {source.device}",
        *(f"{package} {version}" for package, version in source.versions.items()),
    )


def facts(*said: str) -> None:
    """One quiet line below a figure: where it comes from."""
    st.caption(" \u00b7 ".join(plain(fact) for fact in said))


def notice_and_try(notice: str, presets: Sequence[tuple[str, str, dict[str, Any]]], path: str) -> None:
    """*What to notice* (Markdown) and *Try this* (label, what it shows, the link's parameters)."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("What to notice", anchor=False)
        st.markdown(notice)
    with right:
        st.header("Try this", anchor=False)
        addresses = [(label, what, f"{path}?{urlencode(query, doseq=True)}") for label, what, query in presets]
        links(addresses, key="presets")


@contextmanager
def drawer(label: str, *, key: str) -> Iterator[bool]:
    """A part of the page that is closed at first, and whether it is open: what is in it is only made then.

    The scripts that set formulas and code would cost every visitor a third of a second at the first paint.
    """
    with st.expander(label, key=key, on_change="rerun", bind="query-params") as box:
        yield bool(box.open)


def computed(explanation: str, code: str) -> None:
    """*How it is computed*: formula, shapes and paper in Markdown, and the few lines of PyTorch."""
    with drawer("How it is computed", key="how") as is_open:
        if is_open:
            st.markdown(explanation)
            st.code(code, language="python")


def downloads(files: Sequence[File]) -> None:
    """Buttons for files."""
    with st.container(horizontal=True):
        for label, name, media_type, make in files:
            st.download_button(label, make, file_name=name, mime=media_type, on_click="ignore", key=f"save {label}")


def style() -> None:
    """The house's type and spacing, over Streamlit's own; larger type when presenting."""
    scale = "118.75%" if presenting() else "100%"
    st.html(f"<style>html {{ font-size: {scale}; }} {theme.STYLE}</style>")

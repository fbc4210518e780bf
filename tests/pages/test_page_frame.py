"""The page frame: waiting with progress and a way to stop, errors as one sentence, words that stay words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from viz import page


def waiting() -> None:
    import time
    from typing import Any, Self

    import streamlit as st

    from viz import page

    class Slow:
        """A job that takes a second and a half."""

        def __init__(self) -> None:
            self.began = time.monotonic()
            st.session_state["begun"] = st.session_state.get("begun", 0) + 1

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *error: object) -> None:
            st.session_state["released"] = True

        def done(self) -> bool:
            return time.monotonic() - self.began > 1.5

        def progress(self) -> tuple[str, float | None]:
            st.session_state["asked"] = True
            return "Running layer 1 of 2", 0.5

        def result(self, timeout: float | None = None) -> Any:
            return "the trace"

    st.write(str(page.wait(Slow(), "content id")))


def test_a_long_wait_asks_for_progress_and_releases_its_place() -> None:
    app = AppTest.from_function(waiting, default_timeout=30).run()
    assert not app.exception
    assert app.markdown[-1].value == "the trace"
    assert app.session_state["asked"]
    assert app.session_state["released"]


def watching() -> None:
    from typing import Self

    import streamlit as st

    from viz import page

    class Watched:
        """A job that is done when it has been drawn twice."""

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *error: object) -> None: ...

        def done(self) -> bool:
            return len(st.session_state["drawn"]) == 2

        def progress(self) -> tuple[str, float | None]:
            return "Epoch 1", 0.1

        def result(self, timeout: float | None = None) -> str:
            return "trained"

    st.session_state["drawn"] = drawn = []
    st.write(str(page.wait(Watched(), "content id", lambda: drawn.append("so far"))))


def test_what_there_is_so_far_is_drawn_while_it_waits() -> None:
    app = AppTest.from_function(watching, default_timeout=30).run()
    assert not app.exception
    assert app.session_state["drawn"] == ["so far", "so far"]
    assert app.markdown[-1].value == "trained"


def streaming() -> None:
    from typing import Self

    import streamlit as st

    from viz import page

    class Writing:
        """A job that is done when it has been drawn twice; `progress` isn't asked for within the first second."""

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *error: object) -> None: ...

        def done(self) -> bool:
            return len(st.session_state["drawn"]) == 2

        def progress(self) -> tuple[str, float | None]:
            raise AssertionError

        def result(self, timeout: float | None = None) -> str:
            return "the text"

    page.PATIENCE = 60.0  # type: ignore[misc]
    st.session_state["drawn"] = drawn = []
    st.write(str(page.wait(Writing(), "content id", lambda: drawn.append("so far"), streaming=True)))


def test_a_text_is_drawn_from_its_first_token(monkeypatch: pytest.MonkeyPatch) -> None:
    from viz import page

    monkeypatch.setattr(page, "PATIENCE", page.PATIENCE)  # put back behind the test
    app = AppTest.from_function(streaming, default_timeout=30).run()
    assert not app.exception
    assert app.session_state["drawn"] == ["so far", "so far"]
    assert app.markdown[-1].value == "the text"


def test_a_stopped_computation_begins_again_only_when_asked() -> None:
    app = AppTest.from_function(waiting, default_timeout=30)
    app.session_state["stopped"] = "content id"
    app.run()
    assert app.info[0].value.startswith("Stopped")
    assert app.markdown[-1].value == "None"
    app.button[0].click().run()
    assert app.markdown[-1].value == "the trace"
    assert "stopped" not in app.session_state


def test_another_computation_is_not_stopped_with_it() -> None:
    app = AppTest.from_function(waiting, default_timeout=30)
    app.session_state["stopped"] = "another content id"
    app.run()
    assert app.markdown[-1].value == "the trace"


UGLY = [
    "![x](http://example.org/x.png)",
    "<img src=x>",
    "**b**",
    "[a](javascript:alert(1))",
    "`c`",
    "# h",
    ":red[x]",
    "$x$",
]


@pytest.mark.parametrize("text", UGLY)
def test_strangers_words_stay_words(text: str) -> None:
    rendered = MarkdownIt("commonmark", {"html": True}).render(page.plain(text))
    assert "<img" not in rendered
    assert "<a" not in rendered
    assert rendered.count("<") == 2  # the paragraph's own tags


@given(st.text())
def test_any_words_stay_words(text: str) -> None:
    rendered = MarkdownIt("commonmark", {"html": True}).render(page.plain(text))
    assert rendered.count("<") in (0, 2)


@pytest.mark.parametrize("text", ["https://evil.example/x", "www.evil.example", "a@evil.example", "WWW.evil.example/x"])
def test_an_address_is_parted_so_that_nothing_makes_a_link_of_it(text: str) -> None:
    assert "\u2060" in page.plain(text)
    assert page.plain(text).replace("\u2060", "").replace("\\", "") == text


def tabbed() -> None:
    import streamlit as st

    from viz import page

    st.write(page.tabs("View", {"first": "The first", "second": "The second"}, key="view"))
    page.complain_once(())


@pytest.mark.parametrize("view", ["first", "second"])
def test_a_link_opens_a_tab(view: str) -> None:
    app = AppTest.from_function(tabbed)
    app.query_params["view"] = view
    app.run()
    assert not app.exception
    assert app.markdown[-1].value == view
    assert not app.warning


def test_choosing_a_tab_goes_into_the_link_by_its_short_name() -> None:
    app = AppTest.from_function(tabbed).run()
    assert app.markdown[-1].value == "first"
    app.segmented_control[0].set_value("second").run()
    assert app.markdown[-1].value == "second"
    assert app.query_params["view"] in ("second", ["second"])


def test_a_link_that_changes_under_the_page_opens_its_tab() -> None:
    app = AppTest.from_function(tabbed).run()
    app.segmented_control[0].set_value("second").run()
    app.query_params["view"] = "first"  # the browser's Back
    app.run()
    assert app.markdown[-1].value == "first"
    assert app.segmented_control[0].value == "first"


def two_figures() -> None:
    import streamlit as st

    from viz import page
    from viz.words import Words

    def show(_: object) -> None:
        page.number("Seed", (0, 9), 0, key="seed")
        st.text(dict(st.query_params.items()))

    words = Words(sentence="", notice="", presets=(), how="", code="")
    page.views("Title", "", "path", {"first": page.View("1", show, words), "second": page.View("2", show, words)})


def test_a_view_finds_its_own_figures_parameters_and_no_others() -> None:
    app = AppTest.from_function(two_figures)
    for name, value in {"zoom": "40", "point": "7", "seed": "3", "present": "1"}.items():
        app.query_params[name] = value
    app.run()
    tabs = app.segmented_control[0]
    assert "'zoom': '40'" in app.text[0].value
    tabs.set_value("second").run()
    assert not app.exception
    assert app.text[0].value == "{'seed': '3', 'present': '1', 'view': 'second'}"
    app.segmented_control[0].set_value("first").run()
    assert app.text[0].value == "{'seed': '3', 'present': '1', 'view': 'first', 'zoom': '40', 'point': '7'}"


def test_a_tab_that_is_not_there_is_told() -> None:
    app = AppTest.from_function(tabbed)
    app.query_params["view"] = "<b>third"
    app.run()
    assert app.markdown[-1].value == "first"
    assert "it can be one of first, second" in app.warning[0].value.replace("\\", "")

"""The visitor without a browser, on a small app: it must see what a page shows, above all what went wrong."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from tests.load import PRESS, Run, ScriptFailedError, Visitor

APP = """
import streamlit as st

def home():
    st.markdown("home")

def second():
    text = st.text_input("Text", "x", key="text", bind="query-params")
    layer = st.slider("Layer", 0, 10, 2, key="layer", bind="query-params")
    view = st.segmented_control("View", ["map", "heads"], default="map", key="view", bind="query-params")
    pressed = st.button("Go", key="go")
    if text == "boom":
        raise RuntimeError("boom")
    if text == "wrong":
        st.error("That is wrong.")
    st.markdown(f"{text} {layer} {view} {pressed}")

st.navigation([st.Page(home, default=True), st.Page(second, url_path="second")]).run()
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("app")
    (folder / "app.py").write_text(APP)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    script = f"import uvicorn, streamlit; uvicorn.run(streamlit.App('app.py'), port={number}, log_level='error')"
    server = subprocess.Popen([sys.executable, "-c", script], cwd=folder, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", number)) == 0:
                    break
            time.sleep(0.1)
        yield number
    finally:
        server.terminate()
        server.wait(20)


def visit(port: int, script: Callable[[Visitor], Coroutine[Any, Any, None]], **options: bool) -> None:
    async def session() -> None:
        async with Visitor(port, **options) as visitor:
            await script(visitor)

    asyncio.run(asyncio.wait_for(session(), 60))


def shown(run: Run) -> list[str]:
    return [element.body for element in run.of("markdown")]


def test_it_opens_the_root_and_sees_the_pages(port: int) -> None:
    async def script(visitor: Visitor) -> None:
        run = await visitor.open()
        assert shown(run) == ["home"]
        assert run.navigation == ["", "second"]
        assert run.sent_bytes > len("home")
        assert run.messages > 1

    visit(port, script)


def test_it_opens_a_link_and_changes_widgets(port: int) -> None:
    async def script(visitor: Visitor) -> None:
        assert shown(await visitor.open("second", "layer=7&text=hello")) == ["hello 7 map False"]
        assert shown(await visitor.rerun(text="other", view=["heads"])) == ["other 7 heads False"]
        assert shown(await visitor.rerun(layer=[3.0], go=PRESS)) == ["other 3 heads True"]
        assert shown(await visitor.rerun()) == ["other 3 heads False"]
        with pytest.raises(KeyError, match="no widget 'colour'"):
            await visitor.rerun(colour="red")

    visit(port, script)


def test_an_exception_fails_the_run_and_only_that_run(port: int) -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.open("second")
        with pytest.raises(ScriptFailedError, match="boom"):
            await visitor.rerun(text="boom")
        assert shown(await visitor.rerun(text="well")) == ["well 2 map False"]

    visit(port, script)


def test_an_error_box_fails_the_run_unless_it_is_expected(port: int) -> None:
    async def refused(visitor: Visitor) -> None:
        await visitor.open("second")
        with pytest.raises(ScriptFailedError, match="That is wrong"):
            await visitor.rerun(text="wrong")

    async def expected(visitor: Visitor) -> None:
        await visitor.open("second")
        assert (await visitor.rerun(text="wrong")).errors == ["That is wrong."]

    visit(port, refused)
    visit(port, expected, errors=True)


def test_a_page_that_is_not_there_is_noticed(port: int) -> None:
    async def script(visitor: Visitor) -> None:
        assert (await visitor.open("nowhere")).not_found

    visit(port, script)

"""What does the server send to a visitor? A visitor without a browser, speaking Streamlit's own protocol.

    async with Visitor(port) as visitor:
        run = await visitor.open("attention", "layer=3")
        run = await visitor.rerun(text="Hello")     # as if the widget with this key had been changed

A session is one websocket, as the browser opens it. Every answer of the server is read to the end of the
script run; an `exception` element fails it, since a script that crashed is fast too. What runs in the browser
alone (components' scripts, the URL bar) isn't there.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PRESS = object()  # the value of a button that is pressed


class ScriptFailedError(AssertionError):
    """A page raised an exception, or showed an error where none was expected."""


@dataclass
class Run:
    """What one script run sent."""

    seconds: float = 0.0  # from sending the request to the end of the script
    sent_bytes: int = 0  # by the server
    messages: int = 0
    elements: list[Any] = field(default_factory=list)  # Streamlit's Element messages, in the order of arrival
    errors: list[str] = field(default_factory=list)  # the texts of `st.error`
    navigation: list[str] = field(default_factory=list)  # the slugs of the app's pages
    not_found: bool = False

    def of(self, kind: str) -> list[Any]:
        """The elements of one type, such as "markdown" or "bidi_component"."""
        return [getattr(element, kind) for element in self.elements if element.WhichOneof("type") == kind]


class Visitor:
    """One session.

    Args:
        port: the app's port on this machine.
        errors: whether a page may show error boxes; if not, one raises `ScriptFailedError`.
    """

    def __init__(self, port: int, *, errors: bool = False) -> None:
        self._port = port
        self._errors = errors
        self._connection: ClientConnection | None = None
        self._script = ""
        self._query: dict[str, list[str]] = {}
        self._bound: set[str] = set()
        self._states: dict[str, WidgetState] = {}
        self.widgets: dict[str, str] = {}  # key -> element id

    async def __aenter__(self) -> Self:
        self._connection = await connect(
            f"ws://127.0.0.1:{self._port}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            compression=None,
            proxy=None,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def open(self, slug: str = "", query: str = "") -> Run:
        """The first run of a page load at `/slug?query`."""
        self._script = ""
        self._query = parse_qs(query, keep_blank_values=True)
        self._states.clear()
        return await self._run(ClientState(page_name=slug, query_string=query))

    async def rerun(self, **values: Any) -> Run:
        """A run after the widgets with these keys have got these values (`PRESS` for a button)."""
        for key, value in values.items():
            if key not in self.widgets:
                raise KeyError(f"the page has no widget {key!r}, only {sorted(self.widgets)}")
            self._states[key] = _state(self.widgets[key], value)
            if key in self._bound:  # the browser keeps the URL in step with the widget
                self._query[key] = _parameter(value)
        state = ClientState(page_script_hash=self._script, query_string=urlencode(self._query, doseq=True))
        state.widget_states.widgets.extend(self._states.values())
        run = await self._run(state)
        for key in [key for key, value in values.items() if value is PRESS]:
            del self._states[key]
        return run

    async def _run(self, state: ClientState) -> Run:
        if self._connection is None:
            raise RuntimeError("use the visitor in an `async with` block")
        run = Run()
        failure = ""
        started = time.perf_counter()
        await self._connection.send(BackMsg(rerun_script=state).SerializeToString())
        while True:
            blob = await self._connection.recv(decode=False)
            run.sent_bytes += len(blob)
            run.messages += 1
            message = ForwardMsg.FromString(blob)
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    break
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    failure = "the page's script doesn't compile"
                    break
            failure = self._read(message, run) or failure
        run.seconds = time.perf_counter() - started
        # Only now, so that the next run doesn't read what was left of this one.
        if failure:
            raise ScriptFailedError(failure)
        if run.errors and not self._errors:
            raise ScriptFailedError(f"the page shows an error: {run.errors[0]}")
        return run

    def _read(self, message: ForwardMsg, run: Run) -> str:
        """Takes one message in; the exception that it shows, else \"\"."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._script = message.new_session.page_script_hash
            run.elements.clear()  # of a run that was cut short by this one
            run.errors.clear()
        elif kind == "page_info_changed":
            self._query = parse_qs(message.page_info_changed.query_string, keep_blank_values=True)
        elif kind == "navigation":
            run.navigation = [page.url_pathname for page in message.navigation.app_pages]
            self._script = message.navigation.page_script_hash
        elif kind == "page_not_found":
            run.not_found = True
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            return self._element(message.delta.new_element, run)
        return ""

    def _element(self, element: Any, run: Run) -> str:
        run.elements.append(element)
        kind = element.WhichOneof("type") or "empty"
        content: Any = getattr(element, kind)
        if kind == "exception":
            return f"{content.type}: {content.message}\n" + "\n".join(content.stack_trace)
        if kind == "alert" and content.format == Alert.ERROR:
            run.errors.append(content.body)
        # The id of a widget that has a key ends in it: $$ID-<hash>-<key>.
        identity = getattr(content, "id", "")
        if isinstance(identity, str) and identity.startswith("$$ID-"):
            key = identity.split("-", 2)[2]
            if key != "None":
                self.widgets[key] = identity
                if getattr(content, "query_param_key", ""):
                    self._bound.add(key)
        return ""


def _parameter(value: Any) -> list[str]:
    """A widget's value as the browser writes it into the URL."""
    values = value if isinstance(value, list) else [value]
    return [f"{item:g}" if isinstance(item, float) else str(item) for item in values]


def _state(identity: str, value: Any) -> WidgetState:
    """The widget's value in the field where its kind of widget has it."""
    state = WidgetState(id=identity)
    if value is PRESS:
        state.trigger_value = True
    elif isinstance(value, bool):
        state.bool_value = value
    elif isinstance(value, str):
        state.string_value = value
    elif isinstance(value, int | float):
        state.double_value = value
    elif isinstance(value, dict):
        state.json_value = json.dumps(value)
    elif all(isinstance(item, str) for item in value):
        state.string_array_value.data.extend(value)
    else:
        state.double_array_value.data.extend(value)
    return state

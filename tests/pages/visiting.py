"""How does a test open a page without a browser, and what does it look at?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).resolve().parents[2] / "app.py")
SECONDS = 120


def opened(page: str, query: Mapping[str, str | list[str]], state: Mapping[str, Any] | None = None) -> AppTest:
    """A page ("tokenizers") as it stands when a link to it has been opened."""
    app = AppTest.from_file(APP, default_timeout=SECONDS)
    if "_" in page:  # its address isn't its file's name, and only a first run tells AppTest which it is
        app.run()
    for name, value in query.items():
        app.query_params[name] = value
    for name, value in (state or {}).items():
        app.session_state[name] = value
    return app.switch_page(f"pages/{page}.py").run()


def sentences(app: AppTest) -> list[str]:
    """What the page says in error boxes, without Markdown's escapes."""
    assert not app.exception, app.exception
    return [box.value.replace("\\", "") for box in app.error]


def badges(app: AppTest) -> list[str]:
    """What its check badges say."""
    return [text.value.replace("\\", "") for text in app.markdown if "-badge[" in text.value]


def is_whole(app: AppTest) -> bool:
    """Whether the frame is there: the title, the controls, what to notice, how it is computed."""
    return bool(app.title and (app.selectbox or app.multiselect) and app.text_area and app.header and app.expander)

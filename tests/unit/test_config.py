"""Streamlit's settings: its colours are the house's, and each name means something to it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from viz.theme import PAPER

SETTINGS: dict[str, Any] = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text("utf-8"))
COLOURS = {
    "primaryColor": "accent",
    "backgroundColor": "paper",
    "secondaryBackgroundColor": "raised",
    "textColor": "ink",
    "linkColor": "accent",
    "borderColor": "line",
}


@pytest.mark.parametrize("mode", PAPER)
def test_the_colours_are_those_of_the_theme(mode: str) -> None:
    assert SETTINGS["theme"][mode] == {name: PAPER[mode][ours] for name, ours in COLOURS.items()}


def leaves(table: dict[str, Any], path: str = "") -> list[str]:
    """The dotted names of all settings in a table."""
    return [
        name
        for key, value in table.items()
        for name in (leaves(value, f"{path}{key}.") if isinstance(value, dict) else [path + key])
    ]


@pytest.mark.parametrize("name", leaves(SETTINGS))
def test_streamlit_knows_the_setting(name: str) -> None:
    # Streamlit only warns of a name that it doesn't know, and goes on without it.
    assert name in config.get_config_options(force_reparse=False)


def test_nothing_is_reported_to_anyone() -> None:
    assert SETTINGS["browser"]["gatherUsageStats"] is False


def test_a_visitor_never_sees_a_traceback() -> None:
    assert SETTINGS["client"]["showErrorDetails"] == "none"

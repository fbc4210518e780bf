"""Which numbers stand in a request's settings? They are text, and come with a link perhaps."""

from __future__ import annotations

from collections.abc import Mapping

from models.traces import InputError


def whole(settings: Mapping[str, str], name: str, usual: str) -> int:
    """A whole number.

    Raises:
        InputError: it isn't one.
    """
    written = settings.get(name, usual)
    try:
        return int(written)
    except ValueError as error:
        raise InputError(f"{name} is {written[:40]!r}; it must be a whole number.") from error


def decimal(settings: Mapping[str, str], name: str, usual: str) -> float:
    """A number.

    Raises:
        InputError: it isn't one.
    """
    written = settings.get(name, usual)
    try:
        return float(written)
    except ValueError as error:
        raise InputError(f"{name} is {written[:40]!r}; it must be a number.") from error

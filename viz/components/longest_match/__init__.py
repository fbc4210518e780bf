"""How does the greedy longest match cut a word? Look-up by look-up, one word of a text at a time, in the browser.

data = {"facts": [line below a saved picture], "prefix": of pieces inside a word, "unknown": the unknown token,
        "limit": characters, "order": [word of the text -> distinct word],
        "words": [{"text": as the model sees it, "original", "starts", "ends": [match], "pieces", "ids": [token],
                   "outcome"}]}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz.components import shared

if TYPE_CHECKING:
    from models.traces import WordPieceReplay

FOLDER: Final = Path(__file__).parent


def pack(replay: WordPieceReplay, unknown: str, limit: int, facts: Sequence[str]) -> bytes:
    """A replay as it travels.

    Args:
        replay: what is shown.
        unknown: the tokenizer's unknown token.
        limit: characters; a longer word is unknown.
        facts: the lines below a saved picture.
    """
    numbers: dict[tuple[str, str, str], int] = {}
    words: list[dict[str, Any]] = []
    order: list[int] = []
    for word in replay.words:
        original = replay.text[slice(*word.span)]
        number = numbers.setdefault((word.text, original, word.outcome), len(words))
        order.append(number)
        if number == len(words):
            words.append(
                {
                    "text": word.text,
                    "original": original,
                    "starts": word.starts.tolist(),
                    "ends": word.ends.tolist(),
                    "pieces": word.pieces,
                    "ids": word.ids.tolist(),
                    "outcome": word.outcome,
                }
            )
    data = {"facts": list(facts), "prefix": replay.prefix, "unknown": unknown, "limit": limit}
    return shared.pack(data | {"order": order, "words": words})


def longest_match(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Show a replay in a Streamlit page; the parameters it owns are `word` and `step`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)


def lookups(starts: Sequence[int], ends: Sequence[int], length: int) -> int:
    """How many strings are looked up for a word of so many characters: the last step that its figure has."""
    return sum(length - max(end, start + 1) + 1 for start, end in zip(starts, ends, strict=True))

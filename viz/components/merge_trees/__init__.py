"""How do a tokenizer's own merges make its tokens? One word of a text at a time, in the browser.

    data = {"facts": [line below a saved picture], "order": [word of the text -> distinct word],
            "words": [{"letters": [hexadecimal bytes], "pieces", "ids": [node], "roots": [node], "outcome",
                       "merges", "rivals": left, right, rank, one after another}]}

Each distinct word travels once, with all its merges: choosing a word, stepping and playing ask nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz.components import shared

if TYPE_CHECKING:
    from models.traces import BpeReplay, BpeWord

FOLDER: Final = Path(__file__).parent


def pack(replay: BpeReplay, facts: Sequence[str]) -> bytes:
    """A replay as it travels; `facts` are the lines below a saved picture."""
    numbers: dict[tuple[str, str], int] = {}  # a word's text and outcome decide all the rest
    words: list[dict[str, Any]] = []
    order: list[int] = []
    for word in replay.words:
        number = numbers.setdefault((word.text, word.outcome), len(words))
        if number == len(words):
            words.append(_word(word))
        order.append(number)
    return shared.pack({"facts": list(facts), "order": order, "words": words})


def _word(word: BpeWord) -> dict[str, Any]:
    return {
        "letters": [letter.hex() for letter in word.raw[: word.letters]],
        "pieces": word.pieces,
        "ids": word.node_ids.tolist(),
        "roots": word.roots,
        "outcome": word.outcome,
        "merges": word.merges.ravel().tolist(),
        "rivals": word.rivals.ravel().tolist(),
    }


def merge_trees(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Show a replay in a Streamlit page; the parameters it owns are `word` and `step`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)

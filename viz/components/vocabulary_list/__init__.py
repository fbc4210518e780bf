"""How does a whole vocabulary reach the browser, where it is searched, filtered and sorted without a round trip?

Texts travel as they are. Most bytes are those of the text in UTF-8, and most pieces follow one rule, so only the others
travel: bytes of no whole character, and pieces that aren't spelled as the rule has it. 200,000 entries are about 1 MB.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.traces import InputError, Vocabulary
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
KINDS: Final = ("text", "byte", "added", "special")
FILTERS: Final = ("all", *KINDS, "unreachable", "split")
SORTS: Final = ("id", "length", "text")
DEFAULTS: Final[dict[str, Any]] = {"search": "", "kind": "all", "script": "all", "sort": "id", "entry": None}
SPACE_MARK: Final = "\u2581"  # SentencePiece's mark of a space
MAX_BYTES: Final = 24_000_000  # of all entries together; the largest vocabularies in use have 3,000,000


def pack(vocabulary: Vocabulary, split: NDArray[np.int64] | None, *, title: str, facts: Sequence[str]) -> bytes:
    """The vocabulary as it travels.

    Args:
        vocabulary: all of it.
        split: the ids of the entries whose own text gives other tokens; None: not asked.
        title: the tokenizer's name, for people.
        facts: the lines below a saved picture.

    Raises:
        InputError: it is too much for a page.
    """
    size = sum(map(len, vocabulary.raw))
    if size > MAX_BYTES:
        raise InputError(
            f"The entries of this vocabulary have {size / 1e6:.0f} MB together, and a page shows up to "
            f"{MAX_BYTES / 1e6:.0f} MB; choose a smaller one."
        )
    scripts = list(vocabulary.by_script())
    rank = {name: number for number, name in enumerate(scripts)}
    alphabet = _alphabet(vocabulary)
    spelled = ((place, _spelled(vocabulary, place, alphabet)) for place in range(len(vocabulary)))
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "ids": _column(vocabulary.ids, "<i4"),
            "texts": vocabulary.texts,
            "odd": {
                place: raw.hex()
                for place, (raw, text) in enumerate(zip(vocabulary.raw, vocabulary.texts, strict=True))
                if text.encode() != raw
            },
            "alphabet": [alphabet.get(byte, "") for byte in range(256)] if alphabet else None,
            "pieces": {
                place: vocabulary.pieces[place] for place, piece in spelled if piece != vocabulary.pieces[place]
            },
            "kinds": _column([KINDS.index(kind) for kind in vocabulary.kinds], "u1"),
            "scripts": _column([rank[script] for script in vocabulary.scripts], "u1"),
            "names": scripts,
            "unreachable": None if vocabulary.unreachable is None else vocabulary.unreachable.tolist(),
            "split": None if split is None else split.tolist(),
        }
    )


def vocabulary_list(packed: bytes, state: dict[str, Any], *, key: str, command: int = 0) -> ComponentResult:
    """Show it; `state` is what the link says of DEFAULTS, `command` how often the page has set it."""
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS, command=command)


def _alphabet(vocabulary: Vocabulary) -> dict[int, str]:
    """{byte: the character that stands for it} where every byte has one, as in GPT-2's spelling; else nothing."""
    single = zip(vocabulary.raw, vocabulary.pieces, vocabulary.kinds, strict=True)
    letters = {raw[0]: piece for raw, piece, kind in single if kind == "byte" and len(piece) == 1}
    return letters if letters.get(0x20, " ") != " " else {}


def _spelled(vocabulary: Vocabulary, place: int, alphabet: dict[int, str]) -> str:
    """The piece by the rule: as bytes in the alphabet, or as text with marked spaces."""
    if alphabet:
        return "".join(alphabet.get(byte, "") for byte in vocabulary.raw[place])
    return vocabulary.texts[place].replace(" ", SPACE_MARK)


def _column(values: Sequence[int] | NDArray[np.int64], kind: str) -> str:
    return base64.b64encode(np.array(values, dtype=kind).tobytes()).decode()

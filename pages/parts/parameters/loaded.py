"""Which controls do the views of a loaded model's weights share? The model, and one of its matrices."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults
from models.engine import Request
from models.traces import InputError, MatricesTrace
from pages.parts.next_token import asking
from pages.parts.running import answer
from viz import page
from viz import parameter_words as words

KEY: Final = "loaded"  # `model` is one by its configuration alone


def model(*, writes: bool = False) -> str:
    """A model whose weights are loaded, chosen in the current container; `writes`: it must predict a next token."""
    if writes:
        return asking.model(key=KEY)
    offered = sorted((entry.key for entry in catalog.available()), key=lambda name: name != defaults.DECODER)
    return page.choose("Model", offered, key=KEY, free=catalog.is_open(), help=words.LOADED)


def matrix(model: str, controls: DeltaGenerator, usual: str = defaults.MATRIX) -> str | None:
    """The path of one of its matrices, chosen in `controls`; None where the visitor has stopped it.

    Not called inside `with controls`: progress, and the question whether a model may be downloaded, stand where the
    figure will be.

    Raises:
        InputError: the model can't be had, or has no matrix.
    """
    found = answer(Request("matrices", model))
    if not isinstance(found, MatricesTrace):
        return None
    if not found.paths:
        raise InputError(f"{catalog.shown(model)} has no matrix that can be looked at; choose another model.")
    first = usual if usual in found.paths else found.paths[0]
    with controls:
        paths = (first, *(path for path in found.paths if path != first))
        return page.choose("Matrix", paths, key="matrix", help=words.MATRIX)


def gguf(model: str) -> str:
    """The name of the .gguf file that a model's weights come from, most of them quantised; "": they come from none."""
    file = PurePath(catalog.resolve(model).location.replace(":", "/")).name
    return file if file.endswith(".gguf") else ""

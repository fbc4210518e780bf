"""What does the page of parameters say? One file for each of its views."""

from __future__ import annotations

from typing import Final

HEADER: Final = (
    "Where every last weight of a model is, counted twice: by its architecture's formula, and tensor by tensor."
)

LOADED: Final = (
    "Its weights are loaded and looked at. Those in the list are installed here. Or type the id of a model on the hub "
    "and press Enter: its size is looked up first, and you are asked before anything is downloaded."
)
MATRIX: Final = (
    "By its path in the model. Type to search: 12down finds model.layers.12.mlp.down_proj. A matrix that is used "
    "twice, as embedding and as output head, stands here once."
)

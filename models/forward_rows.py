"""Which weights make one number of a walk?

    forward_rows.row(lm, "attention.query", layer=3, row=17).weights    # float32 [dimension]

The products and norms of models/forward.py, one output at a time: what a dot product is shown with, term by term.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import adapters, numbers_in
from models import forward_arithmetic as arithmetic
from models.traces import InputError, Trace, WeightRowTrace

if TYPE_CHECKING:
    from models.adapters import Family
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

# The stages that are products and those that are norms: {name: the field of a Family that says where it is}.
PRODUCTS: Final = {
    "attention.query": "query",
    "attention.key": "key",
    "attention.value": "value",
    "attention.output": "output",
    "mlp.gate": "gate",
    "mlp.up": "up",
    "mlp.output": "down",
}
NORMS: Final = {
    "embedding.norm": "embedding_norm",
    "attention.norm": "norm_attention",
    "attention.query_norm": "query_norm",
    "attention.key_norm": "key_norm",
    "attention.norm_after": "norm_attention_after",
    "mlp.norm": "norm_mlp",
    "mlp.norm_after": "norm_mlp_after",
    "final.norm": "final_norm",
}
_FUSED: Final = ("attention.query", "attention.key", "attention.value")


def row(lm: LanguageModel, stage: str, layer: int, row: int) -> WeightRowTrace:
    """The weights behind one number of a stage.

    Args:
        lm: a model of one of the families in models/adapters.py.
        stage: "final.logits", or one of `PRODUCTS` or `NORMS`.
        layer: from 0; of no meaning for stages around the layers.
        row: which number of the stage's vector; heads are counted side by side. Of the logits, the token's id.

    Raises:
        InputError: the model hasn't got that stage, layer or row.
    """
    family = adapters.of(lm)
    if not 0 <= layer < lm.layers:
        raise InputError(f"{lm.name} has no layer {layer}; choose one from 0 to {lm.layers - 1}.")
    module = _module(lm, family, stage, layer)
    bias = module.bias if hasattr(module, "bias") else None
    epsilon = 0.0
    if stage in NORMS:
        size = module.weight.shape[0]
        place = row % size if stage.endswith(("query_norm", "key_norm")) else row  # every head by the same norm
        weights, epsilon = module.weight[place : place + 1] + family.norm_offset, arithmetic.epsilon(module)
        _check(stage, row, size if place == row else row + 1)
    else:
        conv = type(module).__name__ == "Conv1D"  # [input, output], GPT-2's
        place, count = _place(lm, family, stage, row, module.weight.shape[conv])
        _check(stage, row, count)
        weights = module.weight[:, place] if conv else module.weight[place]
    with torch.inference_mode():
        return WeightRowTrace(
            source=lm.source(""),
            stage=stage,
            layer=layer,
            row=row,
            weights=np.array(weights.float().cpu().numpy()),
            bias=None if bias is None else float(bias[place]),
            epsilon=epsilon,
            centred=isinstance(module, torch.nn.LayerNorm),
        )


def _module(lm: LanguageModel, family: Family, stage: str, layer: int) -> Any:
    """The matrix or norm of a stage."""
    body: Any = lm.model.base_model
    if stage == "final.logits":
        head = lm.model.get_output_embeddings() if lm.generates else None
        if head is not None:
            return head
    field = PRODUCTS.get(stage) or NORMS.get(stage) or ""
    path = getattr(family, field, "") or (family.fused if stage in _FUSED else "")
    if not path:
        raise InputError(f"{lm.name} has no weights for {stage[:40]!r}; choose a product or a norm that it has.")
    around = stage.partition(".")[0] in ("embedding", "final")
    return (body if around else body.get_submodule(family.blocks)[layer]).get_submodule(path)


def _place(lm: LanguageModel, family: Family, stage: str, row: int, outputs: int) -> tuple[int, int]:
    """Which output of the module it is, and how many the stage has; one matrix may make queries, keys and values."""
    if not family.fused or stage not in _FUSED:
        return row, outputs
    which, size = _FUSED.index(stage), outputs // 3 // lm.heads
    if family.fused_by_head:
        head, inside = divmod(row, size)
        return (head * 3 + which) * size + inside, outputs // 3
    return which * outputs // 3 + row, outputs // 3


def _check(stage: str, row: int, count: int) -> None:
    if not 0 <= row < count:
        raise InputError(f"{stage} has no number {row}; choose one from 0 to {count - 1:,}.")


def _row(lm: LanguageModel, request: Request, _progress: Progress) -> Trace:
    settings = dict(request.settings)
    layer, number = numbers_in.whole(settings, "layer", "0"), numbers_in.whole(settings, "row", "0")
    return row(lm, settings.get("stage", ""), layer, number)


# What the engine runs for a request, by the name of its analysis. Settings: stage, layer, row.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"weight row": _row}

"""What does each part of a model write into the residual stream?

    passed = stream.run(lm, "The capital of France is")     # the tensors of one pass
    stream.written(lm, "The capital of France is").heads    # the trace: float32 [layer, head, position], L2 norms

A token's vector goes through the model as a sum (Elhage et al., "A Mathematical Framework for Transformer Circuits",
2021): attention and MLP of each layer read it, and add what they write. Attention's part is itself a sum over the
heads: head h writes its slice of the mixed values through its slice of the output projection,

    written[h] = mixed[h] W[:, h],    sum over h of written[h] + bias = what the attention writes

Where a norm stands behind the attention too (Gemma 2), a head's part goes through it at the scale that the norm really
has. All vectors are the model's own (models/forward_capture.py); only the split over the heads is computed here, and
held against the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import adapters, numbers_in, switched_off
from models import forward_arithmetic as arithmetic
from models.forward_capture import Capture
from models.traces import StreamTrace, Trace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import Encoding, LanguageModel
    from models.progress import Progress

STAGES: Final = frozenset(
    {
        "input",
        "attention.mixed",
        "attention.output",
        "attention.norm_after",
        "attention.residual",
        "mlp.output",
        "mlp.norm_after",
        "mlp.residual",
    }
)


@dataclass(frozen=True)
class Pass:
    """What is written at some positions of a text.

    Attributes:
        inputs: [layer, position, dimension] what enters each layer.
        middle: [layer, position, dimension] the stream to which the MLP's part is added.
        attention, mlp: [layer, position, dimension] what they write.
        last: [position, dimension] what leaves the last layer.
        mixed: [layer, position, head, size] the heads before the output projection.
        scales: float64 [layer, 1 or position, 1 or dimension] what the output projection's result is multiplied by
            until it is in the stream.
        logits: [position, vocabulary]; of a model that predicts no next token, [position, 0].
    """

    lm: LanguageModel
    family: adapters.Family
    encoding: Encoding
    kept: slice
    inputs: torch.Tensor
    middle: torch.Tensor
    attention: torch.Tensor
    mlp: torch.Tensor
    last: torch.Tensor
    mixed: torch.Tensor
    scales: torch.Tensor
    logits: torch.Tensor

    def projection(self, layer: int) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The output projection of a layer: float64 weights [output, input] and bias [output], if it has one."""
        block: Any = self.lm.model.base_model.get_submodule(self.family.blocks)[layer]
        module = block.get_submodule(self.family.output)
        weight = module.weight.T if type(module).__name__ == "Conv1D" else module.weight
        return weight.double(), None if module.bias is None else module.bias.double()

    def head(self, layer: int) -> torch.Tensor:
        """Float64 [position, head, dimension] what each head of a layer writes."""
        mixed = self.mixed[layer].double()
        weight = self.projection(layer)[0].unflatten(1, mixed.shape[1:])  # [dimension, head, size]
        return torch.einsum("phs,dhs->phd", mixed, weight) * self.scales[layer][:, None]

    def bias(self, layer: int) -> torch.Tensor | float:
        """Float64 [1 or position, dimension] what the output projection's bias writes, which is no head's."""
        bias = self.projection(layer)[1]
        return 0.0 if bias is None else bias * self.scales[layer]


def held(norm: Any, x: torch.Tensor, offset: float) -> torch.Tensor:
    """Float64 [..., dimension] what a norm multiplies by at `x`, where a LayerNorm has taken the mean out before."""
    x = x.double()
    if isinstance(norm, torch.nn.LayerNorm):
        x = x - x.mean(-1, keepdim=True)
    scale = torch.rsqrt((x * x).mean(-1, keepdim=True) + arithmetic.epsilon(norm)).expand_as(x)
    return scale if norm.weight is None else scale * (norm.weight.double() + offset)


def run(
    lm: LanguageModel, text: str, *, first: int = -1, count: int | None = None, progress: Progress | None = None
) -> Pass:
    """One pass, and what is written at some of its positions.

    Args:
        lm: a model of one of the families in models/adapters.py.
        text: what it reads; the pass reads all of it.
        first: of a text of more than `count` tokens, the first position that is kept; -1: that of the last ones.
        count: how many positions are kept at most; None: all.
        progress: called before each layer; may raise `Cancelled`.

    Raises:
        InputError: the text can't be used, or the family has no adapter.
    """
    family = adapters.of(lm)
    encoding = lm.encode(text)
    total = len(encoding.ids)
    shown = total if count is None else min(count, total)
    begin = total - shown if first < 0 else min(first, total - shown)
    kept = slice(begin, begin + shown)
    with lm.lock, Capture(lm, family, kept, total, STAGES) as capture:
        if lm.generates and lm.model.get_output_embeddings() is not None:
            logits = lm.logits(encoding.inputs, progress)[kept]
        else:
            logits = lm.forward(encoding.inputs, progress, use_cache=False).last_hidden_state[0, kept, :0]
    found = {stage: torch.stack(layers) for stage, layers in capture.layers.items()}
    around, after = family.norms == "around", family.norms == "after"
    # A layer that is scaled as a whole (models/interventions.py) leaves so much of what its parts add.
    whole = attention = torch.ones(lm.layers, 1, 1, device=lm.device)
    switched = switched_off.factors(switched_off.in_force(lm), lm.layers, lm.heads)
    if switched is not None:
        each = switched.layer, switched.attention
        whole, attention = (torch.from_numpy(factor).to(lm.device)[:, None, None] for factor in each)
    scales = (whole * attention).double()
    if around:
        blocks: Any = lm.model.base_model.get_submodule(family.blocks)
        modules = [block.get_submodule(family.norm_attention_after) for block in blocks]
        read = zip(modules, found["attention.output"], strict=True)
        scales = scales * torch.stack([held(module, x, family.norm_offset) for module, x in read])
    left = found["mlp.norm_after" if after else "mlp.residual"]
    middle = {"parallel": "input", "after": "attention.norm_after"}.get(family.norms, "attention.residual")
    return Pass(
        lm=lm,
        family=family,
        encoding=encoding,
        kept=kept,
        inputs=found["input"],
        middle=found[middle],
        attention=found["attention.norm_after" if around else "attention.output"] * whole,
        mlp=found["mlp.norm_after" if around else "mlp.output"] * whole,
        last=left[-1],
        mixed=found["attention.mixed"].unflatten(2, (lm.heads, -1)),
        scales=scales,
        logits=logits,
    )


def written(
    lm: LanguageModel, text: str, *, first: int = -1, count: int | None = None, progress: Progress | None = None
) -> StreamTrace:
    """How long the stream is behind every layer, and how long and where-to what each part adds to it.

    Arguments and errors as of `run`.
    """
    with torch.inference_mode():
        passed = run(lm, text, first=first, count=count, progress=progress)
        heads, cosines, apart = [], [], 0.0
        for layer, (entered, whole) in enumerate(zip(passed.inputs.double(), passed.attention.double(), strict=True)):
            parts = passed.head(layer)
            heads.append(parts.norm(dim=-1).T)
            cosines.append(_cosine(parts, entered[:, None]).T)
            apart = max(apart, _apart(parts.sum(1) + passed.bias(layer), whole))
        attention, mlp, inputs = passed.attention.double(), passed.mlp.double(), passed.inputs.double()
        after = passed.family.norms == "after"
        total = None if after else _apart(inputs[0] + attention.sum(0) + mlp.sum(0), passed.last.double())
        stream = torch.cat([inputs, passed.last[None].double()]).norm(dim=-1)
        arrays = {
            "stream": stream,
            "attention": attention.norm(dim=-1),
            "attention_cosine": _cosine(attention, inputs),
            "mlp": mlp.norm(dim=-1),
            "mlp_cosine": _cosine(mlp, passed.middle.double()),
            "heads": torch.stack(heads),
            "heads_cosine": torch.stack(cosines),
        }
    return StreamTrace(
        source=lm.source(text),
        token_table=passed.encoding.token_table,
        first=passed.kept.start,
        norms=passed.family.norms,
        difference=apart,
        sum_difference=total,
        **{name: np.ascontiguousarray(array.float().cpu().numpy()) for name, array in arrays.items()},
    )


def _cosine(part: torch.Tensor, stream: torch.Tensor) -> torch.Tensor:
    """[...] of the angle between two [..., dimension]; 0 where one of them is nothing."""
    lengths = part.norm(dim=-1) * stream.norm(dim=-1)
    return (part * stream).sum(-1) / torch.where(lengths > 0, lengths, torch.ones_like(lengths))


def _apart(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """The largest difference, as a share of the largest number."""
    largest = float(theirs.abs().max())
    return float((ours - theirs).abs().max()) / largest if largest else 0.0


def _stream(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    return written(lm, request.text, **window(dict(request.settings)), progress=progress)


def window(settings: dict[str, str]) -> dict[str, Any]:
    """Which positions a request asks for, as `run` takes it.

    Raises:
        InputError: they are no whole numbers.
    """
    count = numbers_in.whole(settings, "count", "0")
    return {"first": numbers_in.whole(settings, "first", "-1"), "count": count if count > 0 else None}


# What the engine runs for a request, by the name of its analysis. Settings: first and count (left out: all positions).
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"stream": _stream}

"""How does a model know what stands where, and what does that do to a query and a key?

    sinusoidal   sin and cos of p / base^(2i/d), added to the vector    (Vaswani et al. 2017, arXiv:1706.03762)
    learned      a row of a table for each position, added as well      (Gehring et al. 2017, arXiv:1705.03122)
    RoPE         each pair of a query and a key turned by p * frequency (Su et al. 2021, arXiv:2104.09864)
    ALiBi        score - slope * distance, a slope for each head        (Press et al. 2021, arXiv:2108.12409)

`ways` says which of them a model has. `rotated` takes one token's queries and another's keys out of a real pass, before
they are turned, so that their score can be followed over all distances. Each formula is held against transformers:
the sines against its table, the slopes against BLOOM's, the scores against the model's own rotary module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import adapters, embedding_table, forward
from models import forward_arithmetic as arithmetic
from models.traces import InputError, RotatedTrace, Trace, WayTrace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

POSITIONS: Final = 128  # rows of a learned table that are shown
FURTHEST: Final = 512  # distance, in positions
SHIFTS: Final = (1, 10, 100, 512)  # by which both positions are moved
DIMENSIONS: Final = (8, 16, 32, 64, 128, 256, 512)  # of a table of sines, that are checked
HEADS: Final = 64  # numbers of heads, up to this one, whose slopes are checked


def ways(lm: LanguageModel) -> WayTrace:
    """The way in which the model knows positions.

    Raises:
        InputError: none of the ways here is found in it.
    """
    empty: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)
    found: dict[str, Any] = {"kind": "alibi", "table": empty, "frequencies": empty[0:1].ravel(), "turned": 0.0}
    if not adapters.alibi(lm):
        trace = embedding_table.positions(lm, count=POSITIONS)
        table = embedding_table.learned(lm) if trace.kind == "learned" else None
        found = {
            "kind": trace.kind,
            "table": empty if table is None else table[:POSITIONS],
            "frequencies": trace.frequencies[0],
            "turned": trace.turned,
        }
    return WayTrace(
        source=lm.source(""),
        heads=lm.heads,
        reach=int(getattr(lm.config, "max_position_embeddings", 0) or 0),
        base=_base(lm) if found["kind"] == "rotary" else 0.0,
        sinusoidal=_sinusoidal_off(),
        alibi=_alibi_off(),
        **found,
    )


def _base(lm: LanguageModel) -> float:
    """Of the frequencies base^(-2i/d), by the config."""
    settings = getattr(lm.config, "rope_parameters", None) or {}
    return float(settings.get("rope_theta") or getattr(lm.config, "rope_theta", 0) or 0)


def sinusoidal(positions: int, dimensions: int, base: float) -> NDArray[np.float64]:
    """[position, dimension] sines at even dimensions, cosines at odd ones."""
    angles = np.arange(positions)[:, None] / base ** (np.arange(0, dimensions, 2) / dimensions)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(positions, dimensions)


def _sinusoidal_off() -> float:
    """How far our table is from that of transformers, at most: Marian's, which has the sines before the cosines."""
    from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding

    apart = []
    for dimensions in DIMENSIONS:
        theirs: Any = MarianSinusoidalPositionalEmbedding(FURTHEST, dimensions)
        table = theirs.create_weight().double().numpy()
        ours = sinusoidal(FURTHEST, dimensions, 10_000.0)
        apart.append(np.abs(np.concatenate([ours[:, 0::2], ours[:, 1::2]], axis=1) - table).max())
    return float(max(apart))


def _alibi_off() -> float:
    """How far our slopes are from those of transformers' BLOOM, at most."""
    from transformers.models.bloom.modeling_bloom import build_alibi_tensor

    apart = []
    for heads in range(1, HEADS + 1):
        theirs = build_alibi_tensor(torch.ones(1, 2), heads, torch.float32)[:, 0, 1]  # of the second position
        apart.append(float((theirs - arithmetic.slopes(heads)).abs().max()))
    return max(apart)


def rotated(lm: LanguageModel, text: str, *, token: int, key: int) -> RotatedTrace:
    """One token's queries and another's keys, and their scores at every distance.

    Args:
        lm: a model with RoPE, of a family in models/adapters.py.
        text: what it reads.
        token: the position of the token whose queries are taken, from the end where it is negative.
        key: that of the token whose keys are taken; of a text that is too short to have it, the first.

    Raises:
        InputError: the model has no RoPE, its family no adapter, or the text no such token.
    """
    family = adapters.of(lm)
    if not family.rotary:
        raise InputError(f"{lm.name} has no rotary positions; choose a model that has, such as smollm2-135m.")
    walked = forward.walk(lm, text, position=token)
    token, count = int(walked.positions[0]), len(walked.token_table)
    if key >= count:
        raise InputError(f"There is no token {key} in a text of {count:,}; choose one from 0 to {count - 1:,}.")
    key = key % count if key >= -count else 0
    other = walked if key == token else forward.walk(lm, text, position=key)
    normed = bool(family.query_norm)
    rotary: Any = lm.model.base_model.get_submodule(family.rotary)
    trace = RotatedTrace(
        source=lm.source(text),
        token_table=walked.token_table,
        token=token,
        key=key,
        frequencies=rotary.inv_freq.float().cpu().numpy(),
        scaling=float(rotary.attention_scaling),
        scales=walked.scales,
        softcap=walked.softcap,
        queries=walked.tensors["attention.query_norm" if normed else "attention.query"][:, 0],
        keys=_of_token(other.tensors["attention.key_norm" if normed else "attention.key"], key),
        scores=walked.tensors["attention.scores"][:, :, 0, key],
        difference=0.0,
        shifted=0.0,
        own=0.0,
    )
    return _checked(trace, rotary)


def _of_token(keys: NDArray[np.float32], token: int) -> NDArray[np.float32]:
    """[layer, head, size] one token's, of the kept token's alone or of all."""
    return keys[:, token if keys.shape[1] > 1 else 0]


def _checked(trace: RotatedTrace, rotary: Any) -> RotatedTrace:
    """The trace with what transformers makes of the same vectors, and the model of the two tokens, beside it."""
    from dataclasses import replace

    ours = trace.by_distance(FURTHEST)
    theirs = _library(trace, rotary, 0)
    largest = float(np.abs(theirs).max())
    moved = max(float(np.abs(_library(trace, rotary, shift) - theirs).max()) for shift in SHIFTS)
    apart = trace.token - trace.key
    own = ours[:, :, apart] if 0 <= apart < FURTHEST else trace.scores.astype(np.float64)
    if trace.softcap:
        own = trace.softcap * np.tanh(own / trace.softcap)
    return replace(
        trace,
        difference=float(np.abs(ours - theirs).max()) / largest,
        shifted=moved / largest,
        own=float(np.abs(own - trace.scores).max() / np.abs(trace.scores).max()),
    )


def _library(trace: RotatedTrace, rotary: Any, shift: int) -> NDArray[np.float64]:
    """[layer, head, distance] with the query at the last position, moved by `shift`, and the key at each before it."""
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    device = rotary.inv_freq.device
    places = torch.arange(shift, shift + FURTHEST, device=device)[None]
    found = []
    with torch.inference_mode():
        cosine, sine = rotary(torch.zeros(1, device=device), places)
        width = cosine.shape[-1]
        for layer, scale in enumerate(trace.scales):
            query, key = (torch.from_numpy(each[layer]).to(device) for each in (trace.queries, trace.keys))
            key = key.repeat_interleave(len(query) // len(key), dim=0)
            many = (1, len(query), FURTHEST, width)
            turned = apply_rotary_pos_emb(
                query[None, :, None, :width].expand(many), key[None, :, None, :width].expand(many), cosine, sine
            )
            last = torch.cat([turned[0][0, :, -1], query[:, width:]], dim=-1)  # [head, size]
            rest = key[:, None, width:].expand(-1, FURTHEST, -1)
            products = torch.cat([turned[1][0], rest], dim=-1) @ last[:, :, None]
            found.append(products[:, :, 0].flip(1).double().cpu().numpy() * scale)
    return np.stack(found)


def _ways(lm: LanguageModel, _request: Request, _progress: Progress) -> Trace:
    return ways(lm)


def _rotated(lm: LanguageModel, request: Request, _progress: Progress) -> Trace:
    settings = dict(request.settings)
    return rotated(lm, request.text, token=int(settings["token"]), key=int(settings["key"]))


ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"ways": _ways, "rotated": _rotated}

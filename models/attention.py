"""What does every attention head look at, and how can a head's habit be put in a number?

    weights[layer, head, query, key] = softmax over key of (query . key / sqrt(head size) + mask)

(Vaswani et al., "Attention Is All You Need", 2017). The weights are the model's own: they are read out of its eager
forward pass, not computed again here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.traces import AttentionTrace, InductionTrace, InputError, Tokens

if TYPE_CHECKING:
    from models.language_model import LanguageModel
    from models.progress import Progress

INDUCTION_LENGTH: Final = 48


def trace(lm: LanguageModel, text: str, pair: str | None = None, *, progress: Progress | None = None) -> AttentionTrace:
    """Every attention weight of one forward pass, in float32.

    Args:
        lm: the model.
        text: what it reads.
        pair: a second text, for encoders.
        progress: called before each layer; may raise `Cancelled`.

    Raises:
        InputError: the text can't be used, or the model has no attention weights to show.
    """
    encoding = lm.encode(text, pair)
    weights = _weights(lm, encoding.inputs, progress)
    causal = not weights[:, :, 0, 1:].any()  # the first token sees no other
    return AttentionTrace(
        source=lm.source(text, pair),
        token_table=encoding.token_table,
        weights=weights,
        causal=causal,
        windows=windows(lm.config, lm.layers, causal),
        key_value_heads=_key_value_heads(lm.config, weights.shape[1]),
    )


def _weights(lm: LanguageModel, inputs: dict[str, Any], progress: Progress | None) -> NDArray[np.float32]:
    """float32 [layer, head, query, key] of one pass."""
    import torch

    attentions = lm.forward(inputs, progress, output_attentions=True, use_cache=False).attentions
    if not attentions or len(attentions) != lm.layers or any(layer is None for layer in attentions):
        found = sum(layer is not None for layer in attentions or ())
        raise InputError(
            f"{lm.name} gives attention weights for {found} of its {lm.layers} layers; "
            "choose a model whose every layer has them."
        )
    shapes = {tuple(layer.shape) for layer in attentions}
    if len(shapes) != 1:
        raise InputError(f"The layers of {lm.name} differ in their number of heads; this page needs the same in each.")
    weights: NDArray[np.float32] = torch.cat(attentions).float().cpu().numpy()  # each is [1, head, query, key]
    return weights


def windows(config: Any, layers: int, causal: bool) -> NDArray[np.int64]:
    """[layer] how far a query sees, itself included, by the config; 0 where there is no limit."""
    window = getattr(config, "sliding_window", None) or 0
    if getattr(config, "use_sliding_window", True) is False:
        window = 0
    kinds = getattr(config, "layer_types", None) or ["sliding_attention"] * layers
    if not causal and window:
        window = window // 2 + 1  # an encoder's window reaches half to each side
    return np.array([window if kind == "sliding_attention" else 0 for kind in kinds], dtype=np.int64)


def _key_value_heads(config: Any, heads: int) -> NDArray[np.int64]:
    """[head] the key/value head that each query head reads (grouped-query attention, Ainslie et al. 2023)."""
    shared = getattr(config, "num_key_value_heads", None)
    if config.model_type == "falcon":  # its config says it in three fields
        shared = config.num_kv_heads if config.new_decoder_architecture else 1 if config.multi_query else heads
    elif getattr(config, "multi_query", False):
        shared = 1
    return np.arange(heads, dtype=np.int64) // (heads // (shared or heads))


def induction(
    lm: LanguageModel, *, length: int = INDUCTION_LENGTH, seed: int = 0, progress: Progress | None = None
) -> InductionTrace:
    """How strongly each head looks for "what came after this token last time".

    The model reads a sequence of `length` random tokens twice over. Nothing in it can be guessed but by finding the
    earlier copy, so the score of a head is its mean weight, over the second half, on the token that follows the
    query's earlier occurrence (Olsson et al., "In-context Learning and Induction Heads", 2022).

    Raises:
        InputError: the model reads both ways, so that it needs no induction, or its positions are too few.
    """
    import torch

    if not lm.generates:
        raise InputError(
            f"{lm.name} reads both ways; induction heads are looked for in models that read left to right."
        )
    length = min(length, (lm.max_tokens - 1) // 2)
    if length < 4:
        raise InputError(f"{lm.name} reads only {lm.max_tokens} tokens; finding induction heads needs at least 9.")
    special = set(lm.tokenizer.all_special_ids)
    ordinary = np.array([number for number in range(lm.config.vocab_size) if number not in special])
    chosen = np.random.default_rng(seed).choice(ordinary, size=length, replace=len(ordinary) < length)
    start = [lm.tokenizer.bos_token_id] if lm.tokenizer.bos_token_id is not None else []
    ids = torch.tensor([[*start, *chosen, *chosen]], device=lm.device)
    weights = _weights(lm, {"input_ids": ids, "attention_mask": torch.ones_like(ids)}, progress)
    queries = np.arange(len(start) + length, len(start) + 2 * length)
    scores = weights[:, :, queries, queries - length + 1].mean(axis=-1)
    return InductionTrace(lm.source(""), scores, length, seed)


@dataclass(frozen=True)
class Measure:
    """One number for each head."""

    key: str
    name: str
    explanation: str
    unit: str  # "" for a share from 0 to 1


MEASURES: Final = (
    Measure("previous", "Previous token", "Mean weight on the token just before the query.", ""),
    Measure("same", "Same token", "Mean weight that a token gives to itself.", ""),
    Measure("first", "First token", "Mean weight on the first token, where heads rest (a sink).", ""),
    Measure("duplicate", "Duplicate token", "Mean weight on other copies of the query's token.", ""),
    Measure("induction", "Induction", "On random tokens read twice: mean weight on what came next the first time.", ""),
    Measure("entropy", "Entropy", "How spread out the weights are: 0 bits is one token, 3 bits like eight.", "bits"),
    Measure("distance", "Mean distance", "How many tokens away, on average, the weight lies.", "tokens"),
)  # fmt: skip


def measures(trace: AttentionTrace, scores: InductionTrace | None = None) -> NDArray[np.float32]:
    """The habits of every head on this text, in the order of `MEASURES`.

    Args:
        trace: the weights.
        scores: the induction scores of the same model; without them that measure is NaN.

    Returns:
        float32 [measure, layer, head]; NaN where a measure has nothing to go by (no token occurs twice).
    """
    count = len(trace.token_table)
    ids = trace.token_table.ids
    position = np.arange(count)
    distance = np.abs(position[:, None] - position[None, :]).astype(np.float32)
    twin = ids[:, None] == ids[None, :]
    np.fill_diagonal(twin, False)
    if trace.causal:
        twin = np.tril(twin)
    repeats = twin.any(axis=1)

    result = np.full((len(MEASURES), trace.layers, trace.heads), np.nan, dtype=np.float32)
    for layer, weights in enumerate(trace.weights):  # [head, query, key]; by layer, to bound memory
        if count > 1:
            result[0, layer] = weights[:, position[1:], position[:-1]].mean(axis=-1)
            result[2, layer] = weights[:, 1:, 0].mean(axis=-1)
        result[1, layer] = weights[:, position, position].mean(axis=-1)
        if repeats.any():
            result[3, layer] = (weights * twin).sum(axis=-1)[:, repeats].mean(axis=-1)
        logarithm = np.log2(weights, out=np.zeros_like(weights), where=weights > 0)
        result[5, layer] = -(weights * logarithm).sum(axis=-1).mean(axis=-1)
        result[6, layer] = (weights * distance).sum(axis=-1).mean(axis=-1)
    if scores is not None:
        result[4] = scores.scores
    return result


def mean(trace: AttentionTrace) -> NDArray[np.float32]:
    """float32 [layer, query, key]: the plain average over heads."""
    return trace.weights.mean(axis=1)


def rollout(trace: AttentionTrace) -> NDArray[np.float32]:
    """Attention rollout: how much of each input token reaches each position, if attention were all that moved it.

        rollout[layer] = (1/2 mean over heads of weights[layer] + 1/2 identity) @ rollout[layer - 1]

    (Abnar and Zuidema, "Quantifying Attention Flow in Transformers", 2020). The half is the residual stream's share
    by assumption, not by measurement.

    Returns:
        float32 [layer, query, key]; every row sums to 1.
    """
    identity = np.eye(len(trace.token_table), dtype=np.float32)
    flows = np.empty((trace.layers, *identity.shape), dtype=np.float32)
    before = identity
    for layer, average in enumerate(mean(trace)):
        before = (average + identity) / 2 @ before
        flows[layer] = before
    return flows


def hide_special(trace: AttentionTrace) -> AttentionTrace:
    """The trace without the tokens that the tokenizer added; the rows that remain are scaled to sum to 1 again.

    A row whose whole weight lay on special tokens has nothing left to scale and stays 0.
    """
    table = trace.token_table
    kept = np.array([number for number, kind in enumerate(table.kinds) if kind != "special"], dtype=np.int64)
    if len(kept) in (0, len(table)):
        return trace
    weights = trace.weights[:, :, kept[:, None], kept[None, :]]
    total = weights.sum(axis=-1, keepdims=True, dtype=np.float64)
    fields = {
        name: tuple(getattr(table, name)[number] for number in kept)
        for name in ("pieces", "texts", "raw", "kinds", "segments", "spans", "parts")
    }
    return replace(
        trace,
        token_table=Tokens(ids=table.ids[kept], **fields),
        weights=np.divide(weights, total, out=np.zeros_like(weights), where=total > 0, casting="same_kind"),
    )

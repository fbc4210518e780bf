"""What does a batch with a longer text make of a shorter one?

Texts of one batch must be equally long, so the shorter one is filled up with a token that means nothing, on its left or
on its right. Nothing should change if the attention mask hides these tokens; without it they are read like words.
Positions are counted from the batch's first column, or from the text's own first token, as `generate` does (the running
sum of the mask, less one); they are handed over in either case, since a plain forward of some families (OPT, RoBERTa)
counts them by the mask or by the ids. All eight ways run, each with the longer text in the same batch, and are held
against the shorter text alone.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import embedding_table, switched_off, vocabulary
from models.traces import InputError, PaddedTrace, Trace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

LIKELY: Final = 5  # of the most probable tokens, for each way


def trace(lm: LanguageModel, text: str, other: str, *, progress: Progress | None = None) -> PaddedTrace:
    """The shorter of two texts in one batch with the longer one.

    Args:
        lm: the model.
        text: a text.
        other: another one, of another number of tokens.
        progress: called before each batch; may raise `Cancelled`.

    Raises:
        InputError: a text can't be used, both have equally many tokens, or an edge of the attention is cut.
    """
    if any(part.edge is not None for part in switched_off.in_force(lm)):
        raise InputError(
            "An edge of attention is cut between two places of a text; where a batch is filled up, other tokens stand "
            "there. Bring it back to see what padding does."
        )
    encodings = [lm.encode(text), lm.encode(other)]
    counts = [len(encoding.ids) for encoding in encodings]
    if counts[0] == counts[1]:
        raise InputError(
            f"Both texts have {counts[0]:,} token{'s' if counts[0] != 1 else ''}, so nothing is filled up; "
            "make one of them longer."
        )
    short, long = sorted(encodings, key=lambda encoding: len(encoding.ids))
    padding, borrowed = _padding(lm)
    alone_states, alone_logits = _pass(lm, {"input_ids": short.ids[None]})
    ways, own, last, states = list(itertools.product(range(2), repeat=3)), [], [], []
    for number, (side, masked, counted) in enumerate(ways):
        if progress is not None:
            progress(f"Batch {number + 1} of {len(ways)}", number / len(ways))
        inputs, begin = _batch(lm, short.ids, long.ids, padding, side=side, masked=bool(masked), counted=bool(counted))
        found, logits = _pass(lm, inputs)
        states.append(found[0, begin : begin + len(short.ids)])
        if logits is not None:
            own.append(logits[0, begin + len(short.ids) - 1])
            last.append(logits[0, -1])
    together = torch.stack(states).double()  # [way, token, dimension]
    alone = alone_states[0].double()
    apart = (together - alone).abs().amax(-1) / alone.abs().max()
    cosines = torch.nn.functional.cosine_similarity(together, alone.expand_as(together), dim=-1)
    count = len(short.ids)
    return PaddedTrace(
        source=lm.source(short.text, long.text),
        token_table=short.token_table,
        longer_texts=long.token_table.texts,
        swapped=counts[0] > counts[1],
        padding=padding,
        padding_text=str(lm.tokenizer.convert_ids_to_tokens(padding) or padding),
        padding_borrowed=borrowed,
        padding_side=str(lm.tokenizer.padding_side),
        counted=_takes_positions(lm),
        differences=apart.cpu().numpy().reshape(2, 2, 2, count),
        cosines=cosines.cpu().numpy().reshape(2, 2, 2, count),
        **_predicted(lm, alone_logits, own, last),
    )


def _padding(lm: LanguageModel) -> tuple[int, bool]:
    """The id of the token that fills up, and whether it is borrowed from another use."""
    if lm.tokenizer.pad_token_id is not None:
        return int(lm.tokenizer.pad_token_id), False
    ends = sorted(lm.ends)
    return (ends[0] if ends else 0), True


def _takes_positions(lm: LanguageModel) -> bool:
    return "position_ids" in inspect.signature(lm.model.forward).parameters


def _batch(
    lm: LanguageModel,
    short: torch.Tensor,
    long: torch.Tensor,
    padding: int,
    *,
    side: int,
    masked: bool,
    counted: bool,
) -> tuple[dict[str, torch.Tensor], int]:
    """What the model is given, the shorter text first [2, token], and the column at which that text begins."""
    missing = len(long) - len(short)
    filler = short.new_full((missing,), padding)
    filled, begin = (torch.cat([short, filler]), 0) if side else (torch.cat([filler, short]), missing)
    mask = torch.ones(2, len(long), dtype=torch.long, device=lm.device)
    mask[0, :begin] = 0
    mask[0, begin + len(short) :] = 0
    inputs = {"input_ids": torch.stack([filled, long])}
    inputs["attention_mask"] = mask if masked else torch.ones_like(mask)
    if _takes_positions(lm):
        running = mask if counted else torch.ones_like(mask)
        inputs["position_ids"] = (running.cumsum(-1) - 1).clamp_min(0) + embedding_table.first_position(lm)
    return inputs, begin


def _pass(lm: LanguageModel, inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor | None]:
    """[text, token, dimension] what leaves the last layer, and [text, token, vocabulary] of a model with a head."""
    if not lm.generates or lm.model.get_output_embeddings() is None:
        return lm.forward(inputs).last_hidden_state, None
    with lm.lock, torch.inference_mode():
        found = lm.model(**inputs, use_cache=False, output_hidden_states=True)
    return found.hidden_states[-1], found.logits


def _predicted(
    lm: LanguageModel, alone: torch.Tensor | None, own: list[torch.Tensor], last: list[torch.Tensor]
) -> dict[str, Any]:
    """What comes next by each way; nothing of a model without a next token."""
    if alone is None:
        none = np.zeros((2, 2, 2, 0))
        return {
            "candidates": np.zeros(0, np.int64),
            "texts": (),
            "alone": np.zeros(0),
            "probabilities": none,
            "at_the_end": none,
            "divergences": np.zeros((2, 2, 2)),
        }
    logs = torch.stack([alone[0, -1], *own, *last]).double().log_softmax(-1).cpu().numpy()
    candidates = np.unique(np.argsort(-logs, axis=-1, kind="stable")[:, :LIKELY])
    finite = np.maximum(logs, -1e4)  # 0 * -inf has no value
    ways = len(own)
    divergences = (np.exp(logs[0]) * (finite[0] - finite[1 : ways + 1])).sum(-1) / np.log(2)
    chosen = np.exp(logs[:, candidates])
    return {
        "candidates": candidates.astype(np.int64),
        "texts": vocabulary.texts(lm.tokenizer, candidates.tolist()),
        "alone": chosen[0],
        "probabilities": chosen[1 : ways + 1].reshape(2, 2, 2, -1),
        "at_the_end": chosen[ways + 1 :].reshape(2, 2, 2, -1),
        "divergences": np.maximum(0, divergences).reshape(2, 2, 2),
    }


def _padded(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    return trace(lm, request.text, request.pair or "", progress=progress)


# What the engine runs for a request, by the name of its analysis. Its pair is the second text.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"padded": _padded}

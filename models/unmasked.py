"""What leaks where the causal mask is lifted, and what does an encoder lose where one is put on?

The mask is handed to the model's own forward as its four-dimensional `attention_mask` [1, 1, query, key], which
transformers adds to the scores as it is: 0 where a query may look, the least float where it may not. Nothing of the
model is changed. Three passes: the model's own, the same mask handed over (the check: its numbers must be the model's
own), and the other one. Whether the other one has arrived is read from the attention weights themselves.

With p what the model gives to the token that does come next:

    surprisal   -log2 p                            bits
    KL          sum own log2(own / other)          bits, over the whole vocabulary

A decoder has never learned with its mask lifted. What it then shows is only how far its heads copy what they find.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import attention, numbers_in, vocabulary
from models.traces import InputError, Trace, UnmaskedTrace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

SHOWN: Final = 64  # tokens whose attention is kept
LIKELY: Final = 5


def trace(lm: LanguageModel, text: str, *, first: int = -1, progress: Progress | None = None) -> UnmaskedTrace:
    """One text read with the model's own mask and with the other one.

    Args:
        lm: the model.
        text: what it reads.
        first: the first of the `SHOWN` tokens whose attention is kept; -1: that of the last ones.
        progress: called before each pass; may raise `Cancelled`.

    Raises:
        InputError: the text can't be used, or the model doesn't take another mask.
    """
    encoding = lm.encode(text)
    count = len(encoding.ids)
    if count < 2:
        raise InputError("A text of one token has nothing that comes later; type a few words.")
    causal = lm.generates
    windows = attention.windows(lm.config, lm.layers, causal)
    if ((windows > 0) & (windows < count)).any():
        raise InputError(
            f"Some layers of {lm.name} see only the last {int(windows[windows > 0].min()):,} tokens, and this text has "
            f"{count:,}: its mask is more than the causal one. A shorter text works."
        )
    hidden = torch.full((count, count), torch.finfo(lm.model.dtype).min, dtype=lm.model.dtype, device=lm.device)
    masks = [hidden.triu(1)[None, None], torch.zeros_like(hidden)[None, None]]  # causal, and none
    own_mask, other_mask = masks if causal else reversed(masks)
    own = _pass(lm, encoding.inputs, 0, progress)
    given = dict(encoding.inputs)
    if causal and "position_ids" in inspect.signature(lm.model.forward).parameters:
        given["position_ids"] = torch.arange(count, device=lm.device)[None]  # OPT would count them from the mask
    try:
        again = _pass(lm, given | {"attention_mask": own_mask}, 1, progress)
        other = _pass(lm, given | {"attention_mask": other_mask}, 2, progress)
    except (TypeError, ValueError, RuntimeError, IndexError) as error:
        raise _refused(lm) from error
    if any(layer is None or layer.dim() != 4 for layer in other.attentions or [None]):  # RWKV calls its states so
        raise _refused(lm)
    seen = torch.stack([layer[0].triu(1).sum() for layer in other.attentions])
    if not bool(((seen > 0) if causal else (seen == 0)).all()):
        raise _refused(lm)
    start = max(0, count - SHOWN) if first < 0 else min(first, max(0, count - SHOWN))
    shown = slice(start, start + SHOWN)
    weights = [torch.stack([layer[0, :, shown, shown] for layer in each.attentions]) for each in (own, other)]
    open_pass = other if causal else own
    later = torch.stack([layer[0].triu(1).sum(-1).mean(-1) for layer in open_pass.attentions])
    states = [torch.cat(each.hidden_states).double() for each in (own, other)]  # [layer + 1, token, dimension]
    return UnmaskedTrace(
        source=lm.source(text),
        token_table=encoding.token_table,
        causal=causal,
        first=start,
        weights=torch.stack(weights).float().cpu().numpy(),
        later=later.double().cpu().numpy(),
        cosines=torch.nn.functional.cosine_similarity(states[0], states[1], dim=-1).cpu().numpy(),
        **_predicted(lm, encoding.ids, own, other),
        difference=_apart(own, again),
    )


def _pass(lm: LanguageModel, inputs: dict[str, torch.Tensor], number: int, progress: Progress | None) -> Any:
    """What transformers gives back, attention weights and hidden states with it, and logits where there is a head."""
    if progress is not None:
        progress(f"Pass {number + 1} of 3", number / 3)
    model = lm.model if lm.generates else lm.model.base_model
    options = {"use_cache": False} if lm.generates else {}
    with lm.lock, torch.inference_mode():
        return model(**inputs, output_attentions=True, output_hidden_states=True, **options)


def _apart(own: Any, again: Any) -> float:
    ours, theirs = (each.get("logits") if "logits" in each else each.last_hidden_state for each in (again, own))
    return float((ours - theirs).abs().max() / theirs.abs().max())


def _predicted(lm: LanguageModel, ids: torch.Tensor, own: Any, other: Any) -> dict[str, Any]:
    """What is predicted behind each token, both ways; nothing of a model without a next token."""
    count = len(ids)
    if "logits" not in own:
        return {
            "likely": np.zeros((2, count, 0), np.int64),
            "likely_texts": tuple(tuple(() for _ in range(count)) for _ in range(2)),
            "likely_probabilities": np.zeros((2, count, 0), np.float32),
            "true_probabilities": np.zeros((2, 0)),
            "divergences": np.zeros(0),
        }
    logs: NDArray[np.float64] = torch.stack([own.logits[0], other.logits[0]]).double().log_softmax(-1).cpu().numpy()
    likely = np.argsort(-logs, axis=-1, kind="stable")[..., :LIKELY]
    flat = likely.reshape(-1, likely.shape[-1])
    texts = [tuple(vocabulary.texts(lm.tokenizer, row.tolist())) for row in flat]
    true = logs[:, np.arange(count - 1), ids[1:].cpu().numpy()]
    finite = np.maximum(logs, -1e4)  # 0 * -inf has no value
    divergences = (np.exp(logs[0]) * (finite[0] - finite[1])).sum(-1) / np.log(2)
    return {
        "likely": likely.astype(np.int64),
        "likely_texts": (tuple(texts[:count]), tuple(texts[count:])),
        "likely_probabilities": np.exp(np.take_along_axis(logs, likely, -1)).astype(np.float32),
        "true_probabilities": np.exp(true),
        "divergences": np.maximum(0, divergences),
    }


def _refused(lm: LanguageModel) -> InputError:
    return InputError(
        f"{lm.name} (family {lm.config.model_type}) doesn't take a mask of one's own for every two tokens; choose "
        "another model, such as smollm2-135m."
    )


def _unmasked(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    return trace(lm, request.text, first=numbers_in.whole(settings, "first", "-1"), progress=progress)


# What the engine runs for a request, by the name of its analysis. Settings: first.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"unmasked": _unmasked}

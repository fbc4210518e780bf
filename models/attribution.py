"""Which part of the model speaks for one token rather than another?

The residual stream is a sum: what enters the first layer, what each head writes, what each MLP writes. With the final
norm's scale held at what it really is behind this position, the way from the stream to the logits is linear, so that
the difference of two logits is a sum too (direct logit attribution: Elhage et al., "A Mathematical Framework for
Transformer Circuits", 2021):

    logit[token] - logit[rival] = sum over parts of part . u + constant
    u = scale w (row of the token - row of the rival); behind a LayerNorm, less its own mean

What a head does by way of later layers is not in its share. Where norms stand behind the parts too (Gemma 2), each of
these keeps its real scale as well. The vectors are the model's own, as `stream.run` gives them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import adapters, lens, stream, vocabulary
from models.traces import AttributionTrace, InputError, Trace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

LIKELY: Final = 8  # of the likeliest tokens, at each position


def attribute(
    lm: LanguageModel,
    text: str,
    token: int | None = None,
    rival: int | None = None,
    *,
    first: int = -1,
    count: int | None = 1,
    progress: Progress | None = None,
) -> AttributionTrace:
    """The difference of two logits behind each of some positions, split over the embedding, the heads and the MLPs.

    Args:
        lm: a model that predicts a next token.
        text: what it reads.
        token: the id of the token that they speak for; None: the likeliest at each position.
        rival: the id of the other one; None: the likeliest that is not `token`.
        first: of a text of more than `count` tokens, the first position; -1: that of the last ones.
        count: how many positions at most; None: all.
        progress: called before each layer; may raise `Cancelled`.

    Raises:
        InputError: as `stream.run`; the model predicts no next token, or has no stream that is a sum; a token doesn't
            exist, or is its own rival.
    """
    lm.check_next_token()
    family = adapters.of(lm)
    if family.norms == "after":
        raise InputError(
            f"{lm.name} normalises its stream after every step, so that it is no sum of parts; choose another model."
        )
    head: Any = lm.model.get_output_embeddings()
    size = int(head.weight.shape[0])
    if any(each is not None and not 0 <= each < size for each in (token, rival)):
        raise InputError(f"{lm.name} has {size:,} tokens; choose two with ids from 0 to {size - 1:,}.")
    if token is not None and token == rival:
        raise InputError(f"The token and its rival are both #{token}; choose two different ones.")
    with torch.inference_mode():
        passed = stream.run(lm, text, first=first, count=count, progress=progress)
        logits = passed.logits.double()
        probabilities, likely = logits.softmax(-1).topk(min(LIKELY, size))
        tokens, rivals = _pairs(likely[:, :3].cpu().numpy(), token, rival)
        total = _uncapped(lm, logits.gather(1, torch.from_numpy(np.stack([tokens, rivals], axis=1)).to(lm.device)))
        direction = head.weight[tokens].double() - head.weight[rivals].double()  # [position, dimension]
        constant = torch.zeros(len(tokens), device=lm.device, dtype=torch.float64)
        if head.bias is not None:
            constant = constant + head.bias[tokens].double() - head.bias[rivals].double()
        through = direction
        if family.final_norm:
            norm: Any = lm.model.base_model.get_submodule(family.final_norm)
            through = direction * stream.held(norm, passed.last, family.norm_offset)
            if isinstance(norm, torch.nn.LayerNorm):
                through = through - through.mean(-1, keepdim=True)
            if getattr(norm, "bias", None) is not None:
                constant = constant + direction @ norm.bias.double()
        heads, biases = [], []
        for layer, mixed in enumerate(passed.mixed.double()):
            weight, bias = passed.projection(layer)
            read = through * passed.scales[layer]
            heads.append((mixed * (read @ weight).reshape(mixed.shape)).sum(-1))
            biases.append(torch.zeros_like(constant) if bias is None else read @ bias)
        parts = {
            "totals": total[:, 0] - total[:, 1],
            "embedding": (passed.inputs[0].double() * through).sum(-1),
            "heads": torch.stack(heads, dim=1),
            "attention_bias": torch.stack(biases, dim=1),
            "mlps": (passed.mlp.double() * through).sum(-1).T,
            "constant": constant,
        }
    entries = np.unique(np.concatenate([likely.cpu().numpy().ravel(), tokens, rivals]))
    texts = vocabulary.texts(lm.tokenizer, entries.tolist())
    return AttributionTrace(
        source=lm.source(text),
        token_table=passed.encoding.token_table,
        first=passed.kept.start,
        tokens=tokens,
        rivals=rivals,
        likely=likely.cpu().numpy(),
        probabilities=probabilities.float().cpu().numpy(),
        entries=entries,
        texts=texts,
        names=tuple(_name(lm, number, words) for number, words in zip(entries.tolist(), texts, strict=True)),
        **{name: np.ascontiguousarray(part.cpu().numpy()) for name, part in parts.items()},
    )


def _pairs(likely: Any, token: int | None, rival: int | None) -> tuple[Any, Any]:
    """[position] each: the two tokens that are asked for, or the likeliest that aren't the other one."""
    pairs = []
    for row in likely.tolist():
        own = next(each for each in row if each != rival) if token is None else token
        pairs.append((own, next(each for each in row if each != own) if rival is None else rival))
    return tuple(np.array(pairs, dtype=np.int64).T)


def _uncapped(lm: LanguageModel, logits: torch.Tensor) -> torch.Tensor:
    """Logits as they are before they are capped: cap tanh(logit / cap) stands in a few models behind the head."""
    cap = getattr(lm.config, "final_logit_softcapping", None)
    return cap * torch.atanh(logits / cap) if cap else logits


def _name(lm: LanguageModel, token: int, text: str) -> str:
    """What a person can type to mean this token: its text, if that means no other one, else "#" and its id."""
    typed = text.removeprefix(" ")
    if typed and typed.isprintable() and typed == typed.strip() and not typed.startswith("#"):
        try:
            if lens.typed(lm, typed) == token:
                return typed
        except InputError:
            pass
    return f"#{token}"


def _attribution(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    lm.check_next_token()
    pair = (lens.typed(lm, settings[name]) if settings.get(name) else None for name in ("answer", "rival"))
    return attribute(lm, request.text, *pair, **stream.window(settings), progress=progress)


# What the engine runs for a request, by the name of its analysis. Settings: answer and rival (as `lens.typed` reads
# them; left out: the two likeliest), first and count (left out: all positions).
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"attribution": _attribution}

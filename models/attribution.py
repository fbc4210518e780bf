"""Which part of the model speaks for one token rather than another?

The residual stream is a sum: what enters the first layer, what each head writes, what each MLP writes. With the final
norm's scale held at what it really is behind this position, the way from the stream to the logits is linear, so that
the difference of two logits is a sum too (direct logit attribution: Elhage et al., "A Mathematical Framework for
Transformer Circuits", 2021):

    logit[token] - logit[rival] = sum over parts of part . u + constant
    u = scale w (row of the token - row of the rival); behind a LayerNorm, less its own mean

What a head does by way of later layers is not in its share. Where norms stand behind the parts too (Gemma 2), each of
these keeps its real scale as well. The vectors are the model's own, as `forward.walk` gives them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import adapters, forward, numbers_in
from models import forward_arithmetic as arithmetic
from models.traces import AttributionTrace, InputError, Trace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress


def attribute(
    lm: LanguageModel,
    text: str,
    token: int | None = None,
    rival: int | None = None,
    *,
    position: int = -1,
    progress: Progress | None = None,
) -> AttributionTrace:
    """The difference of two logits, split over the embedding, the heads and the MLPs.

    Args:
        lm: a model that predicts a next token.
        text: what it reads.
        token: the id of the token that they speak for; None: the likeliest.
        rival: the id of the other one; None: the likeliest that is not `token`.
        position: behind which token; from the end where it is negative.
        progress: called before each layer; may raise `Cancelled`.

    Raises:
        InputError: as `forward.walk`; the model predicts no next token, or has no stream that is a sum; a token doesn't
            exist.
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
    walked = forward.walk(lm, text, position=position, progress=progress)
    likeliest = [int(each) for each in np.argsort(-walked["final.logits"][0], kind="stable")[:3]]
    token = next(each for each in likeliest if each != rival) if token is None else token
    rival = next(each for each in likeliest if each != token) if rival is None else rival

    def wide(name: str) -> torch.Tensor:
        return torch.from_numpy(walked[name]).to(lm.device).double()

    body = lm.model.base_model
    with torch.inference_mode():
        rows = (head.weight[token].double(), head.weight[rival].double())
        direction = rows[0] - rows[1]  # [dimension]
        constant = 0.0 if head.bias is None else float(head.bias[token].double() - head.bias[rival].double())
        left = wide("mlp.residual")[-1, 0]
        through = direction
        total = constant + float((wide("final.norm")[0] if family.final_norm else left) @ direction)
        if family.final_norm:
            module: Any = body.get_submodule(family.final_norm)
            through = _through(module, left, direction, family.norm_offset)
            constant += 0.0 if getattr(module, "bias", None) is None else float(module.bias.double() @ direction)
        blocks: Any = body.get_submodule(family.blocks)
        heads, biases = [], []
        for block, mixed, output in zip(
            blocks, wide("attention.mixed")[:, 0], wide("attention.output")[:, 0], strict=True
        ):
            read = through
            if family.norms == "around":
                module = block.get_submodule(family.norm_attention_after)
                read = _through(module, output, through, family.norm_offset)
            projection = block.get_submodule(family.output)
            weight = projection.weight.T if type(projection).__name__ == "Conv1D" else projection.weight  # [out, in]
            own = (read @ weight.double()).reshape(mixed.shape)
            heads.append((mixed * own).sum(-1))
            biases.append(0.0 if projection.bias is None else float(read @ projection.bias.double()))
        mlps = wide("mlp.norm_after" if family.norms == "around" else "mlp.output")[:, 0] @ through
        embedding = float(wide("input")[0, 0] @ through)
    return AttributionTrace(
        source=walked.source,
        token_table=walked.token_table,
        position=int(walked.positions[0]),
        token=token,
        rival=rival,
        total=total,
        embedding=embedding,
        heads=torch.stack(heads).cpu().numpy(),
        attention_bias=np.array(biases),
        mlps=mlps.cpu().numpy(),
        constant=constant,
    )


def _through(norm: Any, x: torch.Tensor, direction: torch.Tensor, offset: float) -> torch.Tensor:
    """[dimension] u, with part . u = norm(part) . direction at the scale that the norm has on `x`, biases left out."""
    weighted = direction if norm.weight is None else direction * (norm.weight.double() + offset)
    if isinstance(norm, torch.nn.LayerNorm):
        x = x - x.mean()
        weighted = weighted - weighted.mean()
    return weighted * torch.rsqrt((x * x).mean() + arithmetic.epsilon(norm))


def _attribution(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    return attribute(
        lm,
        request.text,
        numbers_in.whole(settings, "token", "") if settings.get("token") else None,
        numbers_in.whole(settings, "rival", "") if settings.get("rival") else None,
        position=numbers_in.whole(settings, "position", "-1"),
        progress=progress,
    )


# What the engine runs for a request, by the name of its analysis. Settings: token and rival (ids; left out: the two
# likeliest), position (left out: the last).
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"attribution": _attribution}

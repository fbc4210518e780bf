"""What does a norm make of a vector, number by number, and what would the other kind make of it?

    LayerNorm   (x - mean x) / sqrt(mean (x - mean x)^2 + eps) w + b      (Ba et al. 2016, arXiv:1607.06450)
    RMSNorm     x / sqrt(mean x^2 + eps) w                                (Zhang and Sennrich 2019, arXiv:1910.07467)

One plain pass runs, with hooks on the norms that only look. Each norm's output is computed again from its input by
models/forward_arithmetic.py and held against the module's own; what the other kind would make of the same vector, with
the same weight, is held against PyTorch's function for it. Norms of single heads (Qwen3) are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import adapters, numbers_in
from models import forward_arithmetic as arithmetic
from models.traces import NormalisedTrace, Trace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress


def trace(
    lm: LanguageModel, text: str, pair: str | None = None, *, position: int = -1, progress: Progress | None = None
) -> NormalisedTrace:
    """The vectors of one token as they enter the norms.

    Args:
        lm: a model of one of the families in models/adapters.py.
        text: what it reads.
        pair: a second text, for encoders.
        position: the token, from the end where it is negative; the last one where the text has no such token.
        progress: called before each layer; may raise `Cancelled`.

    Raises:
        InputError: the text can't be used, or the family has no adapter.
    """
    family = adapters.of(lm)
    encoding = lm.encode(text, pair)
    count = len(encoding.ids)
    position = position % count if -count <= position < count else count - 1
    norms = _norms(lm, family)
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def look(_module: Any, given: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        # OPT's MLP has no batch around the tokens. A norm that two parts read runs once.
        seen.append((given[0].reshape(-1, given[0].shape[-1]), output.reshape(-1, output.shape[-1])))

    with lm.lock, ExitStack() as hooks:
        for _, _, module in norms:
            hooks.callback(module.register_forward_hook(look).remove)
        lm.forward(encoding.inputs, progress, use_cache=False)
    vectors, outputs = (torch.stack([both[side][position] for both in seen]) for side in (0, 1))
    with torch.inference_mode():
        lengths = torch.stack([torch.stack([x.norm(dim=-1) for x in both]) for both in seen], dim=1)
        parts = [_parts(module, family.norm_offset) for _, _, module in norms]
        ours = [arithmetic.norm([norm[2]], x, family.norm_offset) for norm, x in zip(norms, vectors, strict=True)]
        centred = isinstance(norms[0][2], torch.nn.LayerNorm)
        eps = arithmetic.epsilon(norms[0][2])
        others = [_other(x, weight, eps, centred) for x, (weight, _) in zip(vectors, parts, strict=True)]
        theirs = [
            torch.nn.functional.rms_norm(x, x.shape, weight, eps)
            if centred
            else torch.nn.functional.layer_norm(x, x.shape, weight, None, eps)
            for x, (weight, _) in zip(vectors, parts, strict=True)
        ]
    return NormalisedTrace(
        source=lm.source(text, pair),
        token_table=encoding.token_table,
        position=position,
        kind="LayerNorm" if centred else "RMSNorm",
        eps=eps,
        places=tuple(place for place, _, _ in norms),
        layers=np.array([layer for _, layer, _ in norms]),
        vectors=vectors.float().cpu().numpy(),
        weights=torch.stack([weight for weight, _ in parts]).cpu().numpy(),
        biases=torch.stack([bias for _, bias in parts]).cpu().numpy(),
        lengths=lengths.float().cpu().numpy(),
        differences=_apart(torch.stack(ours), outputs),
        other_differences=_apart(torch.stack(others), torch.stack(theirs)),
    )


def _norms(lm: LanguageModel, family: adapters.Family) -> list[tuple[str, int, torch.nn.Module]]:
    """(place, layer, module) of every norm over whole vectors, in the order in which they run."""
    body = lm.model.base_model
    found: list[tuple[str, int, torch.nn.Module]] = []
    if family.embedding_norm:
        found.append(("embedding", -1, body.get_submodule(family.embedding_norm)))
    paths = {
        "attention": family.norm_attention,
        "attention after": family.norm_attention_after,
        "mlp": "" if family.norm_mlp == family.norm_attention else family.norm_mlp,
        "mlp after": family.norm_mlp_after,
    }
    blocks: Any = body.get_submodule(family.blocks)
    for layer, block in enumerate(blocks):
        found += [(place, layer, block.get_submodule(path)) for place, path in paths.items() if path]
    if family.final_norm:
        found.append(("final", -1, body.get_submodule(family.final_norm)))
    return found


def _parts(module: Any, offset: float) -> tuple[torch.Tensor, torch.Tensor]:
    """[dimension] what a norm multiplies by, and what it adds ([0]: nothing)."""
    bias = getattr(module, "bias", None)
    weight = module.weight.detach().float() + offset
    return weight, weight.new_empty(0) if bias is None else bias.detach().float()


def _other(x: torch.Tensor, weight: torch.Tensor, eps: float, centred: bool) -> torch.Tensor:
    """[dimension] what the kind that the model doesn't have makes of a vector, with the same weight and no bias."""
    moved = x if centred else x - x.mean()
    return moved * torch.rsqrt((moved * moved).mean() + eps) * weight


def _apart(ours: torch.Tensor, theirs: torch.Tensor) -> np.ndarray[Any, np.dtype[np.float64]]:
    """[place] the largest difference, as a share of the largest number."""
    apart = (ours - theirs).abs().amax(-1).double() / theirs.abs().amax(-1).double().clamp_min(1e-30)
    found: np.ndarray[Any, np.dtype[np.float64]] = apart.cpu().numpy()
    return found


def _normalised(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    return trace(
        lm, request.text, request.pair, position=numbers_in.whole(settings, "position", "-1"), progress=progress
    )


# What the engine runs for a request, by the name of its analysis. Settings: position.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"normalised": _normalised}

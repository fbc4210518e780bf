"""What does each stage of a transformer compute? The formulas, on tensors, with the model's own weights.

    product      x W + b
    layer norm   (x - mean x) / sqrt(var x + eps) w + b              (Ba et al. 2016, arXiv:1607.06450)
    RMS norm     x / sqrt(mean x^2 + eps) (w + offset)               (Zhang and Sennrich 2019, arXiv:1910.07467)
    rotation     (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin)      (Su et al. 2021, arXiv:2104.09864)
    softmax      e^(s - max s) / sum e^(s - max s)

Written out here on purpose, and not by calling the model's modules: these results are held against theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import torch

if TYPE_CHECKING:
    from models.language_model import LanguageModel

from models.traces import InputError


def product(module: Any, x: torch.Tensor) -> torch.Tensor:
    """[..., output] of [..., input], by a Linear (weights [output, input]) or GPT-2's Conv1D ([input, output])."""
    weight = module.weight if type(module).__name__ == "Conv1D" else module.weight.T
    return x @ weight if module.bias is None else x @ weight + module.bias


def epsilon(module: Any) -> float:
    """What a norm adds under the root."""
    return float(module.eps if hasattr(module, "eps") else module.variance_epsilon)


def norm(modules: Sequence[Any], x: torch.Tensor, offset: float = 0.0) -> torch.Tensor:
    """[..., dimension] the normalised vectors; in float32, as the models do it, whatever they are kept in.

    Args:
        modules: one norm, or as many as `x` has layers, of the same kind.
        x: [..., dimension], or [layer, ..., dimension].
        offset: what is added to the weights of an RMSNorm.
    """
    first = modules[0]
    wide = x.float()
    centred = isinstance(first, torch.nn.LayerNorm)
    if centred:
        wide = wide - wide.mean(-1, keepdim=True)
    wide = wide * torch.rsqrt((wide * wide).mean(-1, keepdim=True) + epsilon(first))
    shape = (-1, *([1] * (x.dim() - 2)), x.shape[-1]) if len(modules) > 1 else (x.shape[-1],)
    if first.weight is not None:
        wide = wide * (torch.stack([module.weight for module in modules]).reshape(shape).float() + offset)
    if centred and first.bias is not None:
        wide = wide + torch.stack([module.bias for module in modules]).reshape(shape)
    return wide.to(x.dtype)


def rotated(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    """[..., position, head, size] turned by each position's angles [position, turned]; the rest of a head stays."""
    turned = cosine.shape[-1]
    cosine, sine = cosine[:, None, : turned // 2], sine[:, None, : turned // 2]
    first, second = x[..., : turned // 2], x[..., turned // 2 : turned]
    pieces = [first * cosine - second * sine, second * cosine + first * sine, x[..., turned:]]
    return torch.cat(pieces, dim=-1)


def softmax(scores: torch.Tensor) -> torch.Tensor:
    """Over the last axis; minus infinity gets nothing."""
    powers = torch.exp(scores - scores.amax(-1, keepdim=True))
    return powers / powers.sum(-1, keepdim=True)


def slopes(heads: int) -> torch.Tensor:
    """[head] ALiBi's slopes: 2^(-8/n), 2^(-16/n), ... (Press et al. 2021, arXiv:2108.12409).

    Where the number of heads is no power of two, the first n are those of the power below, and the rest every other
    one of the power above, as the paper's authors do it.
    """
    power = 2 ** math.floor(math.log2(heads))
    found = [2 ** (-8 * (head + 1) / power) for head in range(power)]
    found += [2 ** (-4 * (2 * head + 1) / power) for head in range(heads - power)]
    return torch.tensor(found)


def _gelu(x: torch.Tensor) -> torch.Tensor:
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def _gelu_tanh(x: torch.Tensor) -> torch.Tensor:
    return x * 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def _silu(x: torch.Tensor) -> torch.Tensor:
    return x / (1 + torch.exp(-x))


def _relu(x: torch.Tensor) -> torch.Tensor:
    return x * (x > 0)


# (Hendrycks and Gimpel 2016, arXiv:1606.08415; Shazeer 2020, arXiv:2002.05202), by the name in a configuration.
ACTIVATIONS: Final[dict[str, Callable[[torch.Tensor], torch.Tensor]]] = {
    "gelu": _gelu,
    "gelu_new": _gelu_tanh,
    "gelu_fast": _gelu_tanh,
    "gelu_pytorch_tanh": _gelu_tanh,
    "silu": _silu,
    "swish": _silu,
    "relu": _relu,
}


def activation(lm: LanguageModel) -> str:
    """The name of the function between the MLP's matrices.

    Raises:
        InputError: it isn't written out here.
    """
    names = ("hidden_activation", "hidden_act", "activation_function", "activation")
    found = next((name for key in names if (name := getattr(lm.config, key, None))), None)
    found = "gelu_new" if lm.config.model_type == "bloom" else found  # its configuration doesn't say
    if found not in ACTIVATIONS:
        raise InputError(
            f"{lm.name} uses the activation {found}, which isn't recomputed here; choose a model with one of these: "
            f"{', '.join(ACTIVATIONS)}."
        )
    return str(found)

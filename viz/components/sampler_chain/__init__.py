"""How does a chain of samplers on a whole vocabulary reach the browser?

    data = {"title", "facts": [line below a saved picture], "about": which logits these are,
            "codes": two bytes a token (0: minus infinity), "low": the logit of code 1, "step": from code to code,
            "texts": [what a person reads of each token], "context": [ids of the prompt],
            "off": {sampler: the value that changes nothing}, "limits": {sampler: [least, most]},
            "orders": {library: [sampler]}}

Everything else happens in the browser. "check", [about, [[sampler, value], ...], [[id, probability], ...], [kept by
each stage]], is sent when the visitor asks for a comparison. `6_draws.js` draws tokens from what the chain leaves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from streamlit.components.v2.bidi_component import ComponentResult

    from models.traces import SamplerName

FOLDER: Final = Path(__file__).parent
MOST_DRAWS: Final = 1000
SEEDS: Final = 2**32
MOST_BIASES: Final = 20
COLDEST: Final = 1e-9  # temperature above 0
LARGEST: Final = 1e9


@dataclass(frozen=True)
class Order:
    """Names with commas; those that are left out follow in the usual order."""

    usual: tuple[str, ...]

    def parse(self, text: str) -> str:
        names = text.split(",")
        if len(set(names)) < len(names) or not set(names) <= set(self.usual):
            raise ValueError(text)
        return ",".join([*names, *(name for name in self.usual if name not in names)])

    def allowed(self) -> str:
        return f"names with commas between them, each once, of {', '.join(self.usual)}"


@dataclass(frozen=True)
class Biases:
    """id:value,id:value."""

    vocabulary: int

    def parse(self, text: str) -> str:
        pairs = [pair.split(":") for pair in text.split(",")] if text else []
        ids = [state.Whole(self.vocabulary).parse(pair[0]) for pair in pairs]
        if len(pairs) > MOST_BIASES or len(set(ids)) < len(ids) or any(len(pair) != 2 for pair in pairs):
            raise ValueError(text)
        values = [state.Number(-LARGEST, LARGEST).parse(pair[1]) for pair in pairs]
        return ",".join(f"{token}:{str(value).removesuffix('.0')}" for token, value in zip(ids, values, strict=True))

    def allowed(self) -> str:
        return (
            f"up to {MOST_BIASES} different token ids below {self.vocabulary:,}, each with what is added to its logit, "
            "as in 17:5,42:-2"
        )


@dataclass(frozen=True)
class Temperature:
    """0, or what a logit can be divided by."""

    def parse(self, text: str) -> float:
        value = state.Number(0, LARGEST).parse(text)
        if 0 < value < COLDEST:
            raise ValueError(text)
        return value

    def allowed(self) -> str:
        return f"0, or a number from {COLDEST:g} to {LARGEST:g}"


def parameters(
    limits: Mapping[SamplerName, tuple[float, float]], order: Sequence[str], vocabulary: int
) -> dict[str, Any]:
    """What a link may say, for `viz.state.read`.

    Args:
        limits: least and most of each sampler's value.
        order: all samplers, in the usual order.
        vocabulary: number of tokens.
    """
    return {
        **{name: state.Number(least, most) for name, (least, most) in limits.items()},
        "temperature": Temperature(),
        "top_k": state.Whole(int(limits["top_k"][1]) + 1),
        "logit_bias": Biases(vocabulary),
        "order": Order(tuple(order)),
        "token": state.Whole(vocabulary),
        "seed": state.Whole(SEEDS),
        "draws": state.Whole(MOST_DRAWS + 1),
    }


def defaults(values: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """Every parameter that the figure owns, with the value that need not stand in the link.

    Args:
        values: of each sampler that has a number; infinite: never cuts, which travels as null.
        order: all samplers, in the usual order.
    """
    return {
        **{name: value if math.isfinite(value) else None for name, value in values.items()},
        "logit_bias": "",
        "order": ",".join(order),
        "token": None,
        "seed": 0,
        "draws": 0,
    }


def biases(text: str) -> dict[int, float]:
    """What a valid parameter "logit_bias" means."""
    return {int(pair.split(":")[0]): float(pair.split(":")[1]) for pair in text.split(",")} if text else {}


def pack(
    codes: NDArray[np.uint16],
    low: float,
    step: float,
    *,
    texts: Sequence[str],
    context: Sequence[int],
    off: Mapping[SamplerName, Any],
    limits: Mapping[SamplerName, tuple[float, float]],
    orders: Mapping[str, Sequence[str]],
    about: str,
    title: str,
    facts: Sequence[str],
) -> bytes:
    """All that the figure needs, as it travels.

    Args:
        codes: [token] logits on an even scale; 0: minus infinity.
        low: the logit of code 1.
        step: from one code to the next.
        texts: [token] what a person reads.
        context: ids of the prompt.
        off: the value of each sampler that changes nothing.
        limits: least and most of each one's value.
        orders: {library: its samplers in its order}.
        about: which logits these are; comes back with "check".
        title: the figure's name.
        facts: the lines below a saved picture.
    """
    numbers = {name: value for name, value in off.items() if name in limits}
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "about": about,
            "codes": shared.two_bytes(codes),
            "low": low,
            "step": step,
            "texts": list(texts),
            "context": list(context),
            "off": {name: value if math.isfinite(value) else None for name, value in numbers.items()},
            "limits": {name: [end if math.isfinite(end) else None for end in ends] for name, ends in limits.items()},
            "orders": {library: list(names) for library, names in orders.items()},
        }
    )


def sampler_chain(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> ComponentResult:
    """Show it in a Streamlit page; `.check` of what comes back is what the visitor wants compared.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(...), ...)`.
        defaults: what `defaults` gave.
    """
    return shared.figure(
        FOLDER,
        packed,
        key=key,
        state=state,
        defaults=defaults,
        also=(shared.SAMPLING,),
        on_check_change=lambda: None,
    )

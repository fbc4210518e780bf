"""Is what the chain shows what transformers' own processors make of the exact logits? The badge below it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from models import background, sampling, sampling_check
from models.sampling_check import Check, Ours
from models.traces import InputError, NextTokenTrace, SamplerName
from models.two_bytes import Coded
from viz import page, theme
from viz.next_token_words import distribution as words

Chain = Sequence[tuple[SamplerName, Any]]

CLOSE: Final = 1e-3  # of probabilities, at temperature 1 and above; the rounding grows as the temperature falls
MOST: Final = 100  # tokens and stages that are taken from a browser


def badge(trace: NextTokenTrace, coded: Coded, chain: Chain, sent: Any, about: str) -> None:
    """The check of the link's chain.

    Args:
        trace: the exact logits.
        coded: as they travelled.
        chain: what the link asks for.
        sent: what the browser gave for comparison, if it did: a stranger's.
        about: which logits are on show.
    """
    ours = taken(sent, chain, about, len(trace.logits))
    context = trace.token_table.ids.tolist()
    key = ("samplers", about, spelled(chain), json.dumps(sent) if ours else "")
    work = background.QUICK.submit(
        key,
        lambda: sampling_check.check(
            trace.logits, chain, context, ours or sampling_check.of_logits(coded.logits, chain, context)
        ),
        "Comparing with transformers",
    )
    found = page.wait(work, repr(key))
    if found is not None:
        _say(found, chain, by_browser=ours is not None)


def _say(found: Check, chain: Chain, *, by_browser: bool) -> None:
    coldest = min([1.0, *(float(value) for name, value in chain if name == "temperature" and value > 0)])
    page.badge(
        words.EQUAL.format(
            count=f"{found.tokens:,}",
            difference=theme.power(found.largest),
            kept="" if not found.otherwise else words.OTHERWISE.format(count=f"{found.otherwise:,}"),
        ),
        good=found.largest < CLOSE / coldest,
        explanation=words.CHECK,
    )
    said = [words.CHECKED.format(chain=title(chain)), words.BY_BROWSER if by_browser else words.BY_SERVER]
    if found.elsewhere:
        said.append(words.ELSEWHERE.format(names=", ".join(words.TITLES[name] for name in found.elsewhere)))
    page.facts(*said)


def title(chain: Chain) -> str:
    """The chain in words."""
    return (
        " → ".join(
            words.TITLES[name] + (f" on {len(value)}" if name == "logit_bias" else f" {value:g}")
            for name, value in chain
        )
        or words.NOTHING
    )


def spelled(chain: Chain) -> str:
    """The chain as one text, the same for the same chain."""
    return json.dumps(
        [[name, sorted(value.items()) if name == "logit_bias" else float(value)] for name, value in chain]
    )


def taken(sent: Any, chain: Chain, about: str, vocabulary: int) -> Ours | None:
    """What a browser sent, if it is about this chain on these logits; None: it isn't, or isn't anything at all."""
    try:
        asked, names, shares, kept = sent
        if asked != about or not 0 < len(shares) <= MOST or len(kept) > MOST:
            return None
        given = [
            (name, {int(token): float(added) for token, added in value})
            if name == "logit_bias"
            else (name, sampling.OFF[name] if value is None else float(value))
            for name, value in names
        ]
        if spelled(given) != spelled(chain) or len(kept) != len(chain):
            return None
        probabilities = {int(token): float(share) for token, share in shares}
        if not all(0 <= token < vocabulary for token in probabilities):
            return None
        return Ours(probabilities, tuple(int(count) for count in kept))
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, InputError):
        return None

"""Is what the chain shows what transformers' own processors make of the exact logits? The badge below it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import streamlit as st

from models import background, sampling, sampling_check
from models.sampling_check import Check, Ours
from models.traces import InputError, NextTokenTrace, SamplerName
from models.two_bytes import Coded
from viz import page, theme
from viz.next_token_words import distribution as words

Chain = Sequence[tuple[SamplerName, Any]]

CLOSE: Final = 1e-3  # of probabilities, at temperature 1 and above; the rounding grows as the temperature falls
WRONG: Final = 0.05  # a probability that is off by so much is wrong, however cold the chain
MOST: Final = 100  # tokens and stages that are taken from a browser


def asked(sent: Any, chain: Chain, about: str, vocabulary: int) -> tuple[Chain, Ours | None]:
    """Which chain is checked: what the browser sent for comparison, with what it worked out, or else the link's.

    A slider's move is in the link, but the server hears of it with the next link that is opened only; what was sent
    counts until then.

    Args:
        sent: a stranger's, or None.
        chain: what the link asks for, as far as the server knows.
        about: which logits are on show.
        vocabulary: number of tokens.
    """
    found = taken(sent, about, vocabulary)
    if found is None:
        return chain, None
    kept_sent, kept_chain = st.session_state.get("checked chain", (None, None))
    if kept_sent != sent:
        st.session_state["checked chain"] = sent, spelled(chain)
    elif kept_chain != spelled(chain):
        return chain, None
    return found


def badge(trace: NextTokenTrace, coded: Coded, chain: Chain, ours: Ours | None, about: str) -> None:
    """The check of a chain.

    Args:
        trace: the exact logits.
        coded: as they travelled.
        chain: what is checked.
        ours: what the browser worked out; None: what comes of the same arithmetic here.
        about: which logits are on show.
    """
    context = trace.token_table.ids.tolist()
    key = ("samplers", about, spelled(chain), repr(ours))
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
        good=found.largest < min(CLOSE / coldest, WRONG),
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


def taken(sent: Any, about: str, vocabulary: int) -> tuple[Chain, Ours] | None:
    """The chain that a browser sent and what it worked out; None if that isn't about these logits, or isn't sound."""
    try:
        these, names, shares, kept = sent
        if these != about or not 0 < len(shares) <= MOST or not len(kept) == len(names) <= MOST:
            return None
        chain = [
            (name, {int(token): float(added) for token, added in value})
            if name == "logit_bias"
            else (name, sampling.OFF[name] if value is None else float(value))
            for name, value in names
        ]
        sampling.run(np.zeros(vocabulary), chain)  # refuses what can't be
        probabilities = {int(token): float(share) for token, share in shares}
        if not all(0 <= token < vocabulary and 0 <= share <= 1.000001 for token, share in probabilities.items()):
            return None
        return chain, Ours(probabilities, tuple(int(count) for count in kept))
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, InputError):
        return None

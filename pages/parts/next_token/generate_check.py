"""Are the texts of the view "generate" those that transformers writes? The badge, once the picture stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.traces import GenerationCheckTrace, GenerationTrace
from pages.parts.next_token.generate_asking import Asked
from pages.parts.several import answers
from viz import page, theme
from viz.next_token_words import generate as words

NEAR: Final = 1e-4  # of two probabilities that are the same, at temperature 1


def show(asked: Asked, texts: Sequence[GenerationTrace]) -> None:
    """The badge for these texts; nothing if the visitor stopped the check.

    Raises:
        InputError: it failed.
    """
    found = answers([asked.check(text) for text in texts])
    if found is None:
        return
    checks = []
    for outcome in found:
        if not isinstance(outcome, GenerationCheckTrace):
            raise outcome if isinstance(outcome, Exception) else TypeError(outcome)
        checks.append(outcome)
    if asked.drawn:
        _drawn(asked, checks, texts)
        return
    same = all(check.as_generated and check.agreeing == check.drawn for check in checks)
    compared = sum(max(0, len(check.generated) - check.given) for check in checks)
    if compared == 1:
        said = "token is that" if same else "token is not that"
    else:
        said = "tokens are those" if same else "tokens are not all those"
    page.badge(
        f"{compared:,} {said} of transformers' generate(do_sample=False)",
        good=same,
        explanation=words.GREEDY_CHECK,
    )


def _drawn(asked: Asked, checks: Sequence[GenerationCheckTrace], texts: Sequence[GenerationTrace]) -> None:
    """The badge of texts that numbers decide."""
    # What the model computes in another order differs in its last digits, and a low temperature enlarges that.
    near = NEAR * max(1.0, 1 / float(dict(asked.chain).get("temperature", 1.0)))
    off = np.concatenate([np.abs(check.chances - text.chances) for check, text in zip(checks, texts, strict=True)])
    own = np.concatenate([np.arange(len(check.tokens)) >= check.given for check in checks])
    same = np.concatenate([check.tokens == check.taken for check in checks])
    cut = own & (off > near)  # by a sampler, there or here
    agreeing, drawn = int((own & same).sum()), int(own.sum())
    within = f"; their probabilities within {theme.power(off[~cut].max())}" if not cut.all() else ""
    beside = f", but at {int(cut.sum())} where a sampler cuts a token more or less" if cut.any() else ""
    page.badge(
        f"{agreeing:,} of {drawn:,} tokens are those that transformers' samplers give with the same numbers{within}"
        f"{beside}",
        good=bool((same | cut | ~own).all() and cut.sum() <= 1 + len(off) // 20),
        explanation=words.CHECK,
    )

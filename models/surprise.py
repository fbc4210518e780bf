"""How surprised is a model by each token of a text?

With z the logits behind the tokens so far, and p = softmax(z) over the whole vocabulary:

    surprisal     -log2 p[what came], in bits
    rank          1 + how many tokens were more probable
    entropy       -sum p log2 p, in bits: the surprisal that was to be expected
    perplexity    2^(mean surprisal) = e^(the loss that the model's own training would give this text)

The first token of a text has nothing before it, and is not predicted. Ranks as a colour: Gehrmann, Strobelt and Rush,
"GLTR: Statistical Detection and Visualization of Generated Text", 2019, arXiv:1906.04043.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from models import vocabulary
from models.traces import InputError, SurpriseTrace

if TYPE_CHECKING:
    import torch

    from models.language_model import LanguageModel
    from models.progress import Progress

LIKELY: Final = 5  # of the most probable tokens, at each place
CHUNK: Final = 64  # places whose whole distributions are held at once


def trace(lm: LanguageModel, text: str, *, progress: Progress | None = None) -> SurpriseTrace:
    """What the model gave to each token of a text, and what it thought more likely.

    Raises:
        InputError: the text can't be used, is a single token, or the model predicts no next token.
    """
    import torch

    encoding = lm.encode(text)
    ids = encoding.ids
    if len(ids) < 2:
        raise InputError("This text is a single token, and the first one is never predicted; type some more.")
    logits = lm.logits(encoding.inputs, progress)
    parts: list[tuple[torch.Tensor, ...]] = []
    with torch.inference_mode():
        for start in range(0, len(ids) - 1, CHUNK):
            rows = logits[start : min(start + CHUNK, len(ids) - 1)].float()
            came = ids[start + 1 : start + 1 + len(rows), None]
            highest, likely = rows.topk(min(LIKELY, rows.shape[1]), dim=-1)
            given = rows.gather(1, came)
            shifted = rows - highest[:, :1]
            powers = shifted.exp()
            total = powers.sum(dim=-1, keepdim=True, dtype=torch.float64)
            log_total = total.log()
            parts.append(
                (
                    (log_total - (given - highest[:, :1]))[:, 0] / math.log(2),
                    1 + (rows > given).sum(dim=-1),
                    (log_total[:, 0] - _mean(shifted, powers) / total[:, 0]) / math.log(2),
                    likely,
                    (highest - highest[:, :1]).double().exp() / total,
                )
            )
    surprisals, ranks, entropies, nearest, probabilities = (
        torch.cat(part).cpu().numpy() for part in zip(*parts, strict=True)
    )
    readable = iter(vocabulary.texts(lm.tokenizer, nearest.ravel().tolist()))
    return SurpriseTrace(
        source=lm.source(text),
        token_table=encoding.token_table,
        first=1,
        surprisals=surprisals.astype("float32"),
        ranks=ranks,
        entropies=entropies.astype("float32"),
        likely=nearest,
        likely_texts=tuple(tuple(next(readable) for _ in row) for row in nearest),
        likely_probabilities=probabilities.astype("float32"),
    )


def _mean(shifted: torch.Tensor, powers: torch.Tensor) -> torch.Tensor:
    """[place] sum of e^s s, where a token that can't come (minus infinity) adds nothing."""
    import torch

    return torch.nan_to_num(shifted * powers, nan=0.0).sum(dim=-1, dtype=torch.float64)

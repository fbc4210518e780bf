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
CHUNK: Final = 16  # places whose whole distributions are held at once: few enough to stay near the processor


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
    logits = lm.logits(encoding.inputs, progress)[:-1]
    loss = 0.0
    parts: list[tuple[torch.Tensor, ...]] = []
    with torch.inference_mode():
        # Fresh memory costs more than the arithmetic done in it, so that all chunks share these.
        shape = (min(CHUNK, len(logits)), logits.shape[1])
        one, other = (torch.empty(shape, dtype=torch.float32, device=logits.device) for _ in range(2))
        for start in range(0, len(logits), CHUNK):
            rows = logits[start : start + CHUNK].float()
            came = ids[start + 1 : start + 1 + len(rows)]
            parts.append(_distributions(rows, came[:, None], one[: len(rows)], other[: len(rows)]))
            loss += float(torch.nn.functional.cross_entropy(rows, came, reduction="sum"))
    surprisals, ranks, entropies, nearest, probabilities = (
        torch.cat(part).cpu().numpy() for part in zip(*parts, strict=True)
    )
    readable = iter(vocabulary.texts(lm.tokenizer, nearest.ravel().tolist()))
    return SurpriseTrace(
        source=lm.source(text),
        token_table=encoding.token_table,
        vocabulary=logits.shape[1],
        first=1,
        surprisals=surprisals.astype("float32"),
        ranks=ranks,
        entropies=entropies.astype("float32"),
        likely=nearest,
        likely_texts=tuple(tuple(next(readable) for _ in row) for row in nearest),
        likely_probabilities=probabilities.astype("float32"),
        loss=loss / len(ranks),
    )


def covered(trace: SurpriseTrace) -> tuple[int, int]:
    """How many characters, and bytes of their UTF-8, the predicted tokens of a text stand for."""
    table = trace.token_table
    spans = [span for span in table.spans[trace.first :] if span[0] < span[1]]
    characters = max(end for _, end in spans) - min(start for start, _ in spans) if spans else 0
    return characters, sum(len(raw) for raw in table.raw[trace.first :])


def _distributions(
    rows: torch.Tensor, came: torch.Tensor, shifted: torch.Tensor, powers: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """Surprisals, ranks and entropies [place], and the likeliest tokens with their probabilities [place, rank].

    Args:
        rows: float32 [place, vocabulary] logits.
        came: [place, 1] what came.
        shifted, powers: float32 [place, vocabulary] memory to work in.
    """
    import torch

    highest, likely = rows.topk(min(LIKELY, rows.shape[1]), dim=-1)
    given = rows.gather(1, came)
    # Counted as numbers, which is several times as fast as counting yes and no; exact for up to 2^24 tokens.
    ranks = 1 + torch.gt(rows, given, out=shifted).sum(dim=-1).long()
    torch.sub(rows, highest[:, :1], out=shifted)
    torch.exp(shifted, out=powers)
    total = powers.sum(dim=-1).double()
    mean = torch.linalg.vecdot(powers, shifted)
    if mean.isnan().any():  # a token that can't come, 0 times minus infinity, adds nothing
        mean = torch.nan_to_num(powers * shifted, nan=0.0).sum(dim=-1)
    return (
        (total.log() - (given - highest[:, :1])[:, 0].double()) / math.log(2),
        ranks,
        (total.log() - mean.double() / total) / math.log(2),
        likely,
        (highest - highest[:, :1]).double().exp() / total[:, None],
    )

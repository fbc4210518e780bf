"""Which text is the most probable one that a search with a few beams finds?

At each step every beam is continued by every token, and of all these candidates the best by

    score = sum of ln p(token | prompt and the tokens before it)

are looked at; those that end are finished texts, and the best of the others are the beams of the next step. Finished
texts compete by score / length^penalty. The search ends at the most tokens, or when the best beam can no longer beat
the worst of enough finished texts (transformers' rule for early_stopping=False). The ids equal those of
`model.generate(num_beams=..., do_sample=False)`.

One beam is greedy search. (Graves 2012, arXiv:1211.3711; the length penalty: Wu et al. 2016, arXiv:1609.08144.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models import prompts, vocabulary
from models.traces import BeamTrace, InputError

if TYPE_CHECKING:
    from models.language_model import LanguageModel
    from models.progress import Progress

MOST_BEAMS: Final = 10
MOST_TOKENS: Final = 200
NEVER: Final = -1e9  # the score of what doesn't count, as in transformers
PENALTIES: Final = (-2.0, 10.0)  # below, scores of long texts would come under `NEVER`, and none would be finished


def search(
    lm: LanguageModel,
    text: str,
    *,
    beams: int = 4,
    tokens: int = 20,
    length_penalty: float = 1.0,
    chat: bool = False,
    progress: Progress | None = None,
) -> BeamTrace:
    """Every step of a beam search from the prompt `text`.

    Args:
        lm: a model that predicts a next token.
        text: the prompt.
        beams: how many texts are continued at a time.
        tokens: the most that are added.
        length_penalty: above 0 longer texts are preferred, below 0 shorter ones.
        chat: whether the prompt is a message, written as the model's chat template has it.
        progress: called before each step; may raise `Cancelled`.

    Raises:
        InputError: the text can't be used, the model has no next token, or a setting is out of range.
    """
    import torch

    least, most = PENALTIES
    if not 1 <= beams <= MOST_BEAMS or not 1 <= tokens <= MOST_TOKENS or not least <= length_penalty <= most:
        raise InputError(
            f"A search takes 1 to {MOST_BEAMS} beams, 1 to {MOST_TOKENS} tokens and a length penalty from {least:g} to "
            f"{most:g}."
        )
    lm.check_next_token()
    encoding = prompts.encode(lm, text, chat=chat, more=tokens)
    prompt = encoding.ids
    ends = torch.tensor(sorted(lm.ends), dtype=torch.int64, device=lm.device)
    looked_at = beams * max(2, 1 + len(ends))
    scores = torch.full((beams,), NEVER, device=lm.device)
    scores[0] = 0  # at first all beams are the same: one of them counts
    written: list[tuple[int, ...]] = [()] * beams
    finished: list[tuple[float, tuple[int, ...]]] = [(NEVER, ())] * beams
    steps: list[tuple[Any, ...]] = []
    inputs, cache = prompt.expand(beams, -1), None
    for step in range(tokens):
        if progress is not None:
            progress(f"Token {step + 1} of at most {tokens}", step / tokens)
        logits, cache = lm.next_logits(inputs, cache)
        log_probabilities = logits[:, -1].log_softmax(dim=-1)
        vocabulary_size = log_probabilities.shape[-1]
        best, places = (log_probabilities + scores[:, None]).view(-1).topk(min(looked_at, beams * vocabulary_size))
        parents, added = places // vocabulary_size, places % vocabulary_size
        ended = torch.isin(added, ends) | (step + 1 == tokens)
        running, kept = (best + ended * NEVER).topk(beams)
        steps.append(tuple(part.cpu().numpy() for part in (parents, added, best, ended, kept)))

        texts = [(*written[parent], token) for parent, token in zip(parents.tolist(), added.tolist(), strict=True)]
        finished += [
            (float(best[rank] / (step + 1) ** length_penalty), texts[rank])
            for rank in range(min(beams, len(texts)))  # those behind are there only so that enough can go on
            if ended[rank]
        ]
        finished = sorted(finished, key=lambda found: -found[0])[:beams]

        written = [texts[candidate] for candidate in kept.tolist()]
        if cache is None:  # a model that keeps none reads the whole text each time
            inputs = torch.cat([inputs[parents[kept]], added[kept, None]], dim=1)
        else:
            inputs = added[kept, None]
            cache.reorder_cache(parents[kept])
        scores = running
        hopeless = float(scores[0] / (step + 1) ** length_penalty) <= finished[-1][0]
        if hopeless or bool(ended.all()):
            break
    columns = [np.stack(column) for column in zip(*steps, strict=True)]
    spelled = iter(vocabulary.raw(lm.tokenizer, columns[1].ravel().tolist()))
    raw = tuple(tuple(next(spelled) for _ in row) for row in columns[1])
    real = [found for found in finished if found[0] > NEVER / 2]
    return BeamTrace(
        source=lm.source(encoding.text),
        token_table=encoding.token_table,
        beams=beams,
        length_penalty=length_penalty,
        parents=columns[0],
        tokens=columns[1],
        texts=tuple(tuple(map(vocabulary.readable, row)) for row in raw),
        raw=tuple(tuple(piece.hex() for piece in row) for row in raw),
        scores=columns[2],
        ended=columns[3],
        kept=columns[4],
        finished=tuple(ids for _, ids in real),
        final_scores=np.array([score for score, _ in real], dtype=np.float32),
    )

"""Is a text that was written here the one that transformers writes?

One pass over the whole text, without the cache that it was written with, gives the logits of every step again; they
go through transformers' own processors, and the seed's number draws from what these leave. Greedy search is also set
beside `model.generate(do_sample=False)`, token for token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models import prompts, sampling_check
from models.traces import GenerationCheckTrace, SamplerName

if TYPE_CHECKING:
    import torch

    from models.language_model import LanguageModel
    from models.progress import Progress

COMPARED: Final = 64  # tokens that `generate` writes at most: it takes as long as writing them did


def check(
    lm: LanguageModel,
    text: str,
    tokens: Sequence[int],
    *,
    chain: Sequence[tuple[SamplerName, Any]],
    seed: int = 0,
    given: int = 0,
    chat: bool = False,
    progress: Progress | None = None,
) -> GenerationCheckTrace:
    """A written text beside transformers' own processors, and what was written greedily beside `generate`.

    Args:
        lm: the model that wrote it.
        text: the prompt.
        tokens: ids of what was written.
        chain: the samplers, as for `generation.generate`.
        seed: of the numbers that drew.
        given: how many of the tokens were laid down.
        chat: whether the prompt was a message.
        progress: called before each layer of the pass, and before each token of `generate`; may raise `Cancelled`.

    Raises:
        InputError: the prompt can't be used, or the chain.
    """
    import torch

    encoding = prompts.encode(lm, text, chat=chat, more=len(tokens))
    prompt = encoding.ids
    whole = torch.cat([prompt, torch.tensor(list(tokens), dtype=torch.int64, device=prompt.device)])
    logits = lm.logits({"input_ids": whole[None]}, progress)[len(prompt) - 1 : -1].float().cpu().numpy()
    numbers = np.random.RandomState(seed).random_sample(len(tokens))
    context = whole.tolist()
    taken, chances = [], []
    for step, token in enumerate(tokens):
        if progress is not None:
            progress("Asking transformers' own samplers", step / len(tokens))
        shares = sampling_check.run(logits[step], chain, context[: len(prompt) + step])[0]
        running = np.cumsum(shares)
        taken.append(int(np.searchsorted(running, numbers[step] * running[-1], side="right")))
        chances.append(float(shares[token]))
    greedy = any(name == "temperature" and value == 0 for name, value in chain)
    generated = _generate(lm, whole[: len(prompt) + given], len(tokens) - given, chain, progress) if greedy else []
    return GenerationCheckTrace(
        source=lm.source(encoding.text),
        tokens=np.array(tokens, dtype=np.int64),
        given=given,
        taken=np.array(taken, dtype=np.int64),
        chances=np.array(chances, dtype=np.float64),
        generated=np.array([*tokens[:given], *generated] if greedy else [], dtype=np.int64),
    )


def _generate(
    lm: LanguageModel,
    ids: torch.Tensor,
    tokens: int,
    chain: Sequence[tuple[SamplerName, Any]],
    progress: Progress | None,
) -> list[int]:
    """What transformers' own greedy search adds to the tokens `ids`."""
    import torch
    from transformers import GenerationConfig, LogitsProcessorList

    ends = sorted(lm.ends)
    count = min(tokens, COMPARED)

    def report(so_far: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """transformers calls it before each token; it changes nothing."""
        if progress is not None:
            progress("Asking transformers' generate", (so_far.shape[1] - len(ids)) / count)
        return scores

    settings = GenerationConfig(
        do_sample=False,
        max_new_tokens=count,
        repetition_penalty=next((value for name, value in chain if name == "repetition_penalty"), 1.0),
        eos_token_id=ends or None,
        pad_token_id=ends[0] if ends else 0,
    )
    with lm.lock, torch.inference_mode():
        found = lm.model.generate(
            ids[None],
            attention_mask=torch.ones_like(ids[None]),
            generation_config=settings,
            logits_processor=LogitsProcessorList([report]),
        )
    written: list[int] = found[0, len(ids) :].tolist()
    return written

"""What does transformers' own beam search write? To set beside ours (models/beam.py), token for token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import prompts
from models.traces import BeamCheckTrace

if TYPE_CHECKING:
    import torch

    from models.language_model import LanguageModel
    from models.progress import Progress


def check(
    lm: LanguageModel,
    text: str,
    *,
    beams: int = 4,
    tokens: int = 20,
    length_penalty: float = 1.0,
    chat: bool = False,
    progress: Progress | None = None,
) -> BeamCheckTrace:
    """The text of `model.generate(num_beams=beams, do_sample=False)`.

    Args:
        lm: a model that predicts a next token.
        text: the prompt.
        beams, tokens, length_penalty, chat: as for `beam.search`.
        progress: called before each step; may raise `Cancelled`.

    Raises:
        InputError: as `beam.search`.
    """
    import torch
    from transformers import GenerationConfig, LogitsProcessorList

    ids = prompts.encode(lm, text, chat=chat, more=tokens).ids[None]
    ends = sorted(lm.ends)
    settings = GenerationConfig(
        do_sample=False,
        num_beams=beams,
        max_new_tokens=tokens,
        length_penalty=length_penalty,
        early_stopping=False,
        repetition_penalty=1.0,
        eos_token_id=ends or None,
        pad_token_id=ends[0] if ends else 0,
    )

    def report(so_far: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """transformers calls it before each step; it changes nothing."""
        if progress is not None:
            progress("Asking transformers' generate", (so_far.shape[1] - ids.shape[1]) / tokens)
        return scores

    with lm.lock, torch.inference_mode():
        found = lm.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            generation_config=settings,
            logits_processor=LogitsProcessorList([report]),
        )
    return BeamCheckTrace(lm.source(text), found[0, ids.shape[1] :].cpu().numpy())

"""What does a model read before it writes? A text to go on with, or a message as its chat template writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import chat as chats
from models.traces import InputError

if TYPE_CHECKING:
    from models.language_model import Encoding, LanguageModel


def encode(lm: LanguageModel, text: str, *, chat: bool = False, more: int = 0, cut: bool = False) -> Encoding:
    """The tokens of a prompt.

    Args:
        lm: a model that predicts a next token.
        text: what it goes on with, or answers to.
        chat: whether the text is a message of a user; the template writes what stands around it, up to where the
            answer begins.
        more: how many tokens must fit behind it.
        cut: only the last tokens are run, so that it may be longer than what fits.

    Raises:
        InputError: the text can't be used, the model has no next token or no chat template, or all of it is too long.
    """
    lm.check_next_token()
    lm.check_text(text, "prompt")
    if chat:
        text = chats.template(lm.tokenizer, [{"role": "user", "content": text}], generation_prompt=True).text
    encoding = lm.encode(text, complete=chat, cut=cut)
    if not cut and len(encoding.ids) + more > lm.max_tokens:
        raise InputError(
            f"The prompt's {len(encoding.ids):,} tokens and {more:,} more are over the {lm.max_tokens:,} that are run "
            "at once; shorten it, or ask for fewer."
        )
    return encoding

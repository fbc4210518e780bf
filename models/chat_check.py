"""Which ids does the library itself give for a chat?

`apply_chat_template(messages, tokenize=True)`, asked in one call, is what a program would send to the model; the trace
of `models.chat` must hold the same ids. A stranger's template and tokenizer are asked in a process with limits.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from models import apart, chat
from models.chat import Message
from models.traces import InputError


def library_ids(tokenizer: Any, messages: Sequence[Message], *, generation_prompt: bool, trusted: bool) -> list[int]:
    """[token] the ids of a chat.

    Args:
        tokenizer: a transformers tokenizer with a chat template.
        messages: each with "role" and "content".
        generation_prompt: whether the template writes the beginning of the assistant's answer, too.
        trusted: whether the tokenizer may be asked here.

    Raises:
        InputError: it takes too much time or memory.
    """
    if trusted and chat.is_own(tokenizer):
        return _ids(tokenizer, list(messages), generation_prompt)
    named = {name: token for name, token in tokenizer.special_tokens_map.items() if isinstance(token, str)}
    given = {
        "document": tokenizer.backend_tokenizer.to_str(),
        "template": tokenizer.get_chat_template(),
        "special": named,
        "messages": list(messages),
        "generation_prompt": generation_prompt,
    }
    try:
        return list(json.loads(apart.run(ask, json.dumps(given).encode(), seconds=2 * chat.SECONDS)))
    except apart.FailedApartError as error:
        raise InputError(
            "The chat template takes too much time or memory on these messages; choose another model."
        ) from error


def ask(given: bytes) -> bytes:
    """The ids as JSON; runs in a process of its own."""
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    request = json.loads(given)
    backend = Tokenizer.from_str(request["document"])
    backend.no_truncation()
    backend.no_padding()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, **request["special"])
    tokenizer.chat_template = request["template"]
    return json.dumps(_ids(tokenizer, request["messages"], request["generation_prompt"])).encode()


def _ids(tokenizer: Any, messages: list[Message], generation_prompt: bool) -> list[int]:
    batch = tokenizer.apply_chat_template(messages, tokenize=True, add_generation_prompt=generation_prompt)
    return list(batch["input_ids"])

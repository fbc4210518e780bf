"""What does a model read when people chat with it?

A chat is a list of messages; a model reads one sequence of tokens. The tokenizer's chat template, a Jinja program that
comes with the model, writes the one from the other (https://huggingface.co/docs/transformers/chat_templating):

    text = template(messages)        rendered by transformers, as its `apply_chat_template` does; with a generation
                                     prompt, the beginning of an answer is written after the last message
    ids  = tokenizer(text)           without further special tokens: the template has written them

Whose words a token holds is found by rendering once more with each message's content between two marks. The marks
taken out again, the text must be the same; where it isn't (a template that looks into the content), no token is given
to anybody, rather than to the wrong one.

A template is a stranger's program. transformers runs it in Jinja's sandbox (`ImmutableSandboxedEnvironment`), where it
can reach nothing of the process; but it can loop for hours and fill the memory, so any template that isn't one of the
catalog's own runs in a process with limits (`models.apart`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import regex

from models import apart
from models.tokens import describe
from models.traces import ChatTrace, InputError

MAX_MESSAGES: Final = 100
MAX_CHARACTERS: Final = 20_000  # of all messages
MAX_RENDERED: Final = 100_000  # characters
MAX_TEMPLATE: Final = 200_000  # characters; the longest in use have 20,000
SECONDS: Final = 10.0  # of which two go to importing the renderer
# The SHA-256 of templates that come with the catalog's models: they are known to end, and are rendered at once.
OWN: Final = frozenset({"872be49dbb638044ad01b60388f48d469ff2980e5f0dccdc22ec907db54d0788"})
# Noncharacters (Unicode 23.7), which no text for interchange holds: start of message n, its number, and its end.
START, NUMBERED, END = "\ufdd0", "\ufdd1", "\ufdd2"
MARK: Final = regex.compile(rf"{START}(\d+){NUMBERED}|{END}")

Message = dict[str, str]


def template(
    tokenizer: Any,
    messages: Sequence[Message],
    *,
    generation_prompt: bool = False,
    try_text: Callable[[str], None] | None = None,
) -> ChatTrace:
    """The token sequence of a chat, each token with the message whose content it holds.

    Args:
        tokenizer: a transformers tokenizer with a chat template.
        messages: each with "role" and "content", as for `apply_chat_template`.
        generation_prompt: whether the template writes the beginning of the assistant's answer, too.
        try_text: called with the text before it is tokenized; raises what should be raised for a stranger's tokenizer
            that won't get through it.

    Raises:
        InputError: there is no template, it refuses the messages or asks for too much, or the messages are over a
        limit.
    """
    source = getattr(tokenizer, "chat_template", None)
    if not source:
        raise InputError(
            "This tokenizer has no chat template; choose that of a model made for chat, such as smollm2-135m."
        )
    _check(messages)
    try:
        source = tokenizer.get_chat_template()
    except ValueError as error:
        raise InputError(
            "This tokenizer has several chat templates and none by the name of default; choose another model."
        ) from error
    if len(source) > MAX_TEMPLATE:
        raise InputError(f"The chat template has {len(source):,} characters; up to {MAX_TEMPLATE:,} work.")
    _refuse_halves(source)
    given = json.dumps(
        {
            "messages": list(messages),
            "template": source,
            "special": tokenizer.special_tokens_map,
            "generation_prompt": generation_prompt,
        }
    )
    if is_own(tokenizer):
        answer = json.loads(render(given.encode()))
    else:
        try:
            answer = json.loads(apart.run(render, given.encode(), seconds=SECONDS))
        except apart.FailedApartError as error:
            raise InputError(
                "The chat template takes too much time or memory on these messages; choose another model."
            ) from error
    if "refused" in answer:
        raise InputError(answer["refused"])
    text: str = answer["text"]
    _refuse_halves(text)
    if try_text is not None:
        try_text(text)
    spans = tuple((int(number), int(start), int(end)) for number, start, end in answer["spans"] or ())
    batch = tokenizer(
        text,
        add_special_tokens=False,
        truncation=False,
        padding=False,
        return_offsets_mapping=tokenizer.is_fast,
        verbose=False,
    )
    ids = batch["input_ids"]
    tokens = describe(tokenizer, [text], ids, batch.get("offset_mapping"), [0] * len(ids))
    owners = np.full(len(ids), -1, dtype=np.int64)
    for number, start, end in spans:
        for token, (first, last) in enumerate(tokens.spans):
            if first < end and start < last:
                owners[token] = number
    return ChatTrace(
        text=text,
        token_table=tokens,
        roles=tuple(message["role"] for message in messages),
        owners=owners,
        spans=spans,
        attributed=answer["spans"] is not None,
    )


def is_own(tokenizer: Any) -> bool:
    """Whether its template is one of the catalog's, which are known to end."""
    return hashlib.sha256(tokenizer.get_chat_template().encode()).hexdigest() in OWN


def render(given: bytes) -> bytes:
    """The text that a template makes of messages, and where in it their contents are, as JSON.

    Runs in a process of its own unless the template is one of ours.
    """
    from jinja2.exceptions import TemplateError
    from transformers.utils.chat_template_utils import render_jinja_template

    request = json.loads(given)
    messages: list[Message] = request["messages"]

    def rendered(chat: list[Message]) -> str:
        texts, _ = render_jinja_template(
            [chat],
            chat_template=request["template"],
            add_generation_prompt=request["generation_prompt"],
            **request["special"],
        )
        return str(texts[0])

    try:
        text = rendered(messages)
        if len(text) > MAX_RENDERED:
            refusal = (
                f"The chat template makes {len(text):,} characters of these messages; up to {MAX_RENDERED:,} work."
            )
            return json.dumps({"refused": refusal}).encode()
        spans = None
        for inside in (False, True):
            marked = rendered([_marked(message, number, inside) for number, message in enumerate(messages)])
            if MARK.sub("", marked) == text:
                spans = _spans(marked)
                break
    except TemplateError as error:  # its own `raise_exception`, the sandbox's refusals, and mistakes in it
        said = "".join(letter for letter in str(error) if letter.isprintable())[:200].rstrip(".")
        return json.dumps({"refused": f"The chat template refuses these messages: {said}."}).encode()
    except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError, RecursionError):
        return json.dumps({"refused": "The chat template fails on these messages; choose another model."}).encode()
    return json.dumps({"text": text, "spans": spans}).encode()


def _marked(message: Message, number: int, inside: bool) -> Message:
    """A message with marks round its content, or inside the white space at its ends, which many templates trim."""
    content = message["content"]
    core = content.strip() if inside else content
    head, tail = content.split(core, 1) if core else ("", content)
    return message | {"content": f"{head}{START}{number}{NUMBERED}{core}{END}{tail}"}


def _spans(marked: str) -> list[tuple[int, int, int]] | None:
    """(message, start, end) of each content in a text, the marks not counted; None where they don't pair."""
    spans: list[tuple[int, int, int]] = []
    opened: tuple[int, int] | None = None
    removed = 0
    for mark in MARK.finditer(marked):
        place = mark.start() - removed
        removed += len(mark.group())
        if (mark[1] is None) != (opened is not None):
            return None
        if opened is None:
            opened = (int(mark[1]), place)
        else:
            spans.append((*opened, place))
            opened = None
    return spans


def _refuse_halves(written: str) -> None:
    """Raises InputError for a template, or what it writes, that is no text."""
    try:
        written.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            "The chat template writes half of a character (a lone surrogate); choose another model."
        ) from error


def _check(messages: Sequence[Message]) -> None:
    if not messages:
        raise InputError("There is no message; write at least one.")
    if len(messages) > MAX_MESSAGES:
        raise InputError(f"The chat has {len(messages)} messages; up to {MAX_MESSAGES} work.")
    for message in messages:
        if not all(isinstance(message.get(name), str) for name in ("role", "content")):
            raise InputError('Each message needs a "role" and a "content", both text.')
        if any(mark in text for mark in (START, NUMBERED, END) for text in message.values()):
            raise InputError("A message holds a Unicode noncharacter (U+FDD0 to U+FDD2); delete it.")
        try:
            "".join(message.values()).encode()
        except UnicodeEncodeError as error:
            raise InputError("A message holds half of a character (a lone surrogate); delete it.") from error
    total = sum(len(message["content"]) + len(message["role"]) for message in messages)
    if total > MAX_CHARACTERS:
        raise InputError(f"The messages have {total:,} characters together; up to {MAX_CHARACTERS:,} work.")

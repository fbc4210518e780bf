"""How does a chat reach the browser: its messages to edit, and the one sequence of tokens that it becomes?

In the link a chat is JSON, the shortest that reads well: [["user", "Hello"], ["assistant", "Hi"]].
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.traces import ChatTrace
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
MAX_MESSAGES: Final = 100  # in a link; the page shows the first of them to edit
MAX_CHARACTERS: Final = 60_000  # of the link's JSON
MAX_ROLE: Final = 40
TOKENS: Final = 3000  # drawn at most
USUAL: Final = '[["user","What is a token?"],["assistant","A piece of text with a number."],["user","Thanks!"]]'
DEFAULTS: Final[dict[str, Any]] = {"chat": USUAL, "prompt": 0, "token": None}


class Chat:
    """The kind of value (viz.state.Kind) that a chat in a link is."""

    def parse(self, text: str) -> str:
        """The same text, once it is known to hold a chat. Raises ValueError if it doesn't."""
        messages(text)
        return text

    def allowed(self) -> str:
        return f'up to {MAX_MESSAGES} messages written as [["user", "Hello"], ["assistant", "Hi"]]'


def messages(text: str) -> list[dict[str, str]]:
    """The messages that a link's text holds, as transformers takes them.

    Raises:
        ValueError: it holds none.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(text)
    try:
        pairs = json.loads(text)
    except RecursionError as error:
        raise ValueError(text) from error
    if not isinstance(pairs, list) or len(pairs) > MAX_MESSAGES:
        raise ValueError(text)
    found = []
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
            raise ValueError(text)
        if not 0 < len(pair[0]) <= MAX_ROLE:
            raise ValueError(text)
        found.append({"role": pair[0], "content": pair[1]})
    return found


def pack(text: str, prompt: int, trace: ChatTrace | None, *, title: str, facts: Sequence[str]) -> bytes:
    """A chat as it travels.

    Args:
        text: the chat as in the link.
        prompt: whether the template begins the answer; 0 or 1.
        trace: what the model reads; None where the chat is refused.
        title: the tokenizer's name, for people.
        facts: the lines below a saved picture.
    """
    data: dict[str, Any] = {"title": title, "facts": list(facts), "chat": text, "prompt": prompt, "sequence": None}
    if trace is not None:
        table = trace.token_table
        owners = trace.owners.tolist()
        data["sequence"] = {
            "tokens": shared.tokens(table)[:TOKENS],
            "owners": owners[:TOKENS],
            "count": len(table),
            "counts": [owners.count(number) for number in range(-1, len(trace.roles))],
            "forged": sorted(
                {owner for owner, kind in zip(owners, table.kinds, strict=True) if owner >= 0 and kind == "special"}
            ),
            "roles": trace.roles,
            "attributed": trace.attributed,
            "text": _stretches(trace),
        }
    return shared.pack(data)


def chat_tokens(packed: bytes, state: dict[str, Any], *, key: str) -> ComponentResult:
    """Show it; `asked` of the result is the {"chat", "prompt"} that the visitor has made of it since."""
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS, on_asked_change=lambda: None)


def _stretches(trace: ChatTrace) -> list[tuple[int, bool, str]]:
    """The text of the drawn tokens in stretches: (whose it is, whether it is a special token, the characters)."""
    table = trace.token_table
    stretches = []
    place = 0
    each = itertools.islice(
        zip(trace.owners.tolist(), table.kinds, table.spans, range(len(table)), strict=True), TOKENS
    )
    # A special token is a stretch by itself.
    for (owner, special, _), group in itertools.groupby(
        each, key=lambda token: (token[0], token[1] == "special", token[3] if token[1] == "special" else -1)
    ):
        end = max(place, *(span[1] for _, _, span, _ in group))
        stretches.append((owner, special, trace.text[place:end]))
        place = end
    return stretches

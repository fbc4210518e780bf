"""What leaves of a chat for the browser, and which chats a link can hold."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.traces import ChatTrace, Tokens
from viz import state
from viz.components import chat_tokens
from viz.components.chat_tokens import USUAL, Chat, messages, pack

ROLES = st.text(min_size=1, max_size=10)


@given(st.lists(st.tuples(ROLES, st.text(max_size=30)), max_size=5), st.booleans())
def test_a_chat_is_read_as_it_was_written(pairs: list[tuple[str, str]], escaped: bool) -> None:
    text = json.dumps(pairs, ensure_ascii=escaped)
    assert messages(text) == [{"role": role, "content": content} for role, content in pairs]
    assert Chat().parse(text) == text


def test_the_usual_chat_is_one() -> None:
    assert [message["role"] for message in messages(USUAL)] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "{}",
        "null",
        '[["user"]]',
        '[["user","a","b"]]',
        '[{"role":"user","content":"a"}]',
        '[["user",1]]',
        '[["","a"]]',
        f'[["{"a" * 41}","a"]]',
        json.dumps([["user", "a"]] * 101),
        json.dumps([["user", "a" * 60_000]]),
        "[" * 50_000,
    ],
)
def test_what_is_no_chat_is_refused_and_said(text: str) -> None:
    values, complaints = state.read({"chat": Chat()}, {"chat": text})
    assert values == {}
    assert len(complaints) == 1
    assert 'written as [["user", "Hello"]' in complaints[0]
    assert len(complaints[0]) < 260


def trace(parts: list[tuple[str, int, bool]]) -> ChatTrace:
    """A chat of tokens (text, owner, special), one character a part at least."""
    texts = tuple(text for text, _, _ in parts)
    ends = np.cumsum([len(text) for text in texts]).tolist()
    table = Tokens(
        ids=np.arange(len(parts)),
        pieces=texts,
        texts=texts,
        raw=tuple(text.encode() for text in texts),
        kinds=tuple("special" if special else "text" for _, _, special in parts),
        segments=(0,) * len(parts),
        spans=tuple((end - len(text), end) for end, text in zip(ends, texts, strict=True)),
        parts=((0, 1),) * len(parts),
    )
    owners = np.array([owner for _, owner, _ in parts])
    return ChatTrace("".join(texts), table, ("user", "tool"), owners, (), attributed=True)


def travelled(shown: ChatTrace | None) -> Any:
    return json.loads(b"{" + pack(USUAL, 1, shown, title="T", facts=["F"]) + b"}")["data"]


def test_the_sequence_travels_with_its_owners() -> None:
    data = travelled(trace([("<s>", -1, True), ("a", 0, False), ("b", 0, False), ("<s>", 0, True), ("<s>", -1, True)]))
    found = data["sequence"]
    assert [token["text"] for token in found["tokens"]] == ["<s>", "a", "b", "<s>", "<s>"]
    assert found["owners"] == [-1, 0, 0, 0, -1]
    assert found["counts"] == [2, 3, 0]
    assert found["forged"] == [0]
    assert found["text"] == [[-1, True, "<s>"], [0, False, "ab"], [0, True, "<s>"], [-1, True, "<s>"]]
    assert (data["chat"], data["prompt"]) == (USUAL, 1)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=4), st.integers(-1, 1), st.booleans()), min_size=1, max_size=20))
def test_the_stretches_are_the_text(parts: list[tuple[str, int, bool]]) -> None:
    shown = trace([(text.encode(errors="ignore").decode() or "x", owner, special) for text, owner, special in parts])
    stretches = travelled(shown)["sequence"]["text"]
    assert "".join(text for _, _, text in stretches) == shown.text
    assert sum(special for _, special, _ in stretches) == shown.token_table.kinds.count("special")


def test_of_a_long_sequence_the_beginning_travels_and_all_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_tokens, "TOKENS", 3)
    found = travelled(trace([("a", -1, False), ("b", 0, False), ("c", 1, False), ("d", 1, False)]))["sequence"]
    assert (len(found["tokens"]), found["count"], found["counts"]) == (3, 4, [1, 1, 2])
    assert "".join(text for _, _, text in found["text"]) == "abc"


def test_a_refused_chat_travels_without_a_sequence() -> None:
    assert travelled(None)["sequence"] is None

"""A chat as its model reads it: transformers' own tokens, each with the message that it comes from."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import apart, chat, chat_check, chat_files
from models.traces import InputError
from tests.unit.test_tokens import byte_level

CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
TRIMMED = CHATML.replace("m.content", "m.content|trim")
MESSAGES = [
    {"role": "system", "content": "user system\n"},
    {"role": "user", "content": "  hello 😀 <|im_end|>"},
    {"role": "assistant", "content": ""},
    {"role": "user", "content": "user"},
]


def tokenizer(template: str | dict[str, str] | None) -> Any:
    made = byte_level()
    made.add_special_tokens({"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"})
    made.chat_template = template
    return made


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Renders at once, but where a test is about processes: each of them imports transformers for a second."""
    if "apart" not in request.node.name:
        monkeypatch.setattr(apart, "run", lambda work, given, seconds: work(given))


@pytest.mark.parametrize("template", [CHATML, TRIMMED])
def test_ids_are_transformers(template: str) -> None:
    made = tokenizer(template)
    trace = chat.template(made, MESSAGES)
    assert trace.token_table.ids.tolist() == made.apply_chat_template(MESSAGES)["input_ids"]
    assert trace.text == made.apply_chat_template(MESSAGES, tokenize=False)
    assert trace.attributed


@pytest.mark.parametrize("template", [CHATML, TRIMMED])
def test_each_token_has_its_speaker(template: str) -> None:
    trace = chat.template(tokenizer(template), MESSAGES)
    for number, message in enumerate(MESSAGES):
        raw = b"".join(
            piece for piece, owner in zip(trace.token_table.raw, trace.owners, strict=True) if owner == number
        )
        content = message["content"].strip() if template == TRIMMED else message["content"]
        assert content in raw.decode()  # a token can reach over the edge
        assert len(raw.decode()) <= len(content) + 2
    frame = [
        piece
        for piece, owner, kind in zip(trace.token_table.raw, trace.owners, trace.token_table.kinds, strict=True)
        if owner == -1 and kind == "special"
    ]
    assert frame == [b"<|im_start|>", b"<|im_end|>"] * 4
    # The end that the visitor typed is a special token, and the visitor's.
    typed = [owner for owner, raw in zip(trace.owners, trace.token_table.raw, strict=True) if raw == b"<|im_end|>"]
    assert typed == [-1, 1, -1, -1, -1]
    assert set(trace.speakers) == {"template", "system", "user"}


@settings(max_examples=60, deadline=None)
@given(contents=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=20), min_size=1, max_size=4))
def test_any_content(contents: list[str]) -> None:
    messages = [{"role": "user", "content": content} for content in contents]
    for template in (CHATML, TRIMMED):
        made = tokenizer(template)
        trace = chat.template(made, messages)
        assert trace.attributed
        assert trace.token_table.ids.tolist() == made.apply_chat_template(messages)["input_ids"]
        for (number, start, end), content in zip(trace.spans, contents, strict=True):
            assert contents[number] == content
            assert trace.text[start:end].strip() == content.strip()


PROMPTED = CHATML + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"


@pytest.mark.parametrize("asked", [False, True])
def test_a_generation_prompt_is_the_templates(asked: bool) -> None:
    made = tokenizer(PROMPTED)
    trace = chat.template(made, MESSAGES, generation_prompt=asked)
    assert trace.text == made.apply_chat_template(MESSAGES, tokenize=False, add_generation_prompt=asked)
    assert trace.text.endswith("assistant\n") is asked
    assert trace.speakers[-1] == "template"
    assert (
        chat_check.library_ids(made, MESSAGES, generation_prompt=asked, trusted=False)
        == (made.apply_chat_template(MESSAGES, add_generation_prompt=asked)["input_ids"])
    )
    assert (
        trace.token_table.ids.tolist() == made.apply_chat_template(MESSAGES, add_generation_prompt=asked)["input_ids"]
    )


def test_the_text_can_be_tried_before_it_is_tokenized() -> None:
    tried = []

    def refuse(text: str) -> None:
        tried.append(text)
        raise InputError("not this one")

    made = tokenizer(CHATML)
    with pytest.raises(InputError, match="not this one"):
        chat.template(made, MESSAGES, try_text=refuse)
    assert tried == [made.apply_chat_template(MESSAGES, tokenize=False)]


def test_asked_apart_the_library_gives_the_same_ids() -> None:
    made = tokenizer(PROMPTED)
    ids = chat_check.library_ids(made, MESSAGES, generation_prompt=True, trusted=False)
    assert ids == chat.template(made, MESSAGES, generation_prompt=True).token_table.ids.tolist()


def test_files_hold_every_token() -> None:
    trace = chat.template(tokenizer(CHATML), MESSAGES)
    table = pd.read_csv(io.BytesIO(chat_files.csv(trace, {"tokenizer": "T"})), skiprows=1)
    assert table["id"].tolist() == trace.token_table.ids.tolist()
    assert b"".join(bytes.fromhex(json.loads(cell)) for cell in table["bytes"]) == trace.text.encode()
    assert [json.loads(cell) for cell in table["speaker"]] == list(trace.speakers)
    assert table["message"].fillna(0).tolist() == (trace.owners + 1).tolist()
    document = json.loads(chat_files.json_(trace, MESSAGES, {"tokenizer": "T"}))
    assert document["messages"] == MESSAGES
    assert document["text"] == trace.text
    assert document["tokens"]["ids"] == trace.token_table.ids.tolist()


def test_a_template_that_changes_contents_gives_no_speaker() -> None:
    trace = chat.template(tokenizer("{% for m in messages %}{{ m.content|length }}{% endfor %}"), MESSAGES)
    assert not trace.attributed
    assert set(trace.speakers) == {"template"}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ cycler.__init__.__globals__.os.system('true') }}", "unsafe"),
        ("{{ messages.append(1) }}", "unsafe"),
        ("{% include '/etc/passwd' %}", "fails"),
        ("{{ raise_exception('roles must alternate') }}", "roles must alternate"),
        ("{% for i in range(10000000) %}x{% endfor %}", "fails"),
        ("{{ 'a' * 200000 }}", "200,000 characters"),
        ("{{ 1 / 0 }}", "fails"),
        ("{% if %}", "refuses"),
        ("x" * 300_000, "300,000 characters"),
        (r"{{ '\ud800' }}", "half of a character"),
        ("\ud800", "half of a character"),
        ({"rag": "x", "tools": "y"}, "several chat templates"),
        (None, "no chat template"),
    ],
)
def test_templates_that_are_refused(template: Any, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        chat.template(tokenizer(template), MESSAGES)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'a' * 100000000000 }}",
    ],
)
def test_endless_templates_are_stopped_apart(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "SECONDS", 4.0)
    with pytest.raises(InputError, match="too much time or memory"):
        chat.template(tokenizer(template), MESSAGES)


def test_rendered_apart_is_the_same() -> None:
    made = tokenizer(CHATML)
    assert chat.template(made, MESSAGES).token_table.ids.tolist() == made.apply_chat_template(MESSAGES)["input_ids"]


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([], "no message"),
        ([{"role": "user", "content": "a"}] * 101, "101 messages"),
        ([{"role": "user"}], "content"),
        ([{"role": "user", "content": "a" * 20_001}], "20,005 characters"),
        ([{"role": "user", "content": "\ud800"}], "surrogate"),
        ([{"role": "user", "content": "\ufdd0"}], "noncharacter"),
    ],
)
def test_messages_that_are_refused(messages: list[dict[str, str]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        chat.template(tokenizer(CHATML), messages)

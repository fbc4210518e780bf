"""The view "chat" as a script: the catalog's template, the hub's, those that refuse, and those that mean harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tokenizers import Tokenizer, models, pre_tokenizers

from models import bpe, chat
from tests import hub as stand_in
from tests.pages import visiting
from tests.pages.visiting import badges, sentences

HELLO = '[["user","Hello"]]'
CHATML = (
    "{% for m in messages %}<s>{{ m.role }}:{{ m.content }}{% endfor %}{% if add_generation_prompt %}<s>me{% endif %}"
)


def opened(agreed: str = "", **query: str) -> AppTest:
    app = visiting.opened("tokenizers", {"view": "chat", **query}, {"agreed": {agreed}} if agreed else None)
    assert not app.exception, app.exception
    return app


def test_the_usual_chat() -> None:
    app = opened()
    assert sentences(app) == []
    assert "The library's own 52 ids" in badges(app)[0]
    assert badges(app)[0].startswith(":green")
    assert [button.proto.label for button in app.get("download_button")] == ["CSV, every token", "JSON, every token"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[]", "There is no message; write at least one."),
        ('[["user","\\ud800"]]', "half of a character"),
        (json.dumps([["user", "a" * 20_001]]), "up to 20,000 work"),
    ],
)
def test_a_chat_that_is_refused_is_one_sentence(text: str, sentence: str) -> None:
    app = opened(chat=text)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert badges(app) == []
    assert app.query_params["chat"] in (text, [text])


@pytest.mark.parametrize(("name", "value"), [("chat", "Hello"), ("prompt", "2"), ("token", "-1")])
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(**{name: value})
    assert len(app.warning) == 1
    assert sentences(app) == []
    assert badges(app)


@pytest.mark.parametrize("name", ["qwen", "your tokenizer.json", "minilm-l6-v2"])
def test_a_tokenizer_of_another_view_without_a_template(name: str) -> None:
    app = opened(tokenizer=name)
    assert sentences(app) == []
    assert any("smollm2-135m is shown" in caption.value.replace("\\", "") for caption in app.caption)
    assert badges(app)


def put(folder: Path, hub: stand_in.Hub, template: str | None) -> str:
    """The id of a model on the hub with a tokenizer of bytes and this template."""
    name = f"org/chatty{len(template or '')}"
    tokenizer = Tokenizer(
        models.BPE({letter: number for number, letter in enumerate(sorted(bpe.CHARACTER_OF.values()))}, [])
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<s>"])
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>"}
    settings |= {"chat_template": template} if template else {}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}))
    (folder / "model.safetensors").write_bytes(b"\x02\x00\x00\x00\x00\x00\x00\x00{}")
    hub.repositories[name] = folder
    return name


def test_a_template_from_the_hub_is_asked_apart(tmp_path: Path, hub: stand_in.Hub) -> None:
    name = put(tmp_path / "chatty", hub, CHATML)
    app = opened(tokenizer=name, chat=HELLO)
    assert "isn't on this machine" in app.info[0].value.replace("\\", "")
    app = opened(name, tokenizer=name, chat=HELLO, prompt="1")
    assert sentences(app) == []
    assert f"The library's own {1 + len('user:Hello') + 1 + len('me')} ids" in badges(app)[0]


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        (None, "such as smollm2-135m"),
        ("{{ raise_exception('Roles must alternate') }}", "refuses these messages: Roles must alternate."),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "too much time or memory"),
    ],
)
def test_templates_that_are_refused(
    template: str | None, sentence: str, tmp_path: Path, hub: stand_in.Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "SECONDS", 6.0)
    name = put(tmp_path / "chatty", hub, template)
    app = opened(name, tokenizer=name, chat=HELLO)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert badges(app) == []

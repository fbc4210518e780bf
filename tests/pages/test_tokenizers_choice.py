"""Choosing a tokenizer and a corpus: the catalog's, the hub's after a click, the visitor's own, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from models import bpe, catalog
from tests import hub as stand_in
from tests.pages import visiting

TEXT = "Hello world"


def choosing() -> None:
    import streamlit as st

    from pages.parts.tokenizers import which
    from viz import page

    st.session_state["asking"] = set()
    with page.guarded():
        picked = which.choose("Tokenizer", {"BPE"}, usual="smollm2-135m")
        page.complain_once(())
        if picked:
            ids = picked.tried("Hello world").tokenizer("Hello world", add_special_tokens=False)["input_ids"]
            st.write(f"{picked.key}|{picked.title}|{ids}")
            which.source(picked)


def training() -> None:
    import streamlit as st

    from pages.parts import corpus
    from viz import page

    with page.guarded():
        chosen = corpus.choose()
        page.complain_once(())
        st.text(f"{chosen.title}|{len(chosen.text)}|{chosen.text[:20]}")


def run(function: Any, **query: str) -> AppTest:
    app = AppTest.from_function(function, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def small() -> Tokenizer:
    """A tokenizer of bytes that were never merged."""
    tokenizer = Tokenizer(
        models.BPE({letter: number for number, letter in enumerate(sorted(bpe.CHARACTER_OF.values()))}, [])
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def test_the_usual_one_and_where_it_comes_from() -> None:
    app = run(choosing)
    ids = catalog.tokenizer("smollm2-135m")(TEXT)["input_ids"]
    assert app.markdown[0].value == f"smollm2-135m|SmolLM2|{ids}"
    assert "Apache" in app.caption[0].value
    assert "tokenizers" in app.caption[0].value


def test_a_link_names_another() -> None:
    app = run(choosing, tokenizer="qwen")
    ids = catalog.tokenizer("qwen")(TEXT)["input_ids"]
    assert app.markdown[0].value == f"qwen|Qwen 2.5|{ids}"


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/passwd", "a/b/c", "file:///x"])
def test_a_name_that_is_no_model_is_one_sentence(name: str) -> None:
    app = run(choosing, tokenizer=name)
    assert not app.markdown
    assert len(app.error) == 1


def test_a_hub_model_asks_first_then_gives_its_tokenizer(tmp_path: Path, hub: stand_in.Hub) -> None:
    folder = tmp_path / "org" / "tiny"
    folder.mkdir(parents=True)
    small().save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}))
    (folder / "model.safetensors").write_bytes(b"\x02\x00\x00\x00\x00\x00\x00\x00{}")
    hub.repositories["org/tiny"] = folder
    app = run(choosing, tokenizer="org/tiny")
    assert not app.markdown
    assert hub.downloads() == []
    assert app.button[0].label == "Look it up and download"
    app = AppTest.from_function(choosing, default_timeout=60)
    app.query_params["tokenizer"] = "org/tiny"
    app.session_state["agreed"] = {"org/tiny"}
    app.run()
    assert app.markdown, [error.value for error in app.error]
    assert app.markdown[0].value.endswith(f"|{small().encode(TEXT).ids}")
    assert "model.safetensors" not in hub.downloads()


def drop(app: AppTest, name: str, blob: bytes) -> AppTest:
    app.file_uploader[0].set_value([(name, blob, "application/json")]).run()
    assert not app.exception
    return app


def test_ones_own_tokenizer_json() -> None:
    app = drop(run(choosing), "mine.json", small().to_str().encode())
    app.selectbox[0].set_value("your tokenizer.json").run()
    assert app.markdown[0].value == f"your tokenizer.json|mine.json|{small().encode(TEXT).ids}"
    assert "mine" in app.caption[0].value


def test_a_link_to_somebodys_own_file_asks_for_it() -> None:
    app = run(choosing, tokenizer="your tokenizer.json")
    assert "drop that file here" in app.error[0].value


def hostile() -> bytes:
    tokenizer = small()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"(a+)+\d"), "isolated")
    return tokenizer.to_str().encode()


@pytest.mark.parametrize(
    ("blob", "sentence"), [(b"{}", "not a tokenizer"), (b"\xff\x00", "not JSON"), (hostile(), "regular expression")]
)
def test_a_file_that_cannot_be_used_is_one_sentence(blob: bytes, sentence: str) -> None:
    app = drop(run(choosing), "x.json", blob)
    app.selectbox[0].set_value("your tokenizer.json").run()
    assert not app.exception
    assert sentence in app.error[0].value.replace("\\", "")
    app.selectbox[0].set_value("smollm2-135m").run()
    assert not app.error
    assert app.markdown


def test_the_corpora_at_hand() -> None:
    assert int(run(training).text[0].value.split("|")[1]) == 200_000
    assert run(training, corpus="low").text[0].value.endswith("|low low low low low")
    assert run(training, corpus="pasted", pasted="ana\u00e9 banana").text[0].value == "your text|11|ana\u00e9 banana"


def test_a_corpus_from_a_file() -> None:
    app = run(training, corpus="file")
    assert "Choose a text file" in app.error[0].value
    app.file_uploader[0].set_value([("a.txt", "\ufeffhallo".encode(), "text/plain")]).run()
    assert app.text[0].value == "a.txt|5|hallo"
    app.file_uploader[0].set_value([("b.txt", b"\xff\xfe\x00a", "text/plain")]).run()
    assert "UTF" in app.error[0].value
    assert not app.exception


def test_a_corpus_that_is_not_there_is_told() -> None:
    app = run(training, corpus="atlantis")
    assert "it can be one of english" in app.warning[0].value
    assert app.text[0].value.startswith("English")


@pytest.mark.parametrize(
    "view", ["compare", "train", "replay", "wordpiece", "unigram", "trained", "vocabulary", "chat"]
)
def test_where_no_package_is_installed_each_view_shows_what_it_can(
    view: str, hub: stand_in.Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "package_folder", lambda name: None)
    app = visiting.opened("tokenizers", {"view": view})
    said = visiting.sentences(app)
    if view in {"compare", "train", "unigram", "trained"}:  # a stored trace, or trained here
        assert said == []
        assert "green-badge" in visiting.badges(app)[0]
    else:  # the hub lacks the model, too; or an earlier test has left its tokenizer in memory
        assert len(said) <= 1
    assert app.header

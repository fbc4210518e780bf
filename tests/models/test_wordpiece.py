"""MiniLM's WordPiece on text of every kind: our longest match gives the library's ids."""

from __future__ import annotations

import random

from models import catalog, wordpiece

KINDS = [
    "abcdefghijklmnopqrstuvwxyz   ",
    "ABCÉÈÜßñçøåİıǅ '’-_#",
    "0123456789.,:;$€%",
    "Привет мир Ґґ",
    "你好世界。猫は東京カナ",
    "مرحبا بالعالم \u200f",
    "नमस्ते दुनिया",
    "สวัสดีชาวโลก",
    "한국어 가각힣",
    "😀👨‍👩‍👧‍👦🇩🇪☃️👍🏽",
    "\x00\x07\t\n\r\u200b\u202e\ufeff\u00a0\u2028e\u0301\ufffd",
]
WORDS = [
    "unstoppable",
    "tokenization",
    "[SEP]",
    "[UNK]",
    "[MASK] ",
    "##ing",
    "x" * 120,
    "ab" * 50,
    "don't",
    "antidisestablishment",
]


def snippet(draw: random.Random) -> str:
    """Runs of one kind, mixed."""
    runs = []
    for _ in range(draw.randint(0, 8)):
        if draw.random() < 0.3:
            runs.append(draw.choice(WORDS))
        else:
            kind = draw.choice(KINDS)
            runs.append("".join(draw.choice(kind) for _ in range(draw.randint(1, 12))))
    return draw.choice(["", " "]).join(runs)


def test_ids_of_three_thousand_snippets() -> None:
    tokenizer = catalog.tokenizer("minilm-l6-v2")
    draw = random.Random(0)
    texts = [snippet(draw) for _ in range(3_000)]
    expected = tokenizer(texts, add_special_tokens=False)["input_ids"]
    reader = wordpiece.read(tokenizer)
    for text, ids in zip(texts, expected, strict=True):
        assert wordpiece.replay(reader, text).ids.tolist() == ids, text

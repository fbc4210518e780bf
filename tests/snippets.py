"""Random texts that tokenizers find hard: many scripts in one, emoji, long runs, control characters, special tokens."""

from __future__ import annotations

import random
from collections.abc import Iterator

PARTS = [
    *"abcdefghijklmnopqrstuvwxyz ABC 0123456789 .,!?'\"\n\t  -_()[]{}<>",
    *[
        "the ",
        " world",
        "hello ",
        "Straße",
        "naïve",
        "'s",
        "'ll",
        "I'm ",
        "\r\n",
        "  ",
        "     ",
        "aaaa",
        "----",
        "1234",
    ],
    *["你", "好", "世界", "猫はマット", "한국어", "ไทย", " привет", "Ёлка", "عربي", "עברית", "नि", "தமிழ்", "Ω≈ç√"],
    *["é", "e\u0301", "ſ", "İ", "ﬁ", "Å", "\u200b", "\ufeff", "\ufffd", "\x00", "\x07", "\x1c", "\x85", "\u2028"],
    *["😀", "👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "❤️", "\U0010ffff", "\ue000", "▁", "Ġ", "##", "</w>", "<0x41>"],
    *["<|im_start|>", "<|endoftext|>", "<s>", "</s>", "<unk>", "<pad>"],
]


def snippets(count: int, seed: int = 0) -> Iterator[str]:
    """The same `count` texts for each seed; one in ten ends in a long run."""
    source = random.Random(seed)
    for _ in range(count):
        text = "".join(source.choices(PARTS, k=source.randint(0, 40)))
        if source.random() < 0.1:
            text += source.choice(PARTS) * source.randint(10, 200)
        yield text

"""What does the view "vocabulary" of the page of tokenizers say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

CHECK: Final = (
    "For every id, the entry is what the library's convert_ids_to_tokens gives, its text is what the library decodes "
    "the id to (less the space or mark that is dropped at the beginning of a text), and there are as many as "
    "len(tokenizer)."
)
CHECK_OF_STRANGERS: Final = (
    "For every id, the entry is what the library's convert_ids_to_tokens gives, and there are as many as "
    "len(tokenizer). This tokenizer isn't run on its own entries: it isn't one of Orrery's, and could ask for endless "
    "work."
)
PICTURE: Final = "Every entry with its bytes as the tokenizer's own file has it; checked against the library."
LENGTHS: Final = "Drag to zoom; double-click for the long ones."
SCRIPTS: Final = "The script of most of an entry's letters. Click a bar to list its entries."

WORDS: Final = Words(
    sentence=(
        "Everything that a tokenizer can write: each entry of its vocabulary, with its id, its bytes, and what a "
        "person can read of them."
    ),
    notice="""\
- **An entry is bytes, not a word.** Many begin with a space; some are no whole character, such as the first two of the
  four bytes of an emoji.
- **With all 256 single bytes, any text can be written.** GPT-4's vocabulary has them all and needs no “unknown”.
  SmolLM2's lacks 21, of which 13 occur in no text: it has no way to write the characters that need the others.
- **A vocabulary shows what it was trained on.** SmolLM2's is nearly all Latin; more than half of what GPT-4o's has over
  GPT-4's is other scripts. The longest entries are runs of spaces and the lines that programmers draw.
- **Some entries are dead.** No merge reaches them, or the text is cut before it is merged so that they never come
  whole. A model hardly ever saw them in training, and can act strangely when it does: “glitch tokens”.
""",
    presets=(
        ("The longest tokens", "Runs of spaces, and lines of signs.", {"view": "vocabulary", "sort": "length"}),
        (
            "The longest in Russian, GPT-4o",
            "Words of offices and laws: what it read most.",
            {"view": "vocabulary", "tokenizer": "o200k_base", "script": "Cyrillic", "sort": "length"},
        ),
        (
            "“the” with and without a space",
            "Case and space make different tokens of one word.",
            {"view": "vocabulary", "search": "the", "kind": "text"},
        ),
        ("Single bytes", "For what has no entry of its own.", {"view": "vocabulary", "kind": "byte"}),
        (
            "Special tokens",
            "Those that mark the turns of a chat are among them.",
            {"view": "vocabulary", "kind": "special"},
        ),
        (
            "Half an emoji",
            "Entries that hold the two bytes with which most emoji begin.",
            {"view": "vocabulary", "tokenizer": "cl100k_base", "search": "0xF09F"},
        ),
        (
            "Dead entries of Qwen",
            "Thai letters with their vowel signs, which the pre-tokenizer always cuts apart.",
            {"view": "vocabulary", "tokenizer": "qwen", "kind": "split", "script": "Thai"},
        ),
        (
            "Endings in BERT",
            "WordPiece: what goes on within a word is marked ##.",
            {"view": "vocabulary", "tokenizer": "minilm-l6-v2", "search": "ing", "sort": "length"},
        ),
    ),
    how=r"""
A vocabulary is a table from entries to ids. The entries are read from the tokenizer's own file, their bytes in the
spelling that its parts ask for: in GPT-2's alphabet each byte is one printable character (`Ġ` is a space); in
SentencePiece's, `▁` is a space and `<0xE2>` a byte; in WordPiece's, `##` marks what goes on within a word.

*Characters* counts the Unicode code points that begin in an entry. Its *script* is that of most of its letters
(Unicode's Script property, UAX 24).

*No merge reaches it* is said of an entry of a BPE that its own letters don't merge into: another, earlier merge takes
a part of it away. *Split again* is said of an entry whose text, tokenized, gives other tokens,
$\operatorname{encode}(\operatorname{decode}(i)) \neq [i]$, because the text is normalized or cut before it is merged.
Either way hardly any text contains it, so a model can't learn what it means: Land and Bartolo, *Fishing for Magikarp:
Automatically Detecting Under-trained Tokens in Large Language Models*, 2024.
""",
    code="""
entries = tokenizer.get_vocab()  # piece -> id
backend = tokenizer.backend_tokenizer
for piece, number in sorted(entries.items(), key=lambda entry: entry[1]):
    text = backend.decode([number], skip_special_tokens=False)
    back = backend.encode(text, add_special_tokens=False).ids
    print(number, piece, text.encode().hex(" "), back == [number])
""",
)

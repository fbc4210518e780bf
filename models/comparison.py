"""What do many tokenizers make of the same text?

Each row is one tokenizer's tokens on the whole text, without the special tokens that it would put around it ([CLS],
<s>): they belong to a model's input and not to the text. Rows are tied together by the characters of the text: two
tokens of different rows are twins where their characters overlap.

    tokens per word         tokens / words      words: Unicode's (UAX 29) that hold a letter or a digit
    bytes per token         UTF-8 bytes of the text / tokens
    tokens per 1,000 words  1000 x tokens per word

"1,000 words are about 1,300 tokens" is a claim about English; how far it is from true elsewhere: Petrov et al.,
"Language Model Tokenizers Introduce Unfairness Between Languages", 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from models import simple_tokenizers
from models.tokens import describe
from models.traces import Comparison, ComparisonRow, InputError, TooLongError

if TYPE_CHECKING:
    from models.traces import Tokens

MAX_CHARACTERS: Final = 100_000


def compare(text: str, tokenizers: Mapping[str, Any]) -> Comparison:
    """The text under each tokenizer.

    Args:
        text: up to MAX_CHARACTERS characters.
        tokenizers: by the name of its row, a transformers tokenizer or a `simple_tokenizers.Splitter`, as
            `catalog.tokenizer` gives them.

    Raises:
        InputError: the text is empty, too long, or holds half a character; or a tokenizer fails on it.
    """
    checked(text)
    return Comparison(
        text=text,
        words=simple_tokenizers.count_words(text),
        graphemes=len(simple_tokenizers.GRAPHEME.findall(text)),
        rows=tuple(ComparisonRow(key, tokenize(text, tokenizer, key)) for key, tokenizer in tokenizers.items()),
    )


def checked(text: str) -> str:
    """The text, if it can be tokenized.

    Raises:
        InputError: as `compare`.
    """
    if not text:
        raise InputError("There is no text to compare; type or paste some.")
    if len(text) > MAX_CHARACTERS:
        raise TooLongError(
            f"The text has {len(text):,} characters and the comparison takes {MAX_CHARACTERS:,}; use a part of it.",
            fitting=text[:MAX_CHARACTERS],
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"Character {error.start + 1:,} of the text is half of a character (a lone surrogate); delete it."
        ) from error
    return text


def tokenize(text: str, tokenizer: Any, name: str) -> Tokens:
    """The tokens of a text that `checked` let through; `name` is for the refusal.

    Raises:
        InputError: the tokenizer fails.
    """
    if not hasattr(tokenizer, "convert_ids_to_tokens"):
        tokens: Tokens = tokenizer(text)
        return tokens
    try:
        batch = tokenizer(
            text,
            add_special_tokens=False,
            truncation=False,
            padding=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            return_offsets_mapping=tokenizer.is_fast,
            verbose=False,
        )
    except BaseException as error:
        # What goes wrong inside the tokenizers library arrives as a bare Exception, or, from its regular
        # expressions, as a PanicException, which is none.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise InputError(f"The tokenizer {name} fails on this text; choose another one.") from error
        raise
    ids = batch["input_ids"]
    return describe(tokenizer, [text], ids, batch.get("offset_mapping"), [0] * len(ids))

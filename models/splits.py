"""What does the model of a tokenizer get to see of a text?

Before any merge or match, a tokenizer cuts out the tokens that were added to it (special ones among them), normalizes
what lies between (Unicode forms, case, spaces as U+2581) and cuts that into words. Those steps are the `tokenizers`
library's own objects, run in its order; nothing here does them again. What is added is the way back: for each
character that the model sees, the characters of the original text that it comes from, by the library's alignment.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.traces import InputError, TooLongError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Split:
    """One stretch of the normalized text that the model sees by itself."""

    text: str
    spans: tuple[tuple[int, int], ...]  # [character] characters of the original text, end exclusive
    added: int | None = None  # the id, where the stretch is an added token and the model never sees it


def check(text: str, limit: int) -> None:
    """Refuse a text that no tokenizer could take.

    Raises:
        InputError: it is over `limit` characters, or holds half a character.
    """
    if len(text) > limit:
        raise TooLongError(
            f"The text has {len(text):,} characters; at most {limit:,} are shown at once, so use a part of it.",
            fitting=text[:limit],
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"The text holds half a character (a lone surrogate) at position {error.start + 1}; "
            "delete it or paste the text again."
        ) from error


def check_corpus(corpus: str, limit: int) -> None:
    """Refuse a corpus that nothing can be learnt from.

    Raises:
        InputError: it is empty, over `limit` bytes, or holds half a character.
    """
    check(corpus, limit)
    size = len(corpus.encode())
    if size > limit:
        raise InputError(f"The corpus has {size:,} bytes; at most {limit:,} are trained on, so use a part of it.")
    if not corpus.strip():
        raise InputError("The corpus is empty; paste a few sentences to learn from.")


class Splitter:
    """The steps of one tokenizer before its model.

    Args:
        tokenizer: of `tokenizers`, or a fast one of transformers. It is copied, never written on.
        kind: what its model must be: "WordPiece", "Unigram", ...

    Raises:
        InputError: it has another model, or isn't such a tokenizer.
    """

    def __init__(self, tokenizer: Any, kind: str) -> None:
        from tokenizers import Tokenizer

        backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
        if not isinstance(backend, Tokenizer):
            raise InputError(
                f"This needs a {kind} tokenizer of the tokenizers library; {type(tokenizer).__name__} is none."
            )
        document = backend.to_str()
        record = json.loads(document)
        self.model: dict[str, Any] = record["model"]  # as tokenizer.json has it
        if self.model["type"] != kind:
            raise InputError(f"This needs a {kind} tokenizer; this one is {self.model['type']}.")
        self._library = Tokenizer.from_str(document)
        self._library.no_truncation()
        self._library.no_padding()
        self._added = {entry["id"]: entry["content"] for entry in record["added_tokens"]}

    def __call__(self, text: str) -> list[Split]:
        """The stretches of a text, in order.

        Raises:
            InputError: the library itself can't encode this text.
        """
        from tokenizers import PreTokenizedString

        added = self._find_added(text)
        working = PreTokenizedString(text)
        cuts = sorted({0, len(text), *(edge for start, end, _ in added for edge in (start, end))})
        working.split(lambda _, whole: [whole[start:end] for start, end in itertools.pairwise(cuts)])
        if self._library.normalizer is not None:
            normalize: Callable[[Any], None] = self._library.normalizer.normalize
            working.normalize(normalize)
        if self._library.pre_tokenizer is not None:
            self._library.pre_tokenizer.pre_tokenize(working)
        # A token for each character: the library then gives each its place in the original text.
        stretches: list[str] = []
        working.tokenize(lambda stretch: _characters(stretch, stretches))
        spans = iter(working.to_encoding().offsets)

        literal = {start: (end, number) for start, end, number in added}
        splits: list[Split] = []
        done = 0  # end of the last added token; what lies before it is spoken for
        for stretch in stretches:
            found = tuple(next(spans) for _ in stretch)
            if not found:
                continue
            while literal and found[0][0] >= min(literal):
                start = min(literal)
                done, number = literal.pop(start)
                splits.append(_literal(text, start, done, number))
            if found[0][0] >= done:
                splits.append(Split(stretch, found))
        splits.extend(_literal(text, start, *literal[start]) for start in sorted(literal))
        return splits

    def _find_added(self, text: str) -> list[tuple[int, int, int]]:
        """(start, end, id) of each added token that the text spells out, as the library finds them."""
        try:
            encoding = self._library.encode(text, add_special_tokens=False)
        except Exception as error:  # the library raises Exception itself
            raise InputError(f"The tokenizer can't encode this text ({error}); use another one.") from error
        found = []
        for number, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            # An unknown character has the id of an added token too, but doesn't spell it.
            if number in self._added and self._spells(text[start:end], self._added[number]):
                found.append((start, end, number))
        return found

    def _spells(self, stretch: str, content: str) -> bool:
        if stretch.strip() == content.strip():
            return True
        normalizer = self._library.normalizer
        if normalizer is None:
            return False
        return str(normalizer.normalize_str(stretch)).strip() == str(normalizer.normalize_str(content)).strip()


def _literal(text: str, start: int, end: int, number: int) -> Split:
    return Split(text[start:end], tuple((place, place + 1) for place in range(start, end)), number)


def _characters(stretch: str, stretches: list[str]) -> list[Any]:
    """One token for each character of a stretch, which is noted in `stretches`."""
    from tokenizers import Token

    stretches.append(stretch)
    tokens = []
    position = 0
    for character in stretch:
        end = position + len(character.encode())
        tokens.append(Token(0, character, (position, end)))
        position = end
    return tokens

"""What does the model of a tokenizer get to see of a text?

Before any merge or match, a tokenizer cuts out the tokens that were added to it (special ones among them), normalizes
what lies between (Unicode forms, case, spaces as U+2581), cuts out the added tokens that are looked for only then, and
cuts the rest into words. Those steps are the `tokenizers` library's own objects, run in its order
(`AddedVocabulary::extract_and_normalize` in its source); nothing here does them again. What is added is the way back:
for each character that the model sees, the characters of the original text that it comes from, by the library's
alignment.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.traces import InputError, TooLongError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tokenizers import AddedToken, PreTokenizedString, Tokenizer

Span = tuple[int, int]


@dataclass(frozen=True)
class Split:
    """One stretch of the normalized text that the model sees by itself."""

    text: str
    spans: tuple[Span, ...]  # [character] characters of the original text, end exclusive
    added: int | None = None  # the id, where the stretch is an added token and the model never sees it

    @property
    def span(self) -> Span:
        """Characters of the original text, end exclusive."""
        return self.spans[0][0], self.spans[-1][1]


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


def library_of(tokenizer: Any, kind: str) -> Tokenizer:
    """The object of the `tokenizers` library inside a tokenizer.

    Args:
        tokenizer: of `tokenizers`, or a fast one of transformers.
        kind: what its model must be: "BPE", "WordPiece", "Unigram".

    Raises:
        InputError: it has another model, or isn't such a tokenizer.
    """
    from tokenizers import Tokenizer

    library = getattr(tokenizer, "backend_tokenizer", tokenizer)
    if not isinstance(library, Tokenizer):
        raise InputError(
            f"This needs a {kind} tokenizer of the tokenizers library, or a fast one of transformers; "
            f"{type(tokenizer).__name__} is none."
        )
    found = type(library.model).__name__
    if found != kind:
        raise InputError(f"This needs a {kind} tokenizer, and this one is {found}; choose another one.")
    return library


class Splitter:
    """The steps of one tokenizer before its model. Tokens added to it later aren't found."""

    def __init__(self, library: Tokenizer) -> None:
        self._library = library
        added: dict[int, AddedToken] = library.get_added_tokens_decoder()
        normalize: Callable[[str], str] = library.normalizer.normalize_str if library.normalizer is not None else str
        exact = {token.content: (number, token) for number, token in added.items() if not token.normalized}
        loose = {normalize(token.content): (number, token) for number, token in added.items() if token.normalized}
        self._exact, self._loose = (
            _Finder(tokens, special_as_text=library.encode_special_tokens) for tokens in (exact, loose)
        )

    def __call__(self, text: str) -> list[Split]:
        """The stretches of a text, in order."""
        from tokenizers import PreTokenizedString

        exact = self._exact(text)
        added = [_added(text[start:end], (start, end), number) for start, end, number in exact]
        # The library goes on knowing where in the whole text each part was: it may ask whether a word is the first.
        working = PreTokenizedString(text)
        working.split(lambda _, whole: [whole[start:end] for start, end in _between(exact, len(text))])
        if self._library.normalizer is not None:
            working.normalize(self._library.normalizer.normalize)
        if self._loose:
            added = list(heapq.merge(added, self._cut_out(working), key=_place))
        if self._library.pre_tokenizer is not None:
            self._library.pre_tokenizer.pre_tokenize(working)
        return list(heapq.merge(added, _stretches(working), key=_place))

    def _cut_out(self, working: PreTokenizedString) -> list[Split]:
        """Takes the added tokens that the normalized text spells out of it."""
        numbers: list[int | None] = []  # [stretch] id of an added token, None for what lies between

        def cut(_: int, part: Any) -> list[Any]:
            found = self._loose(part.normalized)
            between = [(start, end, None) for start, end in _between(found, len(part.normalized))]
            stretches = sorted([*found, *between], key=lambda stretch: stretch[0])
            numbers.extend(number for _, _, number in stretches)
            return [part[start:end] for start, end, _ in stretches]

        working.split(cut)
        stretches = working.get_splits("original", "char")
        working.split(lambda place, part: [part[:]] if numbers[place] is None else [])
        return [
            _added(spelled, span, number)
            for (spelled, span, _), number in zip(stretches, numbers, strict=True)
            if number is not None
        ]


class _Finder:
    """The library's own search for added tokens: a tokenizer that knows nothing else and drops the rest of a text."""

    def __init__(self, tokens: dict[str, tuple[int, AddedToken]], *, special_as_text: bool) -> None:
        from tokenizers import AddedToken, Tokenizer, models

        self._numbers = [number for content, (number, _) in tokens.items() if content]
        self._library = Tokenizer(models.BPE())
        self._library.encode_special_tokens = special_as_text
        self._library.add_tokens(
            [
                AddedToken(
                    content,
                    single_word=token.single_word,
                    lstrip=token.lstrip,
                    rstrip=token.rstrip,
                    normalized=False,
                    special=token.special,
                )
                for content, (_, token) in tokens.items()
                if content
            ]
        )

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def __call__(self, text: str) -> list[tuple[int, int, int]]:
        """(start, end, id) of each."""
        found = self._library.encode(text, add_special_tokens=False)
        return [(*span, self._numbers[place]) for place, span in zip(found.ids, found.offsets, strict=True)]


def _between(found: list[tuple[int, int, int]], size: int) -> Iterator[Span]:
    """What lies between the tokens that were found in a text of `size` characters."""
    edges = [0, *(edge for start, end, _ in found for edge in (start, end)), size]
    return ((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


def _added(spelled: str, span: Span, number: int) -> Split:
    return Split(spelled, (span,) * len(spelled), number)


def _place(split: Split) -> Span:
    return split.span


def _stretches(working: PreTokenizedString) -> list[Split]:
    """What the model sees of a text that was cut into words."""
    from tokenizers import Token

    stretches: list[str] = []

    def characters(stretch: str) -> list[Token]:
        """One token for each character: the library then gives each its place in the original text."""
        stretches.append(stretch)
        edges = itertools.accumulate((len(character.encode()) for character in stretch), initial=0)
        return [Token(0, "", edge) for edge in itertools.pairwise(edges)]

    working.tokenize(characters)
    spans = iter(working.to_encoding().offsets)
    return [Split(stretch, tuple(itertools.islice(spans, len(stretch)))) for stretch in stretches if stretch]

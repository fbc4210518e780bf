"""What becomes of one word in several sentences, layer by layer?

    vectors[layer, use] = mean over the word's tokens of hidden[layer, token]

`hidden` is what the model itself hands out (transformers' `output_hidden_states`): first what enters the first block,
then what each block leaves. A static table has one vector for "bank"; here each use has its own, and the cosine
between two uses falls or rises from layer to layer (Ethayarajh, "How Contextual are Contextualized Word
Representations?", 2019, arXiv:1909.00512).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import regex

from models.tokens import grapheme_edges
from models.traces import WORD_POOLINGS, ContextTrace, InputError, Tokens, TooLongError, WordPooling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.language_model import LanguageModel
    from models.progress import Progress

MAX_SENTENCES: Final = 40
MAX_USES: Final = 120
MAX_WORD: Final = 100  # characters


def contextual(
    lm: LanguageModel,
    sentences: Sequence[str],
    word: str,
    *,
    pooling: WordPooling = "mean",
    progress: Progress | None = None,
) -> ContextTrace:
    """The vectors of `word` wherever it stands in the sentences, at every layer.

    Each sentence is one pass of its own, so that nothing pads it and the numbers are exactly the model's.

    Args:
        lm: an encoder or a decoder.
        sentences: at most `MAX_SENTENCES`.
        word: found as `find` finds it.
        pooling: which of the word's tokens speak for it: their mean, the first or the last.
        progress: called before each sentence; may raise `Cancelled`.

    Raises:
        InputError: a sentence can't be used or the word isn't in it.
    """
    import torch

    if pooling not in WORD_POOLINGS:
        raise InputError(f"A word's tokens can be taken by {', '.join(WORD_POOLINGS)}; choose one of these.")
    if not sentences:
        raise InputError("There is no sentence; write one a line, each with the word in it.")
    if len(sentences) > MAX_SENTENCES:
        raise InputError(f"There are {len(sentences):,} sentences; at most {MAX_SENTENCES} are read.")
    for number, sentence in enumerate(sentences):
        lm.check_text(sentence, f"sentence {number + 1}")
    uses = _uses(sentences, word)
    table = lm.model.get_input_embeddings()
    vectors: list[NDArray[np.float32]] = []
    static: list[NDArray[np.float32]] = []
    pieces: list[tuple[str, ...]] = []
    for number, sentence in enumerate(sentences):
        if progress is not None:
            progress(f"Reading sentence {number + 1} of {len(sentences)}", number / len(sentences))
        try:
            encoding = lm.encode(sentence)
        except TooLongError as error:
            raise InputError(str(error).replace("This text", f"Sentence {number + 1}")) from error
        states = lm.forward(encoding.inputs, output_hidden_states=True, use_cache=False).hidden_states
        if len(states or ()) != lm.layers + 1 or len({state.shape for state in states}) != 1:
            raise InputError(
                f"{lm.name} doesn't give one vector for each token at each of its {lm.layers} layers; "
                "choose another model."
            )
        hidden = torch.cat(states).float().cpu().numpy()  # [layer + 1, token, dimension]; each is [1, token, dimension]
        with torch.inference_mode():
            rows = table(encoding.ids).float().cpu().numpy()  # [token, dimension], scaled where the model scales them
        for _, start, end in uses[uses[:, 0] == number]:
            own = _tokens_of(encoding.token_table.spans, int(start), int(end))
            if not own:
                raise InputError(
                    f"{lm.name}'s tokenizer keeps nothing of the word in sentence {number + 1}; try another word."
                )
            vectors.append(_pool(hidden[:, own], pooling))
            static.append(_pool(rows[own], pooling))
            pieces.append(tuple(_read(encoding.token_table, token) for token in own))
    return ContextTrace(
        source=lm.source("\n".join(sentences)),
        sentences=tuple(sentences),
        word=word,
        pooling=pooling,
        uses=uses,
        pieces=tuple(pieces),
        vectors=np.stack(vectors, axis=1),
        static=np.stack(static),
    )


def find(sentence: str, word: str) -> list[tuple[int, int]]:
    """Where `word` stands in the sentence: characters, end exclusive.

    Large and small letters are the same, and so are letters in one piece and letters with their accents beside them.
    It is looked for as a whole word; if there is none, as a part of longer ones, which is how it stands in scripts
    that put no spaces between words. It never begins or ends inside a grapheme.
    """
    forms = dict.fromkeys([word, unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word)])
    anywhere = "|".join(regex.escape(form, literal_spaces=True) for form in forms)
    edges = set(grapheme_edges(sentence))
    for pattern in (rf"(?<!\w)(?:{anywhere})(?!\w)", anywhere):
        spans = [match.span() for match in regex.finditer(pattern, sentence, regex.IGNORECASE | regex.FULLCASE)]
        if whole := [(start, end) for start, end in spans if start in edges and end in edges]:
            return whole
    return []


def _uses(sentences: Sequence[str], word: str) -> NDArray[np.int64]:
    """int64 [use, 3] sentence, first character, end."""
    wanted = word.strip()
    if not wanted:
        raise InputError("The word is empty; type one that stands in every sentence.")
    if len(wanted) > MAX_WORD:
        raise InputError(f"The word has {len(wanted):,} letters; at most {MAX_WORD} are looked for.")
    uses: list[tuple[int, int, int]] = []
    for number, sentence in enumerate(sentences):
        found = find(sentence, wanted)
        if not found:
            raise InputError(
                f"Sentence {number + 1} doesn't hold the word \N{LEFT DOUBLE QUOTATION MARK}{wanted[:60]}"
                "\N{RIGHT DOUBLE QUOTATION MARK}; write it there, or leave the sentence out."
            )
        uses += [(number, start, end) for start, end in found]
    if len(uses) > MAX_USES:
        raise InputError(f"The word stands {len(uses):,} times in these sentences; at most {MAX_USES} are compared.")
    return np.array(uses, dtype=np.int64)


def _tokens_of(spans: Sequence[tuple[int, int]], start: int, end: int) -> list[int]:
    """The tokens that cover any of these characters; one of them may cover a space before the word too."""
    return [token for token, (first, last) in enumerate(spans) if first < last and first < end and last > start]


def _read(table: Tokens, token: int) -> str:
    """What a person reads of a token; of one that holds only a part of a character, which part as well."""
    part, of = table.parts[token]
    return f"{table.texts[token]} {part + 1}/{of}" if of > 1 else table.texts[token]


def _pool(vectors: NDArray[Any], pooling: WordPooling) -> NDArray[np.float32]:
    """[..., dimension] of [..., token, dimension]."""
    if pooling == "mean":
        pooled: NDArray[np.float32] = vectors.mean(axis=-2)
        return pooled
    return vectors[..., 0 if pooling == "first" else -1, :]

"""How does WordPiece cut a word, and how does it choose its vocabulary?

Cutting (Schuster and Nakajima 2012; the greedy form is BERT's, Devlin et al. 2019): from the left, the longest piece
of the vocabulary that the rest of the word begins with; pieces inside a word carry a prefix ("##"). The search starts
with the whole rest and drops one character at a time from its end. Where not even one character matches, the whole
word becomes the unknown token, whatever was found before; so does a word over the model's limit of characters.

Choosing: WordPiece is usually said to merge, at each step, the pair a, b with the largest

    score = count(ab) / (count(a) count(b))

which is what raises the corpus' likelihood under a unigram model most for its count. The `tokenizers` library doesn't
do that: its WordPieceTrainer is its BpeTrainer with the prefix, and merges the pair with the largest count(ab). Its
vocabulary is the one trained here; every merge of it is replayed beside the score, and a second run of ours merges by
the score itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.pair_counts import rank_by_count, rank_by_likelihood, words_of
from models.splits import Split, Splitter, check, check_corpus, library_of
from models.traces import InputError, WordPieceReplay, WordPieceTraining, WordPieceWord

MAX_CHARACTERS: Final = 20_000
MAX_CORPUS_BYTES: Final = 1_000_000
MAX_VOCABULARY: Final = 8_000
UNKNOWN: Final = "[UNK]"
PREFIX: Final = "##"


@dataclass(frozen=True)
class WordPieceReader:
    """What a WordPiece tokenizer knows."""

    vocabulary: dict[str, int]
    prefix: str  # of pieces inside a word
    unknown: str
    limit: int  # characters; a longer word is unknown
    longest: int  # characters of the longest piece
    splits: Splitter


def read(tokenizer: Any) -> WordPieceReader:
    """The vocabulary and settings of a WordPiece tokenizer of `tokenizers`, or of a fast one of transformers.

    Raises:
        InputError: it is of another kind.
    """
    library = library_of(tokenizer, "WordPiece")
    model = json.loads(library.to_str())["model"]
    vocabulary: dict[str, int] = model["vocab"]
    return WordPieceReader(
        vocabulary=vocabulary,
        prefix=model["continuing_subword_prefix"],
        unknown=model["unk_token"],
        limit=model["max_input_chars_per_word"],
        longest=max(map(len, vocabulary), default=0),
        splits=Splitter(library),
    )


def replay(tokenizer: Any, text: str) -> WordPieceReplay:
    """The longest match as it looks and backs off, word by word; `.ids` are the library's.

    Args:
        tokenizer: whatever `read` takes, or what it gave: reading a large vocabulary takes a while.
        text: what it reads; special tokens written in it are found, none are put around it.

    Raises:
        InputError: the tokenizer is of another kind, or the text can't be used.
    """
    check(text, MAX_CHARACTERS)
    reader = tokenizer if isinstance(tokenizer, WordPieceReader) else read(tokenizer)
    return WordPieceReplay(text, tuple(_word(reader, split) for split in reader.splits(text)), reader.prefix)


def _word(reader: WordPieceReader, split: Split) -> WordPieceWord:
    """One word: its matches from left to right."""
    word = split.text
    starts: list[int] = []
    ends: list[int] = []
    pieces: list[str] = []
    if split.added is not None:
        return _record(split, starts, ends, [word], [split.added], "added")
    if len(word) > reader.limit:
        return _record(split, starts, ends, *_unknown(reader, word), "too long")
    position = 0
    while position < len(word):
        mark = reader.prefix if position else ""
        # Candidates longer than every piece are tried too, in principle; looking them up would find nothing.
        end = min(len(word), position + reader.longest)
        while end > position and mark + word[position:end] not in reader.vocabulary:
            end -= 1
        starts.append(position)
        ends.append(end)
        if end == position:
            return _record(split, starts, ends, *_unknown(reader, word), "unknown")
        pieces.append(mark + word[position:end])
        position = end
    return _record(split, starts, ends, pieces, [reader.vocabulary[piece] for piece in pieces], "matched")


def _unknown(reader: WordPieceReader, word: str) -> tuple[list[str], list[int]]:
    """What stands for a word that has no pieces."""
    if reader.unknown not in reader.vocabulary:
        raise InputError(
            f"This tokenizer has no pieces for {word[:20]!r}, and no unknown token in its vocabulary to stand for it; "
            "leave it out, or use another tokenizer."
        )
    return [reader.unknown], [reader.vocabulary[reader.unknown]]


def _record(
    split: Split, starts: list[int], ends: list[int], pieces: list[str], ids: list[int], outcome: Any
) -> WordPieceWord:
    return WordPieceWord(
        text=split.text,
        span=split.span,
        starts=np.array(starts, dtype=np.int64),
        ends=np.array(ends, dtype=np.int64),
        pieces=tuple(pieces),
        ids=np.array(ids, dtype=np.int64),
        outcome=outcome,
    )


def train(corpus: str, *, vocabulary_size: int) -> WordPieceTraining:
    """A vocabulary by count, as the library trains it, and by likelihood beside it.

    The corpus is cut at white space and punctuation (the library's BertPreTokenizer), case kept. Where two pairs have
    the same count the library takes the one with the smaller ids; under the score we do the same. The library numbers
    the characters inside words in the order of a hash table, so that ties may fall otherwise in another run.

    Raises:
        InputError: the corpus is empty or too large, or the vocabulary is smaller than its alphabet.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    check_corpus(corpus, MAX_CORPUS_BYTES)
    if vocabulary_size > MAX_VOCABULARY:
        raise InputError(f"A vocabulary of {vocabulary_size:,} is too large here; ask for {MAX_VOCABULARY:,} or fewer.")
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words = words_of(corpus, tokenizer.pre_tokenizer)
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary_size, min_frequency=0, special_tokens=[UNKNOWN], show_progress=False
    )
    tokenizer.train_from_iterator(corpus.splitlines(), trainer)
    numbers = tokenizer.get_vocab()
    vocabulary = sorted(numbers, key=lambda piece: numbers[piece])
    # The alphabet: each character as it begins words, and each as it stands inside one.
    alphabet = {character for word in words for character in word}
    inside = {PREFIX + character for word in words for character in word[1:]}
    first = 1 + len(alphabet | inside)
    if vocabulary_size < first:
        raise InputError(
            f"This corpus has {first:,} single characters, inside words and at their beginning; "
            f"ask for a vocabulary of at least {first:,}."
        )
    ids = {piece: number for piece, number in numbers.items() if number < first}
    by_count = rank_by_count(words, ids, PREFIX, vocabulary_size)
    made = dict.fromkeys(left + right.removeprefix(PREFIX) for left, right in by_count.pairs)
    if [piece for piece in made if piece not in ids] != vocabulary[first:]:
        raise InputError("The library's merges on this corpus can't be replayed step by step; use another corpus.")
    return WordPieceTraining(
        vocabulary=tuple(vocabulary),
        alphabet=first,
        by_count=by_count,
        by_likelihood=rank_by_likelihood(words, ids, PREFIX, vocabulary_size),
        asked=vocabulary_size,
        tokenizer=tokenizer.to_str(),
    )

"""Which pairs does BPE merge when it is trained on this text, and how does the text look after each merge?

Byte pair encoding (Sennrich et al. 2016, arXiv:1508.07909; over bytes: Radford et al. 2019) begins with single letters
and again and again makes one token of the most frequent pair of neighbours:

    (l, r) = argmax over pairs of  sum over words w of  frequency(w) * occurrences of (l, r) in w

`tokenizers` trains; what is ours is the history (models/bpe_history.py) and the text cut up as it was at any step
(models/bpe_merging.py). Pairs are counted as the library counts them: inside words only, words as the pre-tokenizer
cuts them, and in a run of one letter every two neighbours count, though merging one pair uses up the other.

Ties: among pairs with the same count the library takes the one whose left token has the lowest id, then whose right
token has (`Merge::cmp` in the source of its `BpeTrainer`). Ids are given to the letters in order of their code points,
and then to the new tokens in order of merging: older tokens win. With an end-of-word mark the library numbers the
letters that end a word in an order that changes from run to run; they are given to it in sorted order here, before the
others, so that the same text always has the same merges.

How a finished tokenizer cuts a text, merge by merge, is the other question: `replay`, from models/bpe_replay.py.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import regex
from numpy.typing import NDArray

from models import bpe_history, bpe_trees
from models.bpe_history import PairHistory
from models.bpe_merging import Rule, merge
from models.bpe_replay import replay
from models.tokens import BYTE_OF, graphemes, spans_of_bytes
from models.traces import BpeSegmentation, BpeState, BpeTrees, BpeWindow, InputError, TokenKind, Tokens

if TYPE_CHECKING:
    from tokenizers.decoders import Decoder
    from tokenizers.pre_tokenizers import PreTokenizer

__all__ = ["BpeTraining", "replay", "train"]

Unit = Literal["bytes", "characters"]
Pretokenizer = Literal["gpt2", "whitespace", "none"]

MAX_BYTES: Final = 10 * 2**20
MAX_MERGES: Final = 100_000
# The library moves the rest of a word along at every merge: training takes time with the square of a word's length.
MAX_SQUARES: Final = 10**10  # sum over distinct words of length^2, about five seconds
MARK: Final = "</w>"
GPT2: Final = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
# A line end between two visible letters: every pre-tokenizer here cuts there, so the text can be given in parts.
CUT: Final = regex.compile(r"(?<=[\w!-~]\n)(?=[\w!-~])")
CHARACTER_OF: Final = {byte: character for character, byte in BYTE_OF.items()}
PART: Final = 8_192  # characters given to the library at once, or a line more
SHOWN_PAIRS: Final = 12
SHOWN_TEXT: Final = 2_000


@dataclass(frozen=True)
class BpeTraining:
    """A finished training, of which every step can be opened."""

    text: str
    merges: list[tuple[bytes, bytes]]  # [step] as the library lists them; a token that ends a word ends in "</w>"
    note: str  # one sentence where there are fewer merges than were asked for, otherwise ""
    pieces: tuple[bytes, ...]  # [id] the vocabulary
    rules: NDArray[np.int64]  # [step, 3] ids (left, right, new)
    history: PairHistory
    words: tuple[NDArray[np.int64], ...]  # [word] ids of the letters of each distinct word
    occurrences: NDArray[np.int64]  # [occurrence] which word stands there
    spans: NDArray[np.int64]  # [occurrence, 2] the characters of the text it covers, end exclusive
    unit: Unit
    marked: bool  # whether tokens that end a word carry the mark
    document: str  # the library's tokenizer.json

    def __post_init__(self) -> None:
        if self.rules.shape != (len(self.merges), 3) or len(self.history.winners) != len(self.merges):
            raise ValueError(
                f"rules {self.rules.shape} and {len(self.history.winners)} counts: {len(self.merges)} merges"
            )
        if self.spans.shape != (len(self.occurrences), 2):
            raise ValueError(f"spans {self.spans.shape} for {len(self.occurrences)} occurrences")

    @property
    def corpus_tokens(self) -> NDArray[np.int64]:
        """[step + 1] tokens in the whole text after so many merges: the compression curve."""
        return self.history.tokens

    @property
    def winner_counts(self) -> NDArray[np.int64]:
        """[step] how often the pair that was merged stood in the text just before."""
        return self.history.winners

    @property
    def vocabulary_sizes(self) -> NDArray[np.int64]:
        """[step + 1] tokens in the vocabulary after so many merges: one more each time."""
        return len(self.pieces) - len(self.merges) + np.arange(len(self.merges) + 1)

    def state(self, k: int, *, start: int = 0, end: int = SHOWN_TEXT, top: int = SHOWN_PAIRS) -> BpeState:
        """The training after `k` merges.

        Args:
            k: 0 to the number of merges.
            start: first character of the text to be shown cut up.
            end: the character after the last one.
            top: how many of the most frequent pairs.

        Raises:
            InputError: there is no such step.
        """
        self._check(k)
        counts = self.history.counts(k)
        first = bpe_history.leaders(counts, top)
        ids = self.history.pairs[first]
        new = int(self.rules[k - 1, 2]) if k else -1
        return BpeState(
            step=k,
            pairs=tuple((self.pieces[left], self.pieces[right]) for left, right in ids.tolist()),
            pair_ids=ids,
            counts=counts[first],
            ties=int((counts == counts[first[0]]).sum()) if len(first) else 0,
            distinct_pairs=int(np.count_nonzero(counts)),
            new_token=self.pieces[new] if k else b"",
            new_id=new,
            vocabulary_size=int(self.vocabulary_sizes[k]),
            corpus_tokens=int(self.corpus_tokens[k]),
            segmentation=self.segment(k, start, end),
        )

    def window(self, first: int, last: int, top: int = SHOWN_PAIRS) -> BpeWindow:
        """The most frequent pairs at every step from `first` to `last`, both included: those of `state`, all at once.

        Steps that there are not are left out.
        """
        first, last = (min(max(step, 0), len(self.merges)) for step in (first, last))
        return self.history.window(first, max(first, last), top)

    def trees(self, start: int = 0, end: int = SHOWN_TEXT) -> BpeTrees:
        """A part of the text, as `segment` widens it, with every merge in it: `segment` for all steps at once."""
        first, last = self._shown(start, end)
        return bpe_trees.build(self.words, self.occurrences[first:last], self.spans[first:last], self._rule_of)

    def segment(self, k: int, start: int = 0, end: int = SHOWN_TEXT) -> BpeSegmentation:
        """A part of the text as the tokens that it consists of after `k` merges.

        The part is widened to whole words. What the pre-tokenizer drops (white space) is there too, with the id -1.

        Raises:
            InputError: there is no such step.
        """
        self._check(k)
        first, last = self._shown(start, end)
        cut: dict[int, list[int]] = {}
        ids: list[int] = []
        raw: list[bytes] = []
        owners: list[int] = []
        begin = position = int(self.spans[first, 0]) if first < last else 0
        for occurrence in range(first, last):
            word_start, word_end = self.spans[occurrence].tolist()
            if word_start > position:
                ids.append(-1)
                raw.append(self.text[position:word_start].encode())
                owners.append(-1)
            word = int(self.occurrences[occurrence])
            if word not in cut:
                cut[word] = self._cut(word, k)
            ids.extend(cut[word])
            raw.extend(self.raw(token) for token in cut[word])
            owners.extend([occurrence] * len(cut[word]))
            position = word_end
        return BpeSegmentation(
            step=k,
            start=begin,
            end=position,
            words=np.array(owners, dtype=np.int64),
            token_table=_table(self.text[begin:position], ids, [self._spelled(token) for token in ids], raw),
        )

    def _check(self, k: int) -> None:
        if not 0 <= k <= len(self.merges):
            raise InputError(f"There is no step {k}; this training has the steps 0 to {len(self.merges)}.")

    def _shown(self, start: int, end: int) -> tuple[int, int]:
        """The occurrences that touch a part of the text, end exclusive."""
        first = int(np.searchsorted(self.spans[:, 1], max(start, 0), side="right"))
        return first, max(first, int(np.searchsorted(self.spans[:, 0], end, side="left")))

    @functools.cached_property
    def _rule_of(self) -> dict[tuple[int, int], Rule]:
        return {(left, right): (rank, new) for rank, (left, right, new) in enumerate(self.rules.tolist())}

    def _cut(self, word: int, k: int) -> list[int]:
        """The ids of a distinct word after `k` merges."""

        def rule(left: int, right: int) -> Rule | None:
            found = self._rule_of.get((left, right))
            return found if found is not None and found[0] < k else None

        letters: list[int] = self.words[word].tolist()
        merging = merge(letters, rule)
        return [
            letters[node] if node < len(letters) else merging.merges[node - len(letters)][3] for node in merging.last
        ]

    def _spelled(self, token: int) -> str:
        """The vocabulary entry as the library spells it; "" for white space that was dropped."""
        piece = self.pieces[token] if token >= 0 else b""
        return "".join(map(CHARACTER_OF.__getitem__, piece)) if self.unit == "bytes" else piece.decode()

    def raw(self, token: int) -> bytes:
        """The bytes that a token stands for in the text: without the mark for the end of a word."""
        piece = self.pieces[token]
        return piece.removesuffix(MARK.encode()) if self.marked else piece


def train(
    text: str,
    merges: int,
    *,
    unit: Unit = "bytes",
    pretokenizer: Pretokenizer = "gpt2",
    end_of_word: bool = False,
) -> BpeTraining:
    r"""Trains BPE on a text and keeps what is needed to open every step.

    Args:
        text: up to 10 MB as UTF-8.
        merges: how many; where the text holds fewer, training stops and `note` says so.
        unit: begin with the 256 bytes, or with the characters that the text has.
        pretokenizer: how the text is cut into words, which no merge crosses. "gpt2": GPT-2's regular expression, a
            word keeps the space before it; "whitespace": at white space, which is dropped; "none": only after "\n".
        end_of_word: whether the last letter of a word carries the mark "</w>" (Sennrich's way), so that a token that
            ends a word is another one than the same letters inside one.

    Raises:
        InputError: no text, too much of it or words too long, an impossible option.
    """
    _refuse(text, merges, unit, pretokenizer, end_of_word)
    parts = list(_parts(text))
    distinct, occurrences, spans = _words(parts, _splitter(pretokenizer))
    if not distinct:
        raise InputError("There is no text to train on; paste some, or choose a file that has words in it.")
    frequencies = np.bincount(occurrences, minlength=len(distinct))
    spelled = [_spell(word, unit) for word in distinct]
    squares = sum(len(word) ** 2 for word in spelled)
    if squares > MAX_SQUARES:
        longest = max(map(len, spelled))
        raise InputError(
            f"The text has stretches of up to {longest:,} {unit} without a break, too long to train on; "
            "break them into lines, or choose a pre-tokenizer that cuts at spaces."
        )

    alphabet = {*CHARACTER_OF.values()} if unit == "bytes" else set().union(*spelled)
    endings = sorted({word[-1] + MARK for word in spelled}) if end_of_word else []
    size = len(alphabet) + len(endings) + merges
    document = _train(parts, size, unit, pretokenizer, sorted(alphabet), endings)
    model = json.loads(document)["model"]
    ids: dict[str, int] = model["vocab"]
    found = [(left, right) for left, right in model["merges"]]
    rules = np.array([(ids[left], ids[right], ids[left + right]) for left, right in found], dtype=np.int64)
    rules = rules.reshape(-1, 3)

    words = tuple(_numbered(word, ids, end_of_word) for word in spelled)
    to_bytes = _bytes_of_byte_level if unit == "bytes" else str.encode
    pieces = [b""] * len(ids)
    for piece, number in ids.items():
        pieces[number] = to_bytes(piece)
    return BpeTraining(
        text=text,
        merges=[(pieces[left], pieces[right]) for left, right, _ in rules.tolist()],
        note=_note(len(found), merges),
        pieces=tuple(pieces),
        rules=rules,
        history=bpe_history.build(words, frequencies, rules),
        words=words,
        occurrences=occurrences,
        spans=spans,
        unit=unit,
        marked=end_of_word,
        document=document,
    )


def _table(text: str, ids: list[int], pieces: list[str], raw: list[bytes]) -> Tokens:
    """The tokens of a text whose bytes are known."""
    spans = spans_of_bytes(text, raw)
    texts, shares = graphemes(text, spans, pieces)
    kinds: list[TokenKind] = ["text"] * len(ids)
    return Tokens(
        ids=np.array(ids, dtype=np.int64),
        pieces=tuple(pieces),
        texts=tuple(texts),
        raw=tuple(raw),
        kinds=tuple(kinds),
        segments=(0,) * len(ids),
        spans=tuple(spans),
        parts=tuple(shares),
    )


def _refuse(text: str, merges: int, unit: str, pretokenizer: str, end_of_word: bool) -> None:
    """Raises InputError for what can't be trained on."""
    if unit not in get_args(Unit):
        raise InputError(f'BPE begins with "bytes" or "characters", not with {unit!r}.')
    if pretokenizer not in get_args(Pretokenizer):
        raise InputError(f'The text is cut into words by "gpt2", "whitespace" or "none", not by {pretokenizer!r}.')
    if not 0 <= merges <= MAX_MERGES:
        raise InputError(f"{merges:,} merges can't be made; ask for 0 to {MAX_MERGES:,}.")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InputError("The text has half a character in it (a lone surrogate); remove it or paste again.") from error
    if size > MAX_BYTES:
        raise InputError(f"The text has {size / 2**20:.1f} MB and training takes up to 10 MB; give a part of it.")
    if end_of_word and MARK in text:
        raise InputError(f'The text itself has "{MARK}" in it, the mark for the end of a word; train without the mark.')


def _note(found: int, asked: int) -> str:
    if found == asked:
        return ""
    if found == 0:
        return "The text holds no merge: no word of it has two letters."
    merges = "one merge" if found == 1 else f"{found:,} merges"
    return f"The text holds only {merges} of the {asked:,} asked for; after them every word is a single token."


def _parts(text: str) -> Iterator[str]:
    """The text in parts of some thousand characters, cut where every pre-tokenizer cuts anyway."""
    start = 0
    while (cut := CUT.search(text, start + PART)) is not None:
        yield text[start : cut.start()]
        start = cut.start()
    yield text[start:]


def _splitter(pretokenizer: Pretokenizer) -> PreTokenizer:
    """The library's object that cuts a text into words."""
    from tokenizers import Regex, pre_tokenizers

    if pretokenizer == "whitespace":
        return pre_tokenizers.WhitespaceSplit()
    if pretokenizer == "gpt2":
        return pre_tokenizers.Split(Regex(GPT2), "isolated")
    return pre_tokenizers.Split("\n", "merged_with_previous")


def _words(parts: list[str], splitter: PreTokenizer) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """The distinct words, which of them stands where [occurrence], and on which characters [occurrence, 2]."""
    places: defaultdict[str, int] = defaultdict()
    places.default_factory = places.__len__
    occurrences: list[int] = []
    spans: list[NDArray[np.int64]] = []
    offset = 0
    for part in parts:
        pieces = splitter.pre_tokenize_str(part)
        occurrences.extend([places[word] for word, _ in pieces])
        edges = itertools.chain.from_iterable([span for _, span in pieces])
        spans.append(np.fromiter(edges, dtype=np.int64).reshape(-1, 2) + offset)
        offset += len(part)
    return list(places), np.array(occurrences, dtype=np.int64), np.concatenate(spans)


def _spell(word: str, unit: Unit) -> str:
    """The word's letters, as the library has them: characters, or one printable character for each byte."""
    return word if unit == "characters" else "".join(map(CHARACTER_OF.__getitem__, word.encode()))


def _numbered(word: str, ids: dict[str, int], end_of_word: bool) -> NDArray[np.int64]:
    """The ids of a spelled word's letters."""
    numbers = [ids[letter] for letter in word]
    if end_of_word:
        numbers[-1] = ids[word[-1] + MARK]
    return np.array(numbers, dtype=np.int64)


def _bytes_of_byte_level(piece: str) -> bytes:
    return bytes(map(BYTE_OF.__getitem__, piece))


def _train(
    parts: list[str], size: int, unit: Unit, pretokenizer: Pretokenizer, alphabet: list[str], endings: list[str]
) -> str:
    """The library's training, to a vocabulary of `size` or until the text is used up, as a tokenizer.json."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    if unit == "characters":
        tokenizer.pre_tokenizer = _splitter(pretokenizer)
    elif pretokenizer == "gpt2":
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([_splitter(pretokenizer), spell])
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=1,
        show_progress=False,
        initial_alphabet=alphabet,
        special_tokens=endings,
    )
    if endings:
        trainer.end_of_word_suffix = MARK
    tokenizer.train_from_iterator(parts, trainer)
    tokenizer.decoder = _decoder(unit, pretokenizer, bool(endings))
    document = json.loads(tokenizer.to_str())
    document["added_tokens"] = []  # the marked letters were given as special tokens, which decoding would leave out
    return json.dumps(document, ensure_ascii=False)


def _decoder(unit: Unit, pretokenizer: Pretokenizer, marked: bool) -> Decoder:
    """The library's object that joins tokens to a text again; white space that was dropped comes back as one space."""
    from tokenizers import decoders

    joined = decoders.ByteLevel() if unit == "bytes" else decoders.Fuse()
    if not marked:
        return joined
    space = _spell(" ", unit) if pretokenizer == "whitespace" else ""
    return decoders.Sequence([decoders.Replace(MARK, space), joined])

"""How does a list of ranks become a tokenizer that shows its merges?

tiktoken and its relatives publish no merges: a file holds every token's bytes and its rank, and encoding joins, again
and again, the two neighbours whose joined bytes have the lowest rank. The merge that made a token is found by running
that on the token's own bytes with the lower ranks only: two parts are left, and they are the merge. It is the only
one that can ever make the token. Whatever text a token's bytes stand in, as long as nothing is joined across their two
edges the joins inside happen in the same order, so the same two parts meet. Where more than two parts are left, no
merge makes the token, and it is found only by looking whole words up first, which tiktoken always does; then the
converted tokenizer does so too (`ignore_merges`), and otherwise not, the ids being the same.

Source: tiktoken, `_educational.py` (`bpe_encode`) and `src/lib.rs` (`byte_pair_encode`).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import gzip
import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models import catalog, gguf
from models.tokens import BYTE_OF
from models.traces import InputError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Ranks = dict[bytes, int]
Merge = tuple[bytes, bytes]

LAYOUT: Final = 1  # raise it when a conversion would come out otherwise than it did
LETTER_OF: Final = {byte: letter for letter, byte in BYTE_OF.items()}


def read(file: Path) -> Ranks:
    """The ranks in a .tiktoken file (one "base64 rank" a line, gzipped or not) or a Mistral tekken.json.

    Raises:
        ValueError: it is neither.
    """
    blob = file.read_bytes()
    try:
        if file.suffix == ".json":
            document = json.loads(blob)
            config = document["config"]
            size = config["default_vocab_size"] - config["default_num_special_tokens"]
            return {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in document["vocab"][:size]}
        lines = (gzip.decompress(blob) if file.suffix == ".gz" else blob).splitlines()
        return {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
    except (KeyError, TypeError, binascii.Error, gzip.BadGzipFile) as error:
        raise ValueError(f"{file.name} holds no ranks") from error


def merges(ranks: Ranks) -> tuple[list[Merge], list[bytes]]:
    """The merge that makes each token, in order of rank, and the tokens that no merge makes.

    >>> merges({b"a": 0, b"b": 1, b"c": 2, b"ab": 3, b"abc": 4, b"cba": 5})
    ([(b'a', b'b'), (b'ab', b'c')], [b'cba'])
    """
    found: list[Merge] = []
    never: list[bytes] = []
    rank_of = ranks.get
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) == 1:
            continue
        parts = [token[place : place + 1] for place in range(len(token))]
        while len(parts) > 2:
            lowest, where = rank, -1
            for place in range(len(parts) - 1):
                here = rank_of(parts[place] + parts[place + 1])
                if here is not None and here < lowest:
                    lowest, where = here, place
            if where < 0:
                break
            parts[where : where + 2] = [parts[where] + parts[where + 1]]
        if len(parts) == 2:
            found.append((parts[0], parts[1]))
        else:
            never.append(token)
    return found, never


def build(
    ranks: Ranks, pattern: str, special: Mapping[str, int], *, first: int = 0, compose: bool = False
) -> Tokenizer:
    """A `tokenizers` tokenizer that gives the ids that tiktoken gives, special tokens in the text recognised.

    Args:
        ranks: every token's rank; the ids, less `first`.
        pattern: what splits the text, in Oniguruma's syntax.
        special: special tokens and their ids.
        first: the id of rank 0 (Mistral's special tokens come before it).
        compose: bring the text into the Unicode form NFC first (Qwen).
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    pairs, never = merges(ranks)
    vocabulary = {spelled(token): first + rank for token, rank in ranks.items()}
    # In the model's own vocabulary a special token keeps its id; `add_special_tokens` would choose the next free one.
    model = models.BPE(
        {**vocabulary, **special}, [(spelled(left), spelled(right)) for left, right in pairs], ignore_merges=bool(never)
    )
    tokenizer = Tokenizer(model)
    if compose:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in special])
    return tokenizer


def spelled(token: bytes) -> str:
    """A token as byte-level vocabularies spell it: `b" a"` is `"Ġa"`."""
    return "".join(LETTER_OF[byte] for byte in token)


def tokenizer(file: Path, *, names: Mapping[str, str], **settings: Any) -> Any:
    """The transformers tokenizer of a file of ranks: converted once, then found in the cache folder.

    Args:
        file: as `read` reads it.
        names: what transformers calls the special tokens: `{"eos_token": "<|endoftext|>"}`.
        settings: as for `build`.

    Raises:
        InputError: the cache folder can't be written.
    """
    from transformers import PreTrainedTokenizerFast

    key = hashlib.sha256(f"{LAYOUT} {catalog.digest_of(file)} {settings}".encode()).hexdigest()
    place = gguf.cache_folder() / "tokenizers" / f"{key}.json"
    if place.is_file():
        with contextlib.suppress(Exception):  # the library raises Exception itself for a damaged file
            return PreTrainedTokenizerFast(tokenizer_file=str(place), **names)
    document = build(read(file), **settings).to_str()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # Moved to its name when whole: two processes that start together convert twice, and neither reads half a file.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=place.parent, delete=False) as draft:
            try:
                draft.write(document)
                draft.close()
                Path(draft.name).replace(place)
            finally:
                Path(draft.name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"The cache folder {place.parent} can't be written; set ORRERY_CACHE to a folder that can be."
        ) from error
    return PreTrainedTokenizerFast(tokenizer_file=str(place), **names)

"""Can a tokenizer.json that a visitor dropped on the page be used, and on this text?

The file is a description (https://huggingface.co/docs/tokenizers/api/tokenizer) and nothing in it is run, but it can
ask for endless work: a regular expression that backtracks, a replacement that doubles the text. The library's
expressions are Oniguruma's, which gives up a match after ten million steps (the library then panics, after about 0.2
seconds); but one that stays just under that, at every character, takes hours, and no thread can stop it. So file and
text are first tried by a process of its own with limits of time and memory (`models.apart`). The same work on the same
text comes to the same end, so what was tried there can be done here. `from_json` tries texts that expressions are
known to fail on; `check` tries the visitor's text, and is to be asked before any other text is encoded.
"""

from __future__ import annotations

import copy
import json
from typing import Any, Final

from models import apart, importing
from models.traces import InputError

MAX_BYTES: Final = 64_000_000  # the largest in use, with 262,144 entries, are half that
MAX_ENTRIES: Final = 1_000_000  # of the vocabulary
MAX_MERGES: Final = 1_000_000
MAX_ENTRY: Final = 10_000  # characters; the longest in use have some hundred
SECONDS: Final = 10.0  # to read the largest takes about 3
MAX_GROWTH: Final = 64  # tokens for a byte of text
KINDS: Final = frozenset({"BPE", "WordPiece", "Unigram", "WordLevel"})
# Long runs of one kind of character, ended by another: on these, expressions that backtrack do so most.
PROBE: Final = "".join(
    run + end
    for run in ("a" * 2000, "A" * 2000, "1" * 2000, " " * 2000, "\n" * 500, "-" * 2000, "ab" * 1000, "é猫😀" * 300)
    for end in ("!", "\n", "\x00 z")
)


def from_json(blob: bytes) -> Any:
    """The transformers tokenizer that a tokenizer.json describes.

    Raises:
        InputError: it isn't one, is over a limit, or asks for more work than a tokenizer should.
    """
    check(blob, PROBE)
    return trusted(blob.decode("utf-8-sig"))


def trusted(document: str, **names: str) -> Any:
    """The transformers tokenizer of a tokenizer.json that was made or tried here.

    Args:
        document: the file's text.
        names: what transformers calls its special tokens: `unk_token="[UNK]"`.
    """
    importing.for_tokenizers()
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer.from_str(document)
    backend.no_truncation()
    backend.no_padding()
    return PreTrainedTokenizerFast(tokenizer_object=backend, **names)


def check(blob: bytes, text: str) -> None:
    """Refuse a tokenizer.json that can't be read, or can't encode this text in reasonable time and memory.

    Raises:
        InputError: as `from_json`.
    """
    if len(blob) > MAX_BYTES:
        raise InputError(
            f"The file has {len(blob) / 1e6:,.0f} MB and a tokenizer.json may have {MAX_BYTES / 1e6:.0f}; "
            "choose a smaller one."
        )
    encoded = text.encode()
    try:
        verdict = apart.run(examine, len(encoded).to_bytes(8, "big") + encoded + blob, seconds=SECONDS).decode()
    except apart.FailedApartError as error:
        if error.late:
            raise InputError(
                f"This tokenizer.json takes more than {SECONDS:.0f} seconds on a short text, most likely for a regular "
                "expression that backtracks; use one whose expressions are simpler."
            ) from error
        raise InputError(
            "This tokenizer.json can't be used: reading it or encoding a text with it fails or takes too much memory; "
            "save it again with save_pretrained."
        ) from error
    if verdict:
        raise InputError(verdict)


def examine(given: bytes) -> bytes:
    """What is wrong with a file and a text, as one sentence, or nothing; runs in a process of its own.

    `given` is the length of the text in 8 bytes, the text, and the file.
    """
    size = int.from_bytes(given[:8], "big")
    text, blob = given[8 : 8 + size].decode(), given[8 + size :]
    return (_unreadable(blob) or _unusable(blob.decode("utf-8-sig"), text)).encode()


def _unreadable(blob: bytes) -> str:
    try:
        document = json.loads(blob)
    except (ValueError, RecursionError):
        return "This file is not JSON; drop the tokenizer.json of a model."
    model = document.get("model") if isinstance(document, dict) else None
    if not isinstance(model, dict) or not isinstance(model.get("vocab"), dict | list):
        return "This JSON file is not a tokenizer.json: it has no model with a vocabulary."
    kind = model.get("type", "BPE")
    if kind not in KINDS:
        return "This tokenizer.json has a model of an unknown type; BPE, WordPiece, Unigram and WordLevel work."
    added = document.get("added_tokens") or []
    merges = model.get("merges") or []
    if not isinstance(added, list) or not isinstance(merges, list):
        return "This tokenizer.json is damaged: its merges and added tokens are no lists."
    if len(model["vocab"]) + len(added) > MAX_ENTRIES:
        return f"This tokenizer has {len(model['vocab']) + len(added):,} entries; up to {MAX_ENTRIES:,} work."
    if len(merges) > MAX_MERGES:
        return f"This tokenizer has {len(merges):,} merges; up to {MAX_MERGES:,} work."
    if not model["vocab"]:
        return "This tokenizer.json has an empty vocabulary; choose one that was trained."
    if damage := _damaged(model["vocab"]):
        return damage
    if model.get("dropout"):
        return "This tokenizer drops merges at random (dropout), so no text has one result; set its dropout to null."
    return ""


def _damaged(vocabulary: Any) -> str:
    """What is wrong with the entries: pieces with their ids, or pairs of a piece and a score."""
    if isinstance(vocabulary, dict):
        if len({*map(str, vocabulary.values())}) < len(vocabulary):
            return "This tokenizer.json is damaged: two entries of its vocabulary have the same id."
        pieces = list(vocabulary)
    else:
        pieces = [str(entry[0]) for entry in vocabulary if isinstance(entry, list) and entry]
    longest = max(map(len, pieces), default=0)
    if longest > MAX_ENTRY:
        return f"An entry of this vocabulary has {longest:,} characters; up to {MAX_ENTRY:,} work."
    return ""


def _unusable(document: str, text: str) -> str:
    from tokenizers import Tokenizer

    try:
        tokenizer = copy.deepcopy(Tokenizer.from_str(document))  # transformers works on a copy
    except Exception:  # the library raises Exception itself
        return "This tokenizer.json is damaged or of another version; save it again with save_pretrained."
    tokenizer.no_truncation()
    tokenizer.no_padding()
    try:
        tokens = len(tokenizer.encode(text, add_special_tokens=True).ids)
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            return (
                "The tokenizers library gives up on a text under this tokenizer.json, most likely for a regular "
                "expression that backtracks or matches nothing; use a simpler one."
            )
        return "This tokenizer has no way to write some characters (no unknown token); use one that covers any text."
    if tokens > MAX_GROWTH * (len(text.encode()) + 1):
        return "This tokenizer makes a text many times longer; use one that keeps its length."
    return ""

"""How does a chat's token sequence leave? As CSV for a spreadsheet, as JSON for a script: every token, every byte."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from models import tables
from models.chat import Message
from models.traces import ChatTrace

COLUMNS: Final = ("token", "id", "piece", "bytes", "text", "kind", "message", "speaker")


def csv(trace: ChatTrace, origin: Mapping[str, str]) -> bytes:
    """One line for each token; bytes in hexadecimal, messages counted from 1, none for the template's own tokens."""
    table = trace.token_table
    rows = zip(
        range(len(table)),
        table.ids.tolist(),
        table.pieces,
        (raw.hex() for raw in table.raw),
        table.texts,
        table.kinds,
        (owner + 1 if owner >= 0 else None for owner in trace.owners.tolist()),
        trace.speakers,
        strict=True,
    )
    return tables.csv(origin, COLUMNS, rows)


def json_(trace: ChatTrace, messages: Sequence[Message], origin: Mapping[str, str]) -> bytes:
    """Messages, the text that the template makes of them, its tokens, and whose each of them is (-1: the template)."""
    document = {
        "made by": "Orrery",
        **origin,
        "messages": list(messages),
        "text": trace.text,
        "tokens": trace.token_table.to_json(),
        "owners": trace.owners.tolist() if trace.attributed else None,
    }
    return json.dumps(document, separators=(",", ":")).encode()

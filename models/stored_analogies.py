"""How often is a published list of analogies answered as it says? Computed ahead: `python -m models.stored_analogies`.

It takes about a minute, and the same vectors and the same list make the same file again.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

from models import analogy_list, traces, vector_catalog
from models.traces import AnalogyAccuracy

STORED: Final = Path(__file__).parent / "stored" / "analogies"


@functools.lru_cache(maxsize=1)
def stored(key: str = vector_catalog.GLOVE) -> AnalogyAccuracy:
    """The accuracy that was computed ahead; no library is needed to read it."""
    found = traces.from_bytes((STORED / f"{key}.safetensors").read_bytes())
    if not isinstance(found, AnalogyAccuracy):
        raise TypeError(f"the stored accuracy of {key} is a {type(found).__name__}")
    return found


def main() -> None:
    """Writes the accuracy of GloVe on Google's list."""
    table = vector_catalog.load()
    blob = traces.to_bytes(analogy_list.accuracy(table, analogy_list.published(), progress=_tell))
    STORED.mkdir(exist_ok=True)
    path = STORED / f"{table.name}.safetensors"
    temporary = path.with_suffix(".part")
    temporary.write_bytes(blob)
    temporary.replace(path)
    print(f"\n{path.name}  {len(blob) / 1e3:.1f} KB")  # noqa: T201


def _tell(sentence: str, share: float | None) -> None:
    print(f"\r{share or 0:4.0%}  {sentence:60}", end="", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

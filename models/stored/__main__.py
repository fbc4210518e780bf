"""Computes the stored traces anew: `python -m models.stored`."""

from __future__ import annotations

from pathlib import Path

from models import catalog, comparison, defaults, parameters_counted, projection, traces, vector_catalog
from models.engine import STORED, Engine
from models.in_process import InProcess
from models.published import PUBLISHED
from models.traces import Trace
from models.word_sets import WORD_SETS


def main() -> None:
    """Writes one file a default view, and removes those of views that are no longer default."""
    fresh = Engine(InProcess(), stored=STORED / "none")
    kept = set()
    for request in defaults.VIEWS:
        kept.add(_write(fresh.key(request), fresh.run(request)))
    compared = comparison.compare(defaults.COMPARED, {key: catalog.tokenizer(key) for key in defaults.ROWS})
    kept.add(_write(comparison.content_id(defaults.COMPARED, defaults.ROWS), compared))
    words = WORD_SETS[defaults.WORD_SET].words
    seen = projection.project(vector_catalog.units(words)).trace(vector_catalog.load().source(*words))
    kept.add(_write(projection.content_id(vector_catalog.content_id(words), "pca", 2, 0, {}), seen))
    parameters_counted.store({name: PUBLISHED[name].fields for name in defaults.CONFIGURATIONS})
    for path in set(STORED.glob("*.safetensors")) - kept:
        path.unlink()
    fresh.close()


def _write(key: str, trace: Trace) -> Path:
    blob = traces.to_bytes(trace)
    path = STORED / f"{key}.safetensors"
    temporary = path.with_suffix(".part")
    temporary.write_bytes(blob)
    temporary.replace(path)
    source = trace.source
    print(f"{path.name}  {len(blob) / 1e3:7.1f} KB  {trace.name}  {source.model}  {source.text}")  # noqa: T201
    return path


if __name__ == "__main__":
    main()

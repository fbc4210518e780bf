"""Computes the stored traces anew: `python -m models.stored`."""

from __future__ import annotations

from models import defaults, traces
from models.engine import STORED, Engine
from models.in_process import InProcess


def main() -> None:
    """Writes one file a default view, and removes those of views that are no longer default."""
    fresh = Engine(InProcess(), stored=STORED / "none")
    kept = set()
    for request in defaults.VIEWS:
        blob = traces.to_bytes(fresh.run(request))
        path = STORED / f"{fresh.key(request)}.safetensors"
        temporary = path.with_suffix(".part")
        temporary.write_bytes(blob)
        temporary.replace(path)
        kept.add(path)
        print(f"{path.name}  {len(blob) / 1e3:7.1f} KB  {request.analysis}  {request.model}  {request.text}")  # noqa: T201
    for path in set(STORED.glob("*.safetensors")) - kept:
        path.unlink()
    fresh.close()


if __name__ == "__main__":
    main()

"""How does a long computation say how far it is, and learn that nobody waits for it any more?

It calls a function it was given, often enough; that function may raise `Cancelled`.
"""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float | None], None]  # a sentence, and how much is done (0 to 1) where known


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """Nobody waits for this any more; stop, and leave everything as it was."""

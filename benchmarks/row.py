"""What is one line of the table?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure, and where there is one, the reference measured beside it in the same run."""

    name: str
    ours: float
    unit: str  # of `ours` and `reference`: "ms", "MB", ...
    reference: float | None = None
    against: str = ""  # what the reference is
    at_most: float | None = None  # target: of the ratio, or of `ours` where there is no reference

    @property
    def ratio(self) -> float | None:
        """Ours over the reference; below 1 is better than it."""
        return None if self.reference is None else self.ours / self.reference

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.at_most is None:
            return None
        return (self.ours if self.ratio is None else self.ratio) <= self.at_most

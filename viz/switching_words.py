"""What is said, on every page, about parts of the model that are switched off?"""

from __future__ import annotations

from typing import Final

OFF: Final = "Not the model as it is:"
KEPT: Final = "Every page that runs the model has it so until you clear it; the link keeps it."
WRONG: Final = "The link switches off “{named}”, which names no part of a model and is left out; it can be {most}."
CLEAR: Final = "Clear"

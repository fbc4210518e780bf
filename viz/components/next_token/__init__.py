"""How do the logits of a whole vocabulary reach the browser, where a hand changes what is made of them?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent

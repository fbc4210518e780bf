"""How do several threads import transformers? One after the other.

It fills its modules on first use, and a thread that comes while another is at it can find a half-filled one: "cannot
import name 'AutoTokenizer'".
"""

from __future__ import annotations

import threading
from typing import Final

_one_at_a_time: Final = threading.Lock()


def for_models() -> None:
    """Imports torch and what models need of transformers, unless somebody has."""
    with _one_at_a_time:
        import torch  # noqa: F401
        from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer  # noqa: F401


def for_tokenizers() -> None:
    """Imports what tokenizers need of transformers, unless somebody has."""
    with _one_at_a_time:
        from transformers import AutoTokenizer, PreTrainedTokenizerFast  # noqa: F401


def for_samplers() -> None:
    """Imports torch and transformers' samplers, unless somebody has."""
    with _one_at_a_time:
        import torch  # noqa: F401
        from transformers.generation import logits_process  # noqa: F401

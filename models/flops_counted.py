"""How many floating-point operations does torch count in a model's pass, and how much does transformers' cache keep?

By the configuration alone: the model is built and run on the meta device, where every product has its shapes, and none
is computed. Each operation is counted by torch's own table of formulas (torch.utils.flop_counter), in this thread
alone: FlopCounterMode, which keeps the counts by module too, would hang hooks on the passes of all threads.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from models import apart, configurations, parameters
from models.traces import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

SECONDS: Final = 60.0  # for a stranger's model, of which some go to importing what builds it


@dataclass(frozen=True)
class Counted:
    """What a pass takes and leaves."""

    operations: int
    kept: int | None  # numbers in transformers' cache; None where there is none of keys and values alone


def reading(config: PreTrainedConfig, tokens: int) -> Counted:
    """What is counted when a model reads `tokens` tokens at once; an encoder-decoder reads as many with either.

    Raises:
        InputError: the model can't be built, or its pass can't be run without numbers.
    """
    model = parameters.meta(config).eval()
    import torch

    given: dict[str, Any] = {"input_ids": torch.zeros(1, tokens, dtype=torch.long, device="meta")}
    if config.is_encoder_decoder:
        given["decoder_input_ids"] = given["input_ids"]
    else:  # whole, since transformers looks at the numbers of any other before it makes one of this kind
        given["attention_mask"] = torch.ones(1, 1, tokens, tokens, dtype=torch.bool, device="meta")
    try:
        if any("experts" in name for name, _ in model.named_modules()):
            model.set_experts_implementation("batched_mm")  # the others ask which experts were chosen
        with torch.no_grad(), counter() as counted:
            kept = _kept(model(**given))
    except Exception as error:  # whatever a model's own code raises where it needs numbers
        raise InputError("torch's counter can't follow this model's pass without its numbers.") from error
    return Counted(counted.total, kept)


def counter() -> Any:
    """For a `with` block: its `total` is the number of floating-point operations in this thread so far."""
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils.flop_counter import flop_registry

    class Counter(TorchDispatchMode):
        total = 0

        def __torch_dispatch__(
            self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
        ) -> Any:
            named = dict(kwargs or {})
            formula = flop_registry.get(func._overloadpacket)
            if formula is None:
                with self:
                    parts = func.decompose(*args, **named)
                if parts is not NotImplemented:
                    return parts
            out = func(*args, **named)
            if formula is not None:
                self.total += int(formula(*args, **named, out_val=out))
            return out

    return Counter()


def _kept(output: Any) -> int | None:
    """Numbers in a model's cache; None where it has no such."""
    layers = getattr(getattr(output, "past_key_values", None), "layers", None)
    if not layers or not all(hasattr(layer, "keys") and hasattr(layer, "values") for layer in layers):
        return None
    return sum(layer.keys.numel() + layer.values.numel() for layer in layers)


def reading_apart(given: str, tokens: int) -> Counted:
    """`reading` for the text of a stranger's config.json, in a process with limits of time and memory.

    Raises:
        InputError: as `reading`, or it takes too much time or memory.
    """
    try:
        answer = json.loads(apart.run(work, json.dumps([given, tokens]).encode(), seconds=SECONDS))
    except apart.FailedApartError as error:
        raise InputError("Counting this model's pass takes too much time or memory.") from error
    if "refused" in answer:
        raise InputError(answer["refused"])
    return Counted(**answer)


def work(given: bytes) -> bytes:
    """In the process of its own."""
    text, tokens = json.loads(given)
    try:
        counted = reading(configurations.build(configurations.read(text)), tokens)
    except InputError as error:
        return json.dumps({"refused": str(error)}).encode()
    return json.dumps(dataclasses.asdict(counted)).encode()

"""How is one transformers model asked?

A `LanguageModel` holds a model and its tokenizer. It is read-only and shared by everybody: the model stays in eval
mode, no gradient is kept, nothing is written on it or on its config, and hooks exist only inside a `with`.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch

from models import switched_off, tokens
from models.progress import Progress
from models.traces import InputError, Source, Tokens, TooLongError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MAX_CHARACTERS: Final = 20_000  # read before any tokenizer sees the text


@dataclass(frozen=True)
class Encoding:
    """One input, ready for the model."""

    inputs: dict[str, torch.Tensor]  # what the model's forward takes: input_ids int64 [1, token], masks
    token_table: Tokens
    text: str
    pair: str | None

    @property
    def ids(self) -> torch.Tensor:
        """The token ids, int64 [token]."""
        return self.inputs["input_ids"][0]


class LanguageModel:
    """A transformers model and its tokenizer.

    Attributes:
        model: the model, with eager attention (sdpa has no weights to show), in eval mode.
        tokenizer: its tokenizer.
        name: catalog key, hub id or folder name.
        revision: a commit or the SHA-256 of the weights.
        layers, heads: counts from the config.
        max_tokens: the most tokens one request may have.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        name: str,
        revision: str,
        max_tokens: int = 512,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.revision = revision
        self.config = model.config.get_text_config()
        self.layers: int = self.config.num_hidden_layers
        self.heads: int = self.config.num_attention_heads
        self.max_tokens = min(max_tokens, _positions(model))
        self.device = next(model.parameters()).device
        self._accepted = inspect.signature(model.base_model.forward).parameters
        self._taken = inspect.signature(model.forward).parameters  # with the head on top
        self.lock = threading.RLock()  # hooks must not be added to a module that another thread is running

    @property
    def size_bytes(self) -> int:
        """Bytes of all weights, each tied one counted once."""
        return sum(weight.nbytes for weight in self.model.parameters())

    def check_text(self, text: str, what: str = "text") -> None:
        """Refuse what no tokenizer should see.

        Raises:
            InputError: the text is empty, too long, or not valid Unicode.
        """
        if not text:
            raise InputError(f"The {what} is empty; type a word or a sentence.")
        if len(text) > MAX_CHARACTERS:
            raise TooLongError(
                f"The {what} has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read at once, "
                "so use a part of it.",
                fitting=text[:MAX_CHARACTERS],
            )
        for position, character in enumerate(text):
            if "\ud800" <= character <= "\udfff":
                raise InputError(
                    f"The {what} holds half a character (a lone surrogate, U+{ord(character):04X}) at position "
                    f"{position + 1}; delete it or paste the text again."
                )

    def encode(self, text: str, pair: str | None = None, *, complete: bool = False, cut: bool = False) -> Encoding:
        """The tokens of a text, or of a pair of texts, as this model takes them, special tokens included.

        Args:
            text: the text, or the first of two.
            pair: the second one.
            complete: the text holds its special tokens already, as a chat template writes them: none are added.
            cut: whoever asks runs only a part of it: it may be over `max_tokens`.

        Raises:
            InputError: the text can't be used, or is over `max_tokens`.
        """
        self.check_text(text)
        if pair is not None:
            self.check_text(pair, "second text")
            if self.generates:
                raise InputError(f"{self.name} reads one text; a second text needs an encoder such as minilm-l6-v2.")
        fast = self.tokenizer.is_fast
        batch = self.tokenizer(
            text,
            pair,
            return_offsets_mapping=fast,
            return_special_tokens_mask=True,
            add_special_tokens=not complete,
        )
        ids: list[int] = batch["input_ids"]
        count = len(ids)
        added = batch["special_tokens_mask"]
        owners: list[int | None] = list(batch.sequence_ids()) if fast else [None if mark else 0 for mark in added]
        table = tokens.describe(
            self.tokenizer,
            [text] if pair is None else [text, pair],
            ids,
            batch["offset_mapping"] if fast else None,
            owners,
        )
        if count > self.max_tokens and not cut:
            # The tokens that the tokenizer adds at the end must still fit; in a pair only the first text is cut.
            room = self.max_tokens - sum(owner != 0 for owner in owners)
            if room < 1:
                raise InputError(
                    f"The second text alone is over the {self.max_tokens:,} tokens that are run at once; shorten it."
                )
            own = [token for token, owner in enumerate(owners) if owner == 0]
            raise TooLongError(
                f"This text is {count:,} tokens; at most {self.max_tokens:,} are run at once, so use a part of it.",
                fitting=text[: table.spans[own[room]][0]] if room < len(own) else text,
            )
        if all(owner is None for owner in owners):
            raise InputError("The tokenizer keeps nothing of this text; type a word or a sentence.")
        inputs = {
            name: torch.tensor([batch[name]], device=self.device)
            for name in ("input_ids", "attention_mask", "token_type_ids")
            if name in batch and name in self._accepted
        }
        return Encoding(inputs, table, text, pair)

    @property
    def generates(self) -> bool:
        """Whether the model predicts the next token (a decoder), rather than reading both ways (an encoder)."""
        return bool(self.model.can_generate()) or bool(getattr(self.config, "is_decoder", False))

    def source(self, text: str, pair: str | None = None) -> Source:
        """What to write on a trace so that it can be computed again."""
        import tokenizers
        import transformers

        return Source(
            model=self.name,
            revision=self.revision,
            text=text,
            pair=pair,
            dtype=str(self.model.dtype).removeprefix("torch."),
            device=self.device.type,
            versions={
                "torch": torch.__version__,
                "transformers": transformers.__version__,
                "tokenizers": tokenizers.__version__,
            },
            off=switched_off.written(switched_off.in_force(self)),
        )

    def forward(self, inputs: dict[str, torch.Tensor], progress: Progress | None = None, **outputs: bool) -> Any:
        """One pass through the body of the model (no head), with what `outputs` asks for, as transformers returns it.

        Args:
            inputs: as in `Encoding.inputs`.
            progress: called before each layer; may raise `Cancelled`.
            outputs: `output_attentions=True` and the like.
        """
        with self.lock, torch.inference_mode(), self._watched(progress):
            return self.model.base_model(**inputs, **outputs)

    def check_next_token(self) -> None:
        """Refuse a model without a next token.

        Raises:
            InputError: it reads both ways, or has no head.
        """
        if not self.generates or self.model.get_output_embeddings() is None:
            raise InputError(
                f"{self.name} predicts no next token: it reads both ways, or has no head; choose a model that writes, "
                "such as smollm2-135m."
            )

    @property
    def ends(self) -> frozenset[int]:
        """The ids of the tokens that end a text, by the model's own settings for generating."""
        found = getattr(getattr(self.model, "generation_config", None), "eos_token_id", None)
        found = self.config.eos_token_id if found is None else found
        return frozenset() if found is None else frozenset(found if isinstance(found, list) else [found])

    def logits(
        self, inputs: dict[str, torch.Tensor], progress: Progress | None = None, position: int | None = None
    ) -> torch.Tensor:
        """One pass through the whole model: [token, vocabulary] what it predicts behind each token.

        Args:
            inputs: as in `Encoding.inputs`.
            progress: called before each layer; may raise `Cancelled`.
            position: the only token behind which it is wanted, from 0: [1, vocabulary]. Of 33 tokens of SmolLM2, the
                head of the others takes a fifth of the pass.

        Raises:
            InputError: as `check_next_token`.
        """
        self.check_next_token()
        count = inputs["input_ids"].shape[1]
        kept = slice(0, count) if position is None else slice(position, position + 1)
        only = {}
        if position is not None and "logits_to_keep" in self._taken:
            only = {"logits_to_keep": torch.tensor([position], device=self.device)}
        with self.lock, torch.inference_mode(), self._watched(progress):
            found: torch.Tensor = self.model(**inputs, use_cache=False, **only).logits[0]
        return found if only else found[kept]

    def next_logits(
        self,
        ids: torch.Tensor,
        cache: Any,
        keep: int = 1,
        *,
        mask: torch.Tensor | None = None,
        positions: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, Any]:
        """What comes next, of several texts at once.

        Args:
            ids: [text, token] those that the cache doesn't hold yet; texts of the same length.
            cache: what the last call gave back; None at first.
            keep: behind how many of the last tokens.
            mask: [text, token] 0 where a text is padded, those in the cache included; None: nowhere.
            positions: [text, token] the place of each of `ids` in its text; None: behind what the cache holds.

        Returns:
            float32 [text, keep, vocabulary], and the cache for the next call; None of a model that keeps none, which
            must be given the whole text each time.
        """
        inputs: dict[str, Any] = {"input_ids": ids}
        if mask is not None:
            inputs |= {"attention_mask": mask, "position_ids": positions}
        if "past_key_values" in self._taken:
            inputs |= {"past_key_values": cache, "use_cache": True}
        if "logits_to_keep" in self._taken:
            inputs["logits_to_keep"] = keep
        with self.lock, torch.inference_mode():
            found = self.model(**inputs)
            return found.logits[:, -keep:].float(), getattr(found, "past_key_values", None)

    @contextmanager
    def _watched(self, progress: Progress | None) -> Iterator[None]:
        """Report each layer as it begins. The hooks are gone when the block ends, however it ends."""
        if progress is None:
            yield
            return
        blocks = self.blocks()
        handles = [
            block.register_forward_pre_hook(
                lambda _module, _arguments, number=number: progress(
                    f"Running layer {number + 1} of {self.layers}", number / self.layers
                )
            )
            for number, block in enumerate(blocks)
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def blocks(self) -> list[torch.nn.Module]:
        """[layer] the transformer blocks, first to last; empty where the model doesn't keep them in one list."""
        for module in self.model.base_model.modules():
            if isinstance(module, torch.nn.ModuleList) and len(module) == self.layers:
                return list(module)
        return []


def _positions(model: PreTrainedModel) -> int:
    """How many tokens the model's positions reach, from its config and any table of learned positions."""
    limit = int(getattr(model.config.get_text_config(), "max_position_embeddings", 0) or 0) or 2**31
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Embedding) and "position" in name and module.padding_idx is not None:
            # RoBERTa counts positions from the padding index on.
            limit = min(limit, module.num_embeddings - module.padding_idx - 1)
    return limit

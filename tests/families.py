"""Tiny random models of every family that the app must show, built from their configs alone."""

from __future__ import annotations

from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, PreTrainedTokenizerFast

from models import catalog
from models.language_model import LanguageModel

USUAL: dict[str, Any] = {
    "vocab_size": 300,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
GROUPED = {"num_key_value_heads": 2}
DECODERS: dict[str, dict[str, Any]] = {
    "gpt2": {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 128},
    "llama": GROUPED,
    "qwen2": GROUPED,
    "qwen3": {**GROUPED, "head_dim": 8},
    "mistral": {**GROUPED, "sliding_window": 5},
    "gemma2": {**GROUPED, "head_dim": 8, "sliding_window": 4},
    "gpt_neox": {},
    "opt": {"ffn_dim": 64, "word_embed_proj_dim": 32},
    "bloom": {"n_layer": 3, "n_head": 4},
    "phi": {},
    "falcon": {},
}
ENCODERS: dict[str, dict[str, Any]] = {
    "bert": {},
    "roberta": {},
    "distilbert": {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 64},
}
FAMILIES = {**DECODERS, **ENCODERS}


def tiny_model(family: str, **attributes: Any) -> Any:
    """A random model of the family with three layers of four heads, in eager attention and eval mode."""
    special = FAMILIES[family]
    # Some configs call the usual sizes by names of their own, and take the usual names for others.
    renamed = {"gpt2", "distilbert"}
    common = {name: USUAL[name] for name in ("vocab_size", "bos_token_id", "eos_token_id", "pad_token_id")}
    config = AutoConfig.for_model(family, **(common if family in renamed else USUAL), **special)
    if family == "distilbert":
        config.max_position_embeddings = 128
    torch.manual_seed(0)
    build = AutoModelForCausalLM if family in DECODERS else AutoModel
    return build.from_config(config, **({"attn_implementation": "eager"} | attributes)).eval()


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer without merges: any text, one token a byte."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = ["<pad>", "<s>", "</s>", *alphabet]
    tokenizer = Tokenizer(models.BPE({name: number for number, name in enumerate(names)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<s>", eos_token="</s>", model_max_length=128
    )


def shaken(family: str, **attributes: Any) -> LanguageModel:
    """A tiny model whose norms and biases are not the ones and zeros that they begin with."""
    model = tiny_model(family, **attributes)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=generator) * 0.1)
    return catalog.wrap(model, tiny_tokenizer())


def hooks(lm: LanguageModel) -> int:
    """How many hooks are on a model's modules."""
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in lm.model.modules())

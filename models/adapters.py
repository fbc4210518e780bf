"""Where does each family of models keep its queries, keys and values, its norms, its MLP and its positions?

One `Family` for each, in one place: paths of modules under the model's body, and under one of its blocks. An analysis
that opens a model asks `of(lm)`; what a family doesn't have is None. Nothing here computes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from models.traces import InputError

if TYPE_CHECKING:
    import torch

    from models.language_model import LanguageModel

# "before": x + f(norm(x)). "after": norm(x + f(x)). "around": x + norm(f(norm(x))). "parallel": attention and MLP both
# read the block's input, each through its own norm or both through one.
Norms = Literal["before", "after", "around", "parallel"]


@dataclass(frozen=True)
class Family:
    """The paths of one family; those of a block are relative to it."""

    embedding: str
    blocks: str
    attention: str  # what gives the attention weights as its second output
    output: str  # the output projection: what enters it are the heads, side by side
    up: str  # the MLP's first matrix; beside a gate, the one that isn't activated
    activation: str
    down: str  # the MLP's last matrix
    query: str = ""  # the three matrices, where they are apart
    key: str = ""
    value: str = ""
    fused: str = ""  # the one matrix that makes all three
    fused_by_head: bool = False  # it makes [head, (query, key, value), size], not [(query, key, value), head, size]
    query_norm: str = ""
    key_norm: str = ""
    gate: str = ""
    norm_attention: str = ""  # before the attention
    norm_mlp: str = ""  # before the MLP
    norm_attention_after: str = ""  # behind the attention; where norms are "after", behind the sum
    norm_mlp_after: str = ""
    positions: str = ""  # the table of learned positions
    segments: str = ""  # the table that says first or second text
    embedding_norm: str = ""
    rotary: str = ""  # what gives the cosines and sines of RoPE
    final_norm: str = ""
    norms: Norms = "before"
    norm_offset: float = 0.0  # RMSNorm multiplies by weight + offset
    alibi: bool = False  # a bias on the scores, linear in the key's position


_LLAMA: Final = Family(
    embedding="embed_tokens",
    blocks="layers",
    rotary="rotary_emb",
    final_norm="norm",
    attention="self_attn",
    query="self_attn.q_proj",
    key="self_attn.k_proj",
    value="self_attn.v_proj",
    output="self_attn.o_proj",
    gate="mlp.gate_proj",
    up="mlp.up_proj",
    activation="mlp.act_fn",
    down="mlp.down_proj",
    norm_attention="input_layernorm",
    norm_mlp="post_attention_layernorm",
)
_BERT: Final = Family(
    embedding="embeddings.word_embeddings",
    positions="embeddings.position_embeddings",
    segments="embeddings.token_type_embeddings",
    embedding_norm="embeddings.LayerNorm",
    blocks="encoder.layer",
    attention="attention.self",
    query="attention.self.query",
    key="attention.self.key",
    value="attention.self.value",
    output="attention.output.dense",
    norm_attention_after="attention.output.LayerNorm",
    up="intermediate.dense",
    activation="intermediate.intermediate_act_fn",
    down="output.dense",
    norm_mlp_after="output.LayerNorm",
    norms="after",
)
# By the configuration's model_type.
FAMILIES: Final[dict[str, Family]] = {
    "llama": _LLAMA,
    "mistral": _LLAMA,
    "qwen2": _LLAMA,
    "qwen3": replace(_LLAMA, query_norm="self_attn.q_norm", key_norm="self_attn.k_norm"),
    "gemma2": replace(
        _LLAMA,
        norm_attention_after="post_attention_layernorm",
        norm_mlp="pre_feedforward_layernorm",
        norm_mlp_after="post_feedforward_layernorm",
        norms="around",
        norm_offset=1.0,
    ),
    "phi": replace(
        _LLAMA,
        final_norm="final_layernorm",
        output="self_attn.dense",
        gate="",
        up="mlp.fc1",
        activation="mlp.activation_fn",
        down="mlp.fc2",
        norm_mlp="input_layernorm",
        norms="parallel",
    ),
    "gpt2": Family(
        embedding="wte",
        positions="wpe",
        blocks="h",
        final_norm="ln_f",
        attention="attn",
        fused="attn.c_attn",
        output="attn.c_proj",
        up="mlp.c_fc",
        activation="mlp.act",
        down="mlp.c_proj",
        norm_attention="ln_1",
        norm_mlp="ln_2",
    ),
    "gpt_neox": Family(
        embedding="embed_in",
        blocks="layers",
        rotary="rotary_emb",
        final_norm="final_layer_norm",
        attention="attention",
        fused="attention.query_key_value",
        fused_by_head=True,
        output="attention.dense",
        up="mlp.dense_h_to_4h",
        activation="mlp.act",
        down="mlp.dense_4h_to_h",
        norm_attention="input_layernorm",
        norm_mlp="post_attention_layernorm",
        norms="parallel",
    ),
    "opt": Family(
        embedding="decoder.embed_tokens",
        positions="decoder.embed_positions",
        blocks="decoder.layers",
        final_norm="decoder.final_layer_norm",
        attention="self_attn",
        query="self_attn.q_proj",
        key="self_attn.k_proj",
        value="self_attn.v_proj",
        output="self_attn.out_proj",
        up="fc1",
        activation="activation_fn",
        down="fc2",
        norm_attention="self_attn_layer_norm",
        norm_mlp="final_layer_norm",
    ),
    "bloom": Family(
        embedding="word_embeddings",
        embedding_norm="word_embeddings_layernorm",
        alibi=True,
        blocks="h",
        final_norm="ln_f",
        attention="self_attention",
        fused="self_attention.query_key_value",
        fused_by_head=True,
        output="self_attention.dense",
        up="mlp.dense_h_to_4h",
        activation="mlp.gelu_impl",
        down="mlp.dense_4h_to_h",
        norm_attention="input_layernorm",
        norm_mlp="post_attention_layernorm",
    ),
    "bert": _BERT,
    "roberta": _BERT,
    "distilbert": Family(
        embedding="embeddings.word_embeddings",
        positions="embeddings.position_embeddings",
        embedding_norm="embeddings.LayerNorm",
        blocks="transformer.layer",
        attention="attention",
        query="attention.q_lin",
        key="attention.k_lin",
        value="attention.v_lin",
        output="attention.out_lin",
        norm_attention_after="sa_layer_norm",
        up="ffn.lin1",
        activation="ffn.activation",
        down="ffn.lin2",
        norm_mlp_after="output_layer_norm",
        norms="after",
    ),
}

# What a few configurations of a family have, and its description above has not: a part under the body.
_UNUSUAL: Final = (
    "decoder.project_in",
    "layers.0.self_attn.q_layernorm",
    "h.0.crossattention",
    "encoder.layer.0.crossattention",
)


def of(lm: LanguageModel) -> Family:
    """Where this model keeps its parts.

    Raises:
        InputError: nobody has described its family, or it has parts that its family usually hasn't.
    """
    config, kind = lm.config, lm.config.model_type
    if kind not in FAMILIES:
        raise InputError(
            f"{lm.name} is of the family {kind}, whose parts aren't described here; choose a model of one of these: "
            f"{', '.join(FAMILIES)}."
        )
    family = FAMILIES[kind]
    if kind == "gpt_neox" and not config.use_parallel_residual:
        family = replace(family, norms="before")
    if kind == "opt" and not config.do_layer_norm_before:  # the 350m
        family = replace(
            family,
            norms="after",
            norm_attention="",
            norm_attention_after=family.norm_attention,
            norm_mlp="",
            norm_mlp_after=family.norm_mlp,
        )
    body = lm.model.base_model
    if not _has(body, family.final_norm):  # an OPT may have none
        family = replace(family, final_norm="")
    known = {"Linear", "Conv1D"}
    block = body.get_submodule(family.blocks)[0]
    products = (
        family.fused,
        family.query,
        family.key,
        family.value,
        family.output,
        family.gate,
        family.up,
        family.down,
    )
    if (
        any(_has(body, path) for path in _UNUSUAL)
        or getattr(config, "apply_residual_connection_post_layernorm", False)
        or any(type(block.get_submodule(path)).__name__ not in known for path in products if path)
    ):
        raise InputError(
            f"{lm.name} has parts that other models of the family {kind} haven't; choose another model of the family."
        )
    return family


def alibi(lm: LanguageModel) -> bool:
    """Whether scores fall with the distance, as all of BLOOM's do; of Falcon's and MPT's, their configurations say."""
    family, config = FAMILIES.get(lm.config.model_type), lm.config
    own = getattr(config, "alibi", False) or getattr(getattr(config, "attn_config", None), "alibi", False)
    return bool(own or (family and family.alibi))


def _has(module: torch.nn.Module, path: str) -> bool:
    """Whether there is a module at the path."""
    import torch

    try:
        return isinstance(module.get_submodule(path), torch.nn.Module)
    except AttributeError:
        return False

"""What does the view "breakdown" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

MODEL: Final = (
    "A model by its configuration alone: no weights are loaded. Published ones are in the list; any other on the hub "
    "by its id, of which only the config.json is fetched; “own”: paste or drop a config.json."
)
FILE: Final = "A config.json of yours: its text goes into the box above."
CONFIG: Final = (
    "The config.json that comes with a model. Nothing of it is run. Ctrl+Enter counts it, and the link keeps it."
)
EXAMPLE: Final = """\
{
  "model_type": "llama",
  "hidden_size": 2048,
  "num_hidden_layers": 22,
  "num_attention_heads": 32,
  "num_key_value_heads": 4,
  "intermediate_size": 5632,
  "vocab_size": 32000,
  "tie_word_embeddings": false
}"""
SHAPE: Final = "Three drawings of the same numbers. An area, or an arc, is a number of parameters."
GROUP: Final = "part: all attention together, all MLPs together. block: each block with its own."
OPEN: Final = (
    "Which area is the outermost one. A click into the drawing opens an area, too, but only the choice made here is "
    "kept in the link. Experts that share one tensor are drawn one by one when their tensor is opened."
)
EQUAL: Final = "By formula {formula:,}: equal to the tensors' sum"
UNEQUAL: Final = "By formula {formula:,}, by tensors {tensors:,}: {apart:,} apart"
NONE: Final = (
    "No formula is written down here for the class {kind} of the family {family}, so only the tensors are counted."
)
CHECK: Final = (
    "The formula below, summed, beside the number of elements of the model that transformers builds from the same "
    "configuration on torch's meta device, which gives tensors shapes and no numbers."
)
ACTIVE: Final = "**{active:,}** of the {total:,} work on one token: {share:.1%}."
CHOSEN: Final = " In each layer with experts, a router chooses {used} of {held} for each token."
UNKNOWN: Final = "How many of its experts work on one token is not in the configuration."
TIED: Final = "{name} is used again as {others}: it is counted once, and hatched in the drawing."
TWICE: Final = " (used twice, counted once)"
FORMULA: Final = "Matrix by matrix"
SAME: Final = "is the {tied}, counted there"
GIVEN: Final = "the configuration"
USUAL: Final = "not given: the family's usual, or from the others"
# What each symbol is, and in which field of most configurations it stands; and where it stands in others.
SYMBOLS: Final[dict[str, tuple[str, str]]] = {
    "V": ("vocab_size", "entries of the vocabulary"),
    "P": ("max_position_embeddings", "positions"),
    "d": ("hidden_size", "width"),
    "L": ("num_hidden_layers", "blocks"),
    "D": ("num_decoder_layers", "blocks of the decoder"),
    "h": ("num_attention_heads", "query heads"),
    "k": ("head_dim", "size of a head"),
    "g": ("num_key_value_heads", "key and value heads"),
    "m": ("intermediate_size", "width of the MLP"),
    "E": ("num_local_experts", "experts in a block"),
    "e": ("moe_intermediate_size", "width of an expert"),
    "s": ("n_shared_experts", "experts that always work"),
    "a": ("q_lora_rank", "size of the query's short vector"),
    "c": ("kv_lora_rank", "size of the short vector of keys and values"),
    "n": ("qk_nope_head_dim", "size of a query or key, without its position"),
    "r": ("qk_rope_head_dim", "size of the part with the position"),
    "v": ("v_head_dim", "size of a value"),
    "t": ("type_vocab_size", "segments"),
    "b": ("relative_attention_num_buckets", "distances told apart"),
}
OWN_FIELDS: Final[dict[str, dict[str, str]]] = {
    "gpt2": {"P": "n_positions", "d": "n_embd", "L": "n_layer", "m": "n_inner"},
    "t5": {"d": "d_model", "L": "num_layers", "h": "num_heads", "k": "d_kv", "m": "d_ff"},
    "deepseek_v3": {"E": "n_routed_experts"},
}

WORDS: Final = Words(
    sentence=(
        "All weights of a model, from the whole to the single matrix. Click an area to look inside; “Open” beside the "
        "figure does the same by keyboard."
    ),
    notice=(
        "- In GPT-2 small nearly a third are embeddings; in Llama 3.1 405B half a percent.\n"
        "- Of each block, the MLP holds two thirds in GPT-2 and about four fifths in Llama 3; attention holds nearly "
        "all the rest.\n"
        "- Few key and value heads make attention small: a key matrix of Llama 3 has a quarter of the query's numbers "
        "in the model of 8 billion, and a sixteenth in that of 405 billion.\n"
        "- Where the output head is the embedding, used a second time, it is counted once.\n"
        "- Mixtral 8x7B has 46.7 billion, not 8 times 7: its experts share attention and embeddings."
    ),
    presets=(
        ("GPT-2 small", "124,439,808, nearly a third of them embeddings", {"model": "gpt2"}),
        (
            "Llama 3.1 405B",
            "126 blocks that are alike, each of 3.2 billion",
            {"model": "llama-3.1-405b", "shape": "icicle", "group": "block"},
        ),
        ("Mixtral 8x7B", "46.7 billion, of which 12.9 work on a token", {"model": "mixtral-8x7b"}),
        (
            "DeepSeek-V3",
            "the 256 experts of one block; 8 work on a token",
            {"model": "deepseek-v3", "open": "Experts / experts.gate_up_proj / block 7"},
        ),
        ("T5 small", "an encoder and a decoder", {"model": "t5-small", "shape": "sunburst"}),
        ("Your own", "change a number in its config.json", {"model": "own"}),
    ),
    how=(
        "Each tensor's count is the product of its shape. A matrix from $d$ inputs to $m$ outputs has $d \\cdot m$ "
        "weights, and $m$ biases where it has any. For a block of a Llama with $h$ query heads and $g$ key and value "
        "heads of size $k$:\n\n"
        "$$2\\,d\\,h\\,k + 2\\,d\\,g\\,k + 3\\,d\\,m + 2\\,d$$\n\n"
        "for query and output, key and value, the gated MLP, and two norms. Embedding: $V \\cdot d$; the output head "
        "as much again, unless it is the embedding itself (Press and Wolf 2016, arXiv:1608.05859)."
    ),
    code=(
        "import torch\n"
        "from transformers import AutoConfig, AutoModelForCausalLM\n\n"
        'config = AutoConfig.for_model("gpt2")\n'
        'with torch.device("meta"):  # shapes without numbers\n'
        "    model = AutoModelForCausalLM.from_config(config)\n"
        "print(model.num_parameters())  # 124439808\n"
        "for name, tensor in model.named_parameters():\n"
        "    print(name, tuple(tensor.shape), tensor.numel())"
    ),
)

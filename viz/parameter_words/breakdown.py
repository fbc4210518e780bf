"""What does the view "breakdown" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

MODEL: Final = "A published model, by its configuration alone: no weights are loaded. “own”: paste a config.json."
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
EQUAL: Final = "By formula {formula:,}: equal to the tensors' sum"
UNEQUAL: Final = "By formula {formula:,}, by tensors {tensors:,}"
NONE: Final = "No formula is written down for this family, so only the tensors are counted."
CHECK: Final = (
    "The formula below, summed, beside the number of elements of the model that transformers builds from the same "
    "configuration on torch's meta device, which gives tensors shapes and no numbers."
)
ACTIVE: Final = "{active:,} of them work on one token: of the experts only those that the router chooses."
TIED: Final = "{name} is {other}, used a second time: it is counted once."
FORMULA: Final = "Matrix by matrix"
SYMBOLS: Final = "Symbols of the configuration: {symbols}."

WORDS: Final = Words(
    sentence="All weights of a model, from the whole to the single matrix. Click a part to open it.",
    notice=(
        "- In GPT-2 small nearly a third are embeddings; in Llama 3.1 405B one in two hundred.\n"
        "- Of each block, the MLP holds two thirds in GPT-2 and four fifths in Llama 3; attention holds the rest.\n"
        "- Few key and value heads make attention small: a key matrix of Llama 3 has a quarter of the query's numbers "
        "in the model of 8 billion, and a sixteenth in that of 405 billion.\n"
        "- Where the output head is the embedding, used a second time, it is counted once."
    ),
    presets=(
        ("GPT-2 small", "124,439,808, a third of them embeddings", {"model": "gpt2"}),
        (
            "Llama 3.1 405B",
            "126 blocks, each of 3.2 billion",
            {"model": "llama-3.1-405b", "shape": "icicle", "group": "block"},
        ),
        ("Mixtral 8x7B", "46.7 billion, of which 12.9 work on a token", {"model": "mixtral-8x7b"}),
        ("DeepSeek-V3", "256 experts a layer", {"model": "deepseek-v3", "shape": "sunburst"}),
        ("Gemma 2B", "a vocabulary of 256,000: a fifth of all", {"model": "gemma-2b"}),
        ("T5 small", "an encoder and a decoder", {"model": "t5-small"}),
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

"""What does the view "memory" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

DTYPE: Final = (
    "In which numbers the weights are kept. Q8_0 and Q4_0 are GGUF's: 32 weights share a scale, which is counted. The "
    "cache is kept in 16 bits, with float32 weights in 32."
)
CONTEXT: Final = "Tokens that were read before the one that is written, at most 1,048,576."
BATCH: Final = "Texts that are written, or trained on, at once. Each has a context of its own."
RANK: Final = "LoRA: how many numbers lie between the two thin matrices that stand beside each chosen one."
TARGETS: Final = (
    "LoRA: the matrices that get two thin ones beside them, in all layers. Its paper takes those of queries and values."
)

SUMMARY: Final[dict[str, str]] = {
    "Weights": "All parameters, in the chosen number format. 1 GB is 10⁹ bytes.",
    "KV cache": "Keys and values of all texts of the batch, each with the whole context.",
    "For one token": "Operations to write one token behind the context; a product and a sum are two.",
    "Fits on": "Devices of the table below whose memory holds weights and cache.",
    "At best": "The fastest of the devices that it fits on, all texts of the batch together. A bound that no program "
    "reaches.",
}

WEIGHTS: Final = "Weights"
ALL_ACTIVE: Final = "All of them work on every token: the embedding table is the output head too."
LOOKED_UP: Final = (
    "{read:,} of them work on every token. The others are in tables of which a row is looked up: embeddings, unless "
    "they are the output head too, and learned positions."
)
SENSES: Final = (
    "{read:,} of them work on every token of text. The others are in what reads pictures or sound, or in tables of "
    "which a row is looked up."
)
ACTIVE: Final = (
    "{active:,} of them ({share:.1%}) work on one token, {size} in the chosen format: of the experts only those that "
    "the router chooses. All of them must be in memory, since the next token may choose others."
)
ACTIVE_UNKNOWN: Final = "The configuration doesn't say how many experts work on one token."

CACHE: Final = "Keys and values that are kept"
CACHE_NOTE: Final = (
    "As the model keeps them ({name}): {kept} at the dotted lines, in {bits} bits a number. One more token of one text "
    "adds {token}{full}. {grown} The other lines are no models, but what this one would keep with other heads "
    "or with a window."
)
AS_MUCH: Final = "From {tokens}{each} on, it is as large as the weights or larger."
NEVER: Final = "However long the texts are, it stays smaller than the weights."
NO_MORE: Final = ", since its windows are full"

TRAINING: Final = "Training"
NO_LORA: Final = "LoRA needs at least one matrix to stand beside; choose one in the sidebar."
LORA: Final = (
    "LoRA of rank {rank} beside {targets}: {adapters:,} parameters are trained, {share:.3%} of all. The others stay as "
    "they are in 16 bits, with no gradients and no means."
)
ACTIVATIONS: Final = (
    "Activations are those of the pass forward that the pass back needs, for each layer and in 16 bits tokens x width "
    "x 34 bytes, and for the scores 5 x heads x tokens² bytes (in 32 bits 66 and 9). The formula is that of GPT-3's "
    "layer with dropout: all heads with keys of their own, an MLP four times as wide, nothing recomputed. For other "
    "layers it is an estimate; FlashAttention keeps no scores, and LoRA's pass is taken to keep as much as any."
)

COMPUTE: Final = "Arithmetic"
EQUAL: Final = "Reading {tokens}: {ours:,} operations, equal to torch's counter"
UNEQUAL: Final = "Reading {tokens}: {ours:,} operations by formula, {theirs:,} by torch's counter"
EQUAL_CACHE: Final = "Keeping them: {ours:,} numbers, equal to transformers' cache"
UNEQUAL_CACHE: Final = "Keeping them: {ours:,} numbers by formula, {theirs:,} in transformers' cache"
COUNTED: Final = (
    "transformers' own model, built from the same configuration, reads so many tokens on torch's meta device, where "
    "tensors have shapes and no numbers, and torch's table of formulas (torch.utils.flop_counter) counts its products. "
    "What a causal mask or a window hides is counted, as a plain product computes it."
)
FEWER: Final = "This model's table of positions ends after {tokens:,} tokens: it reads no more at once."
UNFOLDING: Final = (
    "One by one, queries are folded to the latent vectors that are kept: {folded} for a token. To unfold all of these "
    "to keys and values again for each token, as transformers' code does, takes {unfolded}."
)

DEVICES: Final = "On which machine, and how fast"
BEST: Final = (
    "Weights and cache need {held}; a step reads {read} of that, once, and does {intensity} operations for each "
    "byte. A device can be no faster than its memory can be read, and no faster than it can multiply. Its figures are "
    "its maker's peak figures, so each of these is a bound, and no promise. It fits where weights and cache are no "
    "larger than the memory, of which the system takes some. With weights in fewer bits the products are taken to be "
    "as fast as in 16 (marked in the table: in 32)."
)
ROOFLINE: Final = (
    "Each line is a device: it rises while memory is what it waits for, and is flat where arithmetic is. The dotted "
    "line is this model with this context and batch, {intensity} operations a byte: larger batches move it to the "
    "right, since all texts share one reading of the weights."
)

WORDS: Final = Words(
    sentence=(
        "What a model needs to run and to be trained, by its configuration alone: bytes for weights, for the keys and "
        "values of a context, and for training; operations for a token; and how fast machines can be with it at best."
    ),
    notice=(
        "- **Memory sets the pace.** To write one token for one text, all weights are read for about one product each. "
        "All devices of the table wait for their memory; half the bits are nearly twice the speed.\n"
        "- **A long context outgrows the weights.** Llama 3 8B keeps 131 kB of each token: with 122,533 tokens more "
        "than its weights hold in bfloat16. Grouped heads made that a quarter of what all heads would keep.\n"
        "- **A batch shares the weights, not the cache.** With more texts at once a device writes more tokens a "
        "second, until it waits for arithmetic or the caches fill its memory.\n"
        "- **Training needs eight times the weights** in 16 bits, before any activation: gradients, and Adam's two "
        "means in 32 bits. LoRA needs hardly more than the weights, since what isn't trained has neither.\n"
        "- **Few experts work, all must be there.** DeepSeek-V3 reads a twentieth of its weights for a token."
    ),
    presets=(
        ("Llama 3 8B in 4 bits", "fits on a phone", {"view": "memory", "dtype": "Q4_0", "context": "4096"}),
        (
            "Llama 2 7B, a long text",
            "all heads kept: the cache is five times the weights",
            {"view": "memory", "model": "llama-2-7b", "context": "131072"},
        ),
        (
            "A hundred texts at once",
            "the H100 writes 50 times as much as for one",
            {"view": "memory", "batch": "100", "context": "1024"},
        ),
        (
            "DeepSeek-V3, latent attention",
            "a 71st of what its heads unfold to",
            {"view": "memory", "model": "deepseek-v3", "context": "131072"},
        ),
        (
            "Mistral 7B, a window",
            "a cache that stops growing",
            {"view": "memory", "model": "mistral-7b", "context": "32768"},
        ),
        (
            "LoRA of rank 16",
            "less than a thousandth of Llama 3 8B is trained",
            {"view": "memory", "rank": "16", "context": "2048"},
        ),
    ),
    how=(
        "With $L$ layers, $h$ query heads, $g$ key and value heads of size $k$, width $d$, $n$ tokens of context, $B$ "
        "texts and $b$ bytes a number:\n\n"
        "$$\\text{cache} = 2\\,L\\,g\\,k\\,n\\,B\\,b$$\n\n"
        "A layer with a sliding window of $w$ keeps $w - 1$ tokens before the one that is read. Latent attention "
        "(DeepSeek-V2, arXiv:2405.04434) keeps a vector of rank $r$ and the turned part of the key, $r + k_R$ numbers "
        "a token and layer.\n\n"
        "$$\\text{operations for a token} = 2\\,N_{\\text{matrices}} + 4\\,L\\,h\\,k\\,(n + 1)$$\n\n"
        "$N$ counts the numbers of all matrices that a token meets: not the embedding table, and of the experts only "
        "the chosen. With latent attention, $2\\,L\\,h\\,(2r + k_R)(n + 1)$ takes the place of the second term.\n\n"
        "$$\\text{tokens a second} \\le B \\Big/ \\max\\left(\\frac{\\text{weights} + \\text{cache}}"
        "{\\text{bandwidth}},"
        "\\ \\frac{B \\cdot \\text{operations}}{\\text{arithmetic}}\\right)$$\n\n"
        "This is the roofline of Williams, Waterman and Patterson (2009, doi:10.1145/1498765.1498785). Of $E$ experts, "
        "$m$ of which work on a token, a batch reads $E\\,(1 - (1 - m/E)^B)$ on average, if the router chooses evenly "
        "and for each text anew.\n\n"
        "Training with Adam holds 16 bytes a parameter: in float32 weights, gradients and two means of 4 bytes each; "
        "in mixed precision weights and gradients of 2, a float32 copy and the means of 4 (Micikevicius et al. 2017, "
        "arXiv:1710.03740; Rajbhandari et al. 2019, arXiv:1910.02054). LoRA (Hu et al. 2021, arXiv:2106.09685) puts "
        "beside a matrix from $d$ to $m$ two thin ones with $r\\,(d + m)$ numbers. Activations: Korthikanti et al. "
        "2022, arXiv:2205.05198, equation 2."
    ),
    code=(
        "import torch\n"
        "from torch.utils.flop_counter import FlopCounterMode\n"
        "from transformers import AutoConfig, AutoModelForCausalLM\n\n"
        'config = AutoConfig.for_model("llama", num_key_value_heads=8, intermediate_size=14336, vocab_size=128256)\n'
        'with torch.device("meta"):  # shapes without numbers\n'
        "    model = AutoModelForCausalLM.from_config(config)\n"
        "print(2 * model.num_parameters())  # bytes in bfloat16: 16060522496\n\n"
        "tokens = 8192\n"
        'read = torch.zeros(1, tokens, dtype=torch.long, device="meta")\n'
        'mask = torch.ones(1, 1, tokens, tokens, dtype=torch.bool, device="meta")\n'
        "with FlopCounterMode(display=False) as counter, torch.no_grad():\n"
        "    kept = model(read, attention_mask=mask, use_cache=True).past_key_values\n"
        "print(counter.get_total_flops() / tokens)  # operations for each token read\n"
        "numbers = sum(layer.keys.numel() + layer.values.numel() for layer in kept.layers)\n"
        "print(2 * numbers)  # bytes of the cache: 1073741824"
    ),
)

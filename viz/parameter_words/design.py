"""What does the view "design" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

SLIDERS: Final = (
    "The sliders stand in the figure. Drag them, step them with the arrow keys, or type a number beside them."
)
KIND: Final = "A decoder of the kind of Llama, with several experts of Mixtral: RMSNorm, gated MLP, RoPE, no biases"
TRAINING: Final = (
    "To train it: D tokens, so many for each of the N parameters that work on a token, and 6 operations for each pair "
    "of the two (Kaplan et al. 2020, arXiv:2001.08361). N is all of them, as Hoffmann et al. count; Kaplan et al. "
    "leave out the tables of tokens, embedding and output head, which the fourth column does. Both rules were found "
    "with models without experts. 20 tokens: 1.4 trillion for the 70 billion parameters of Chinchilla (Hoffmann et "
    "al. 2022, arXiv:2203.15556). 1,868: 15 trillion (“15T+” in its model card) for the 8.03 billion of Llama 3 8B. "
    "An NVIDIA H100 multiplies at 989 TFLOP/s at its peak (half of what its data sheet gives with sparsity, 16 bits); "
    "40% of that is taken here, as Llama 3.1 405B reached 38 to 43% (Llama Team 2024, arXiv:2407.21783, table 4). "
    "Points: GPT-3 (arXiv:2005.14165), Llama 2 (arXiv:2307.09288), SmolLM2 (arXiv:2502.02737), Llama 3.1 and "
    "Chinchilla as above."
)
EQUAL: Final = "transformers counts {total:,} parameters, {active:,} of them on a token: equal, as are cache and FLOPs"
UNEQUAL: Final = "{name}: the figure has {ours:,}, transformers {theirs:,}"
COUNTS: Final = {
    "total": "parameters",
    "active": "parameters on a token",
    "cache": "numbers in the cache",
    "arithmetic": "FLOPs for a token",
}
ABOUT: Final = (
    "counted: {layers:,} layers, width {width:,}, {heads} heads of {size}, {kv} of keys and values, MLP {mlp:,}, "
    "vocabulary {vocabulary:,}, experts {experts}, context {context:,}"
)
CHECK: Final = (
    "transformers builds the model of this config.json on torch's meta device, which gives tensors shapes and no "
    "numbers. Its elements are counted, and cache and FLOPs are worked out from its matrices; the figure did its sums "
    "in the browser. “Count it with transformers” does it again for what the sliders say now."
)

WORDS: Final = Words(
    sentence="Set the sizes of a model, and see at once what it weighs, what it needs to run, and to be trained.",
    notice="""\
- **Width counts twice.** Every matrix of a layer is width times something, and the something usually grows with the
  width: a layer twice as wide is four times as large.
- **Fewer key/value heads shrink the cache.** With 8 in place of 32 it falls to a quarter; the parameters of the model
  that is shown first fall by 8%.
- **The vocabulary weighs on small models.** It is a fifth of Llama 3.2 1B, and 1% of Llama 3.1 405B, embedding and
  output head together.
- **Experts part memory from compute.** Each adds an MLP to what is stored; only the chosen ones work on a token.
- **Training grows with the square.** A model ten times as large, on ten times as many tokens, costs a hundred times
  as much: both lines rise by two powers of ten for each one to the right.
""",
    presets=(
        (
            "Llama 3.1 405B",
            "126 layers of 16,384, and 1% for the vocabulary",
            {
                "view": "design",
                "layers": "126",
                "width": "16384",
                "heads": "128",
                "mlp": "53248",
                "tied": "0",
            },
        ),
        (
            "Mixtral 8x7B",
            "46.7 billion are stored, 12.9 billion work on a token",
            {
                "view": "design",
                "layers": "32",
                "width": "4096",
                "mlp": "14336",
                "vocabulary": "32000",
                "tied": "0",
                "experts": "8",
                "chosen": "2",
            },
        ),
        (
            "A small model with a large vocabulary",
            "SmolLM2 135M with the 256,000 tokens of Gemma: more than half are embeddings",
            {
                "view": "design",
                "layers": "30",
                "width": "576",
                "heads": "9",
                "kv": "3",
                "mlp": "1536",
                "vocabulary": "256000",
            },
        ),
        (
            "Llama 2 7B at 131,072 tokens",
            "Without shared key/value heads its cache is 69 GB, five times its weights in 16 bits",
            {
                "view": "design",
                "layers": "32",
                "width": "4096",
                "kv": "32",
                "mlp": "11008",
                "vocabulary": "32000",
                "tied": "0",
                "context": "131072",
            },
        ),
        (
            "10 B, wide or deep",
            "The same number of parameters in three shapes",
            {"view": "design", "target": "10000000000"},
        ),
    ),
    how=r"""\
With vocabulary $V$, width $d$, $L$ layers, $h$ heads of size $k$ (of keys and values only $g$), MLP width $m$, $E$
experts of which $c$ are chosen, and a context of $n$ tokens:

| part | parameters | on a token |
| --- | --- | --- |
| embedding | $V d$ | $V d$ |
| attention | $L\,(2\,d\,h\,k + 2\,d\,g\,k)$ | the same |
| MLP, or experts | $L \cdot 3\,d\,m$, or $L\,E \cdot 3\,d\,m$ | $L \cdot 3\,d\,m$, or $L\,c \cdot 3\,d\,m$ |
| router, with experts | $L\,d\,E$ | the same |
| norms | $(2 L + 1)\,d$ | the same |
| output head | $V d$, or the embedding once more | the same |

Cache: $2\,L\,g\,k\,n$ numbers for one text. To write one token behind $n$: 2 operations for each number of the matrices
on its way (the embedding is only looked up), and $4\,L\,h\,k\,(n + 1)$ for the scores and the weighted sum.

Wide or deep: over all widths that are whole heads of 64 (from 4,096 on of 128), the number of layers that comes nearest
to the size, and of these the one nearest to a width of 16, 128 or 1,024 times the layers. Vocabulary, experts, the MLP
for each unit of width, and the query heads for each key/value head stay those of the design. 128 is usual: GPT-3,
Llama 2 7B and Llama 3 8B have it. Kaplan et al. 2020 (arXiv:2001.08361, figure 5) found that the shape matters little
to the loss over a wide range.

Llama: Touvron et al. 2023, arXiv:2302.13971. Mixtral: Jiang et al. 2024, arXiv:2401.04088. Fewer key/value heads:
Ainslie et al. 2023, arXiv:2305.13245.
""",
    code="""\
import torch
from transformers import AutoConfig, AutoModelForCausalLM

config = AutoConfig.for_model(
    "llama", hidden_size=2048, num_hidden_layers=16, num_attention_heads=32, num_key_value_heads=8,
    intermediate_size=8192, vocab_size=128256, tie_word_embeddings=True,
)
with torch.device("meta"):  # shapes without numbers
    model = AutoModelForCausalLM.from_config(config)
n = model.num_parameters()
print(n)  # 1235814400
tokens = 20 * n  # Chinchilla's rule
print(f"{6 * n * tokens:.2e}")  # 1.83e+20 operations to train it
""",
)

"""What does the view "compare" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

MODELS: Final = (
    "Up to four: published ones, those installed here, any on the hub by its id (only its config.json is fetched), or "
    "“own”, a config.json that you paste."
)
MANY: Final = "The link asks for {asked} models; {most} can be compared, and the first {most} are shown."
DRAWING: Final = (
    "shares: every bar is a whole model, cut into its parts. numbers: how many parameters each part has, on a "
    "logarithmic axis, as the models differ a thousandfold."
)
NUMBERS: Final = (
    "A large sign is all of a part; a small one of the same colour, joined to it, is what works on one token. A part "
    "that a model lacks has no sign in its row."
)
EQUAL: Final = "{title}: by formula {formula:,}, equal to the tensors' sum"
UNEQUAL: Final = "{title}: by formula {formula:,}, by tensors {tensors:,}"
NONE: Final = "{title}: no formula is written down for its family, so only its tensors are counted."
CHECK: Final = (
    "The formula of the architecture, summed, beside the number of elements of the model that transformers builds from "
    "the same configuration on torch's meta device. The view “Break down” shows both, matrix by matrix."
)
PARTS: Final = "Part by part"
SIZES: Final = "Size by size"
DIFFER: Final = "≠ marks a row in which the models differ. “–”: the model has no such thing."

WORDS: Final = Words(
    sentence=(
        "Up to four models beside each other: what share of its parameters each gives to every part, how many these "
        "are, and which sizes make the difference."
    ),
    notice="""\
- **Embeddings shrink in share.** Nearly a third of GPT-2 small is its table of tokens, in Llama 3 8B 7 %, in
  DeepSeek-V3 one part in 700: blocks grow with the square of the width, a table of tokens only with the width.
- **Experts are nearly all.** They hold 97 % of Mixtral and of DeepSeek-V3. The router that chooses among them has one
  part in 45,000 of Mixtral.
- **But few of them work.** 12.9 of Mixtral's 46.7 billion parameters work on a token, one of eighteen in DeepSeek-V3.
- **Norms are next to nothing,** everywhere: below a thousandth. So is GPT-2's table of positions, of less than 1 %;
  the later models have none, as they turn queries and keys instead.
""",
    presets=(
        ("GPT-2 to DeepSeek-V3", "From 124 million to 671 billion.", {"view": "compare"}),
        (
            "The same numbers on a ruler",
            "Attention of GPT-2 and of DeepSeek-V3: 400 times as many.",
            {"view": "compare", "drawing": "numbers"},
        ),
        (
            "One recipe in three sizes",
            "Llama 3 at 8, 70 and 405 billion: the embeddings fade.",
            {"view": "compare", "compare": ["llama-3-8b", "llama-3-70b", "llama-3.1-405b"]},
        ),
        (
            "Dense or experts",
            "Mistral 7B and Mixtral 8x7B are equal but for the MLP: there Mixtral has eight experts and a router.",
            {"view": "compare", "compare": ["mistral-7b", "mixtral-8x7b"]},
        ),
        (
            "The price of a large vocabulary",
            "Models of 1.2 to 2.5 billion, of which 6 to 21 % are embeddings.",
            {"view": "compare", "compare": ["llama-3.2-1b", "gemma-2b", "qwen2-1.5b", "smollm2-1.7b"]},
        ),
        (
            "Three kinds of Transformer",
            "A decoder, an encoder, and both.",
            {"view": "compare", "compare": ["gpt2", "bert-base", "t5-base"]},
        ),
    ),
    how=r"""
Each model is built from its configuration on torch's meta device, where tensors have shapes and no numbers, and every
tensor is counted once, under the part that its name in the model tells: embedding, positions, attention, MLP, router,
experts, norms, output head. An output head that is the embedding again counts nothing.

The share of a part is its count over the model's total. What works on one token is the same without the experts that
the router doesn't choose: with $k$ of $E$ experts of $3\,d\,e$ weights each in $L$ blocks,

$$\text{active} = \text{total} - L\,(E - k)\cdot 3\,d\,e.$$

The sizes are the symbols of the architecture's formula, which has all defaults put in, and else what the config.json
says.

Shares of a whole add up, so they are stacked. Numbers that differ a thousandfold are not: in a stacked bar on a
logarithmic axis no length would be true. There each part has a row, and each model a sign in it.
""",
    code="""
from transformers import AutoConfig, AutoModelForCausalLM
import torch

with torch.device("meta"):  # shapes without numbers
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model("gpt2"))
count = {}
for name, tensor in model.named_parameters():  # a tied tensor comes once
    part = "blocks" if ".h." in name else name.split(".")[1]
    count[part] = count.get(part, 0) + tensor.numel()
for part, number in count.items():
    print(f"{part}: {number:,}, {number / model.num_parameters():.1%}")
""",
)

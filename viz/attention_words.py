"""What does the attention page say?"""

from __future__ import annotations

from typing import Final

HEADER: Final = (
    "Where a language model looks: for each token, how much of its attention goes to every other token, in every "
    "layer and head."
)
MODEL: Final = "A model of this installation, or the id of any causal model or encoder on the hub."
TEXT: Final = "Any text, in any language. Ctrl+Enter runs it."
PAIR: Final = "An encoder can read two texts at once, as when it compares sentences."
COMPARE: Final = "Two texts in one model, or one text in two models, with linked cursors."
NOTICE: Final = """\
- **One head, one habit.** Many heads look at the token just before, or rest on the first token; a few connect words by
  what they mean. Open the map and sort it by a measure.
- **A mask is not a zero.** A decoder reads left to right: the hatched half of the matrix isn't small, it is not there.
- **Shared keys.** In SmolLM2 three query heads read one key/value head, and still look at different places.
- **Attention isn't explanation.** A weight says how much of a value is mixed in, not how much that changes the answer.
"""
HOW: Final = r"""
For every head, each token makes a query $q_i$ and a key $k_j$, and

$$w_{ij} = \operatorname{softmax}_j\!\left(\frac{q_i \cdot k_j}{\sqrt{d}} + \text{mask}_{ij}\right)$$

is how much of the value of token $j$ goes into token $i$: a share, so every row sums to 1. Queries and keys have shape
[head, token, $d$]; the weights have shape [layer, head, query, key]. They are read out of the model's own forward
pass (Vaswani et al., *Attention Is All You Need*, 2017), in float32, and shown rounded to three decimals; the files
carry every digit. Heads that share a key/value head: Ainslie et al., *GQA*, 2023. Induction heads: Olsson et al.,
*In-context Learning and Induction Heads*, 2022. Rollout: Abnar and Zuidema, *Quantifying Attention Flow in
Transformers*, 2020.
"""
CODE: Final = """
# sdpa, the default, keeps no weights: ask for eager attention
model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager")
inputs = tokenizer(text, return_tensors="pt")
with torch.inference_mode():
    attentions = model(**inputs, output_attentions=True).attentions
weights = torch.cat(attentions).float()  # [layer, head, query, key]
"""
BERTVIZ: Final = (
    "The views that started it: bertviz (Vig 2019), run here without a network on the weights of the first text."
)
INDUCTION: Final = "Reads random tokens twice over and sorts the heads by how well they find what came next last time."
CHECK: Final = (
    "Nothing on this page is computed in place of the model: the weights are those of its own forward pass. A row of "
    "weights is a softmax, so it must sum to 1; this is the largest distance from 1 in any layer and head."
)
FILES: Final = "Float32, every digit. Each file says which model, revision, text and versions it comes from."
PRESETS: Final = (
    (
        "Who is tired?",
        "“it” gives the animal three quarters of its weight.",
        {"view": "heads", "layer": "13", "head": "8", "token": "8"},
    ),
    (
        "Who is wide?",
        "The last word changes. A decoder can't know it yet at “it”: not one digit of that row moves.",
        {"compare": "another text", "view": "heads"},
    ),
    (
        "An encoder can know",
        "It reads on before it decides: with “wide”, the animal loses more than half.",
        {"model": "minilm-l6-v2", "compare": "another text", "layer": "3", "head": "1", "token": "10"},
    ),
    ("All heads at once", "The map; click a picture to open it.", {"view": "map"}),
    ("Find the induction heads", "Heads that repeat what came next last time.", {"view": "map", "sort": "induction"}),
    (
        "Watch one at work",
        "The second “Harry” looks at what followed the first.",
        {
            "text": "Mr Harry Potter met Ron. The next day Mr Harry Potter met Hermione.",
            "view": "heads",
            "layer": "17",
            "head": "4",
            "token": "10",
        },
    ),
    ("Resting heads", "Heads that leave most of their weight on the first token.", {"view": "map", "sort": "first"}),
    (
        "Both directions",
        "An encoder reads two sentences, and looks ahead.",
        {
            "model": "minilm-l6-v2",
            "text": "The cat sat on the mat.",
            "pair": "The cat lay on the rug.",
            "view": "matrix",
            "layer": "2",
            "head": "9",
        },
    ),
    (
        "Decoder beside encoder",
        "One text in two models.",
        {"compare": "another model", "model2": "minilm-l6-v2", "view": "matrix"},
    ),
)

"""What does the view "table" of the page of embeddings say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

SHOW: Final = (
    "neighbours: the entries of the table that point the same way as each token of a text. norms: how long all the "
    "vectors are. positions: how alike two places in a text are to the model."
)
MODEL: Final = "Whose table. A decoder's was learned by predicting the next token, an encoder's by filling gaps."
TEXT_HELP: Final = "Up to 32 tokens. Each is looked up in the table alone: the words around it change nothing."
PLACES: Final = "How many of the first positions are compared."

COSINE: Final = "Cosine between two rows of the model's input table, as it is stored"
ENDS: Final = ("Shortest", "Longest")
LENGTHS: Final = (
    "{model}: {count:,} tokens, each with a vector of {size:,} numbers. The mean length is {mean:.3f}, the middle one "
    "{middle:.3f}. Drag to zoom; double-click to come back."
)
HEAD: Final = "From a vector back to a token"
HEADS: Final[dict[str, str]] = {
    "tied": (
        "**Tied.** The output head, which scores every token as the next one, is this same table, used the other way "
        "round: a token scores high where the last vector points the way of its row."
    ),
    "untied": (
        "**Untied.** The output head is a table of its own. Below: the cosine between each token's row in the one "
        "and in the other. The largest difference between two of their numbers is {difference:.3g}."
    ),
    "none": (
        "**None.** This model has no output head: it ends with vectors, which something else reads, and was saved "
        "without one."
    ),
}
POSITIONS: Final[dict[str, str]] = {
    "learned": "How alike two positions are in the table of {model}",
    "rotary": "What turning by position leaves of a product in {model}",
}
MEANS: Final[dict[str, str]] = {
    "learned": "The cosine between two rows of the model's table of positions. A row is added to the token's vector.",
    "rotary": (
        "RoPE has no table. It turns each of {pairs} pairs of numbers of a query and of a key by an angle that grows "
        "with the position ({turned:.0%} of a head's numbers are turned). Shown is what is left of the product of two "
        "equal vectors so far apart, if every pair holds as much of it: it depends on the distance alone."
    ),
}
CHECK: Final = (
    "The picture is made of the cosines and sines that the model's own rotary module gives. Beside it the formula "
    "below is computed from the module's frequencies; given is the largest difference."
)

WORDS: Final = Words(
    sentence=(
        "Before a model does anything else it looks each token up in a table of vectors. This is that table: which "
        "tokens lie side by side, how long the vectors are, and how the model tells one position from another."
    ),
    notice="""\
- **Neighbours are what can stand in the same place.** Around “ Monday” are the other days; around “1”, the other
  digits; around “ Paris”, other cities. Nobody told the model: it was only trained to predict tokens.
- **Capitals and spaces are other rows.** “ king”, “King” and “ King” are three tokens. Their rows began at random, and
  training has moved them together.
- **No context yet.** “bank” has one row, whatever stands around it. What context makes of it shows the view
  “In context”.
- **Length carries something too.** In SmolLM2 common first names are the shortest; the longest are beginnings of words
  such as “ necessit” and “ enthus”, which don't stand alone.
- **Positions near each other look alike.** With RoPE similarity falls with the distance, in waves. A learned table, as
  in MiniLM, had to find this out: of its first 128 positions, those side by side have a cosine of 0.86 on average,
  those 20 apart 0.13.
""",
    presets=(
        (
            "Days, digits, cities",
            "What can stand in the same place lies side by side.",
            {"view": "table"},
        ),
        (
            "The same in an encoder",
            "MiniLM writes in small letters, and its neighbours are of meaning more than of form.",
            {"view": "table", "model": "minilm-l6-v2"},
        ),
        (
            "Code and signs",
            "Comparison beside comparison, a smile beside a smile.",
            {"view": "table", "text": "def x == y: return :)"},
        ),
        (
            "Pieces of Chinese",
            "Each sign is several tokens, and half a sign has hardly any neighbours.",
            {"view": "table", "text": "你好，世界"},
        ),
        ("The lengths of all", "49,152 vectors; first names are the shortest.", {"view": "table", "show": "norms"}),
        (
            "RoPE as a picture",
            "Stripes along the diagonal: only the distance counts.",
            {"view": "table", "show": "positions"},
        ),
        (
            "A learned table of positions",
            "Every row was learned by itself; neighbours came out alike.",
            {"view": "table", "show": "positions", "model": "minilm-l6-v2"},
        ),
    ),
    how=r"""
The input table $E$ has a row for each entry of the vocabulary: $x_i = E_{t_i}$ is what enters the first block (some
families add positions, or scale it). Neighbours are the rows with the highest cosine,
$\frac{E_s \cdot E_t}{\lVert E_s\rVert \lVert E_t\rVert}$; the length is $\lVert E_t \rVert$.

A *tied* head scores the next token by $E h$, with the same $E$ (Press and Wolf, *Using the Output Embedding to Improve
Language Models*, 2017).

*Positions.* A learned table is compared by cosine. Rotary position embeddings (Su et al., *RoFormer*, 2021) turn the
pair $i$ of a query and of a key at position $m$ by the angle $m\,\theta_i$. For two equal vectors at $m$ and $n$ with
equal shares in all pairs, this leaves of their product

$$\frac{1}{P} \sum_{i=1}^{P} \cos\big((m-n)\,\theta_i\big).$$
""",
    code="""
table = model.get_input_embeddings().weight  # [vocabulary, dimension]
row = table[tokenizer(" king")["input_ids"][0]]
cosines = torch.cosine_similarity(table, row[None])
tokenizer.convert_ids_to_tokens(cosines.topk(11).indices)

model.get_output_embeddings().weight is table  # tied?

cos, sin = model.model.rotary_emb(torch.zeros(1), torch.arange(128)[None])
similarity = (cos[0] @ cos[0].T + sin[0] @ sin[0].T) / cos.shape[-1]
""",
)

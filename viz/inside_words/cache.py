"""What does the view "cache" of the page of the inside say?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from viz.words import Words

if TYPE_CHECKING:
    from models.traces import CachingTrace


def counted(tokens: int) -> str:
    """So many tokens, in words."""
    return f"{tokens:,} token{'' if tokens == 1 else 's'}"


NEW: Final = (
    "How many tokens are written at most, always the most probable one. A token that ends a text ends it sooner."
)
ENDED: Final = "The model ended its text itself, after {tokens}."

MEASURE: Final = "Measure the times here"
AGAIN: Final = "Measure again"
NOT_MEASURED: Final = (
    "Times belong to one machine and one moment, so none are stored. Here each step is timed both ways, in turn, "
    "several times over."
)
MEASURED: Final = (
    "All steps took {kept:.3g} s with the cache and {anew:.3g} s without: medians of {rounds} round{s}, measured on "
    "this server at {when} on {where}, while others may have used it. Another machine or moment gives other times."
)

SAME: Final = "Both ways write the same {tokens}; their logits differ by at most {difference} of the largest"
PARTED: Final = "The ways part at step {step}: two tokens were as good as equal there; logits differ by {difference}"
SAME_HELP: Final = (
    "At each step the model also reads the whole text anew, and the token that it would write is compared with the one "
    "written with the cache. The logits aren't the same to the bit: products of other shapes add their terms in "
    "another order. The number is the largest difference of any logit at any step, as a share of the largest logit."
)
BYTES: Final = "The cache's own tensors hold {bytes:,} bytes at the last step, as the formula says at every step"
OTHER_BYTES: Final = "The cache's own tensors hold {bytes:,} bytes at the last step, which isn't what the formula says"
BYTES_HELP: Final = (
    "The bytes are those of the tensors in transformers' own past_key_values after each step, added up. The formula: 2 "
    "(keys and values) × layers × key/value heads × head size × bytes of a number × tokens, where a layer with a "
    "sliding window of w keeps at most w − 1 tokens."
)

WHY: Final = "Why keys and values can be kept"
CHANGES: Final = "Change of vectors when the text grows"
STAY: Final = "The keys and values of the prompt's {prompt} stay when {written} more follow, within {change}"
STAY_HELP: Final = (
    "The prompt is read alone, and then with all that was written behind it, in one pass each. The number is the "
    "largest difference of any key or value of the prompt's tokens, as a share of the largest key or value in "
    "that layer. What is left is rounding: the products have other shapes."
)
WHY_DECODER: Final = (
    "The mask lets a token see itself and what stands before it. So nothing that a layer computes for it depends on "
    "what is written later, and its keys and values are the same numbers however the text goes on. Queries could be "
    "kept as well, but nobody asks for them again: only the last token's query is needed for the next one."
)
ENCODER: Final = (
    "**{model} reads both ways, so it can't keep anything.** When the last token, “{token}”, is added, the vectors "
    "that enter layer {layer} change by up to {change} of the largest number there; the least cosine between a token's "
    "two vectors, in any layer, is {cosine}. Keys and values are made of these vectors, so they would have to be "
    "computed again. {first}An encoder writes nothing, either; choose smollm2-135m to see a cache at work."
)
FIRST: Final = "Only layer 0 gets the same: the embeddings, before any token has looked at another. "

SIZE: Final = "How large it gets"
GROWTH: Final = "Bytes of the cache, up to {reach:,} tokens"
OWN: Final = "its own: {heads} key/value head{s}"
UNGROUPED: Final = "a key/value head for each of {heads} query heads"
SINGLE: Final = "one key/value head for all"
NO_WINDOW: Final = "its own without windows"

ELSEWHERE: Final = "Elsewhere"


def formula(trace: CachingTrace) -> str:
    """The formula with this model's numbers, as far as all of its layers are alike."""
    layers, heads = len(trace.key_heads), int(trace.key_heads[0])
    key, value = map(int, trace.sizes[0])
    if (trace.key_heads != heads).any() or (trace.sizes != (key, value)).any() or key != value:
        said = f"A token adds {trace.token_bytes:,} bytes."
    else:
        many = "" if heads == 1 else "s"
        said = (
            f"A token adds 2 × {layers} layers × {heads} head{many} × {key} numbers × {trace.number} bytes = "
            f"{trace.token_bytes:,} bytes, in the precision that is computed in here."
        )
    if heads < trace.heads:
        share = {2: "half", 3: "a third", 4: "a quarter"}.get(trace.heads // heads, f"1/{trace.heads // heads}")
        exact = share if trace.heads % heads == 0 else f"{heads} of {trace.heads}"
        said += f" Groups of query heads share one head of keys and values: {exact} of what {trace.heads} heads need."
    near = trace.windows[trace.windows > 0]
    if len(near):
        said += (
            f" {len(near)} of {layers} layers have a sliding window of {int(near.min()):,} tokens: they keep at most "
            f"{int(near.min()) - 1:,}, and the oldest leaves."
        )
    return said


def elsewhere(model: str, text: str, off: str) -> list[tuple[str, str, str]]:
    """Other pages: label, what it shows, address; `off` is what is switched off."""
    same = urlencode({"model": model, "text": text} | ({"off": off} if off else {}))
    return [
        (
            "The cache of large models",
            "against the memory of the devices that run them, for any context and batch.",
            "parameters?view=memory",
        ),
        (
            "Write with samplers",
            "the same prompt, token by token, with what could have been written instead.",
            f"next-token?view=generate&{same}",
        ),
        ("Walk through one pass", "where queries, keys and values come from.", f"inside?view=walk&{same}"),
        ("Attention", "whom each head's last row looks at.", f"attention?{same}"),
    ]


WORDS: Final = Words(
    sentence="What is kept and what is computed again when a text is written token by token.",
    notice="""\
- **With the cache, each step reads one token.** Its query meets the keys and values of all tokens before, which are
  kept. Without, every step computes all of them again, to the same numbers.
- **The attention triangle grows by one row a step.** The rows above were needed once, when their own tokens were read.
- **Without it, the work grows with the square.** A step takes in proportion to the tokens that it reads (in a short
  text nearly all multiplications are those of the matrices), so writing a text takes in proportion to the square.
- **Time is saved less than work.** Reading one token or ten, a processor has to fetch all weights once; measure it.
- **The cache is the price.** Every token adds the same bytes in every layer: with SmolLM2's whole window of 8,192
  tokens 377 MB, beside weights of 538 MB. With a key and a value for each of its 9 query heads it would be 1.13 GB.
  That is why heads share keys and values, and why some models' layers see a window only.
""",
    presets=(
        (
            "The last step",
            "24 tokens are written: 30 tokens were read with the cache, 444 without.",
            {"view": "cache", "step": 23, "measure": "tokens"},
        ),
        (
            "The first step",
            "Reading the prompt takes the same both ways: nothing is kept yet.",
            {"view": "cache", "step": 0},
        ),
        (
            "A longer prompt",
            "The longer the text, the more a step without the cache reads again.",
            {
                "view": "cache",
                "text": "Photosynthesis is how plants, algae and some bacteria turn light into food. They take in "
                "carbon dioxide and water, and with the energy of light they make sugar and give off oxygen. It "
                "happens in two stages. In the first stage,",
                "new": 16,
                "step": 15,
            },
        ),
        (
            "An encoder keeps nothing",
            "One token more, and what all layers but the first are given changes.",
            {
                "view": "cache",
                "model": "minilm-l6-v2",
                "text": "The animal didn't cross the street because it was too tired",
            },
        ),
    ),
    how=r"""
At each step the model needs what stands behind the last token only. In layer $l$, with the keys and values of all
$t$ tokens so far,

$$o_t = \sum_{j \le t} \operatorname{softmax}_j\!\left(\frac{q_t \cdot k_j}{\sqrt{d}}\right) v_j$$

so of the earlier tokens just $k_j$ and $v_j$ enter. They depend on the tokens up to $j$ (the causal mask), not on $t$:
kept once, they are right for good. The cache has the shape [layers, 2, key/value heads, tokens, head size]:

$$\text{bytes} = 2 \cdot \text{layers} \cdot \text{key/value heads} \cdot \text{head size} \cdot
\text{bytes a number} \cdot \text{tokens}$$

Multiplications of a step that reads $n$ tokens so that $t$ stand there afterwards, with $P$ numbers in the matrices of
the layers and $d \cdot V$ in the head, which reads the last token only:

$$n \cdot P + d \cdot V + \text{layers} \cdot \text{heads} \cdot 2\, d_\text{head} \cdot n \cdot t$$

with the cache $n = 1$, without $n = t$. The numbers above aren't this formula's but those that torch's own table
(`torch.utils.flop_counter`) counts in the passes that run, two operations a multiplication. What the mask hides is
computed and counted.

A layer with a **sliding window** of $w$ tokens keeps $w - 1$. Heads of keys and values that several query heads share:
Shazeer (2019), [Fast Transformer Decoding](https://arxiv.org/abs/1911.02150), one for all; Ainslie et al. (2023),
[GQA](https://arxiv.org/abs/2305.13245), one for a group. What a server does with many caches: Kwon et al. (2023),
[PagedAttention](https://arxiv.org/abs/2309.06180).

Times: after a round that isn't counted, each step is timed with and without the cache, in turn, until its token is
known; medians of three rounds, of one where the text is long. "Without" is the same pass over all tokens, whose cache
is thrown away.
""",
    code="""\
ids = tokenizer(text, return_tensors="pt").input_ids
read, cache = ids, None
for step in range(24):
    out = model(read, past_key_values=cache, use_cache=True, logits_to_keep=1)
    cache, token = out.past_key_values, out.logits[:, -1].argmax(-1, keepdim=True)
    anew = model(ids, use_cache=False, logits_to_keep=1).logits[:, -1]       # the whole text again
    size = sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
    print(tokenizer.decode(token[0]), size, (out.logits[:, -1] - anew).abs().max().item())
    read, ids = token, torch.cat([ids, token], dim=1)
""",
)

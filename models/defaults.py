"""What does each page show before anybody has typed?

These views are computed ahead (`python -m models.stored`) and kept as trace files beside the code, so that a
page's first picture needs neither torch nor a model. A changed default changes what old links show that name
no text.
"""

from __future__ import annotations

import json
from typing import Final, Literal

from models import parting, sentence_sets
from models.engine import Request

DECODER: Final = "smollm2-135m"
ENCODER: Final = "minilm-l6-v2"

# "it" can be the animal or the street: the example with which Google introduced the Transformer in 2017.
TEXT: Final = "The animal didn't cross the street because it was too tired."
OTHER_TEXT: Final = "The animal didn't cross the street because it was too wide."
PAIR: Final = ("The cat sat on the mat.", "The cat lay on the rug.")

# Layer and head, from 0, that a page opens on: heads in which "it" in TEXT looks at the animal.
HEADS: Final[dict[str, tuple[int, int]]] = {DECODER: (13, 8), ENCODER: (3, 1)}
TOKEN: Final = 8  # "it" in TEXT, for DECODER

# The page of tokenizers opens on this text under these: letters, digits, three scripts, and an emoji made of three.
COMPARED: Final = "Unstoppable! 1,000 words are about 1,300 tokens, 你好 and नमस्ते included 👩\u200d🚀"
ROWS: Final = ("words", ENCODER, DECODER, "cl100k_base", "o200k_base", "qwen", "deepseek", "bytes")
LIT: Final = "3,2"  # row and token that are lit at first: what GPT-4 makes of the end of the first word

# What the views of the page of embeddings open on: a set of words; one word in two kinds of sentences; sentences whose
# words are the same and whose meanings aren't, and the other way round; tokens with well-known neighbours.
WORD_SET: Final = "capitals"
WORD: Final = "bank"
USES: Final = """\
The river burst its bank after the storm.
We sat on the bank of the river and fished.
A heron stood on the muddy bank.

She put her savings in the bank.
The bank raised its interest rates.
He asked the bank for a loan.
"""
COUNTED: Final = """\
The dog bit the man.
The man bit the dog.
The doctor examined the patient.
A physician checked the sick woman.
The patient examined the contract.
It rained all night."""
NEIGHBOURS: Final = 10  # of each token
LOOKED_UP: Final = "The king drank tea on Monday in Paris, 1984."

# What the views of the page of the next token open on: a prompt with many good answers, and the usual samplers.
PROMPT: Final = "My favourite animal is the"
TEMPERATURE: Final = 0.8
TOP_K: Final = 50
TOP_P: Final = 0.95
CHAIN: Final = (("temperature", TEMPERATURE), ("top_k", TOP_K), ("top_p", TOP_P))
STORY: Final = "Once upon a time there was a"  # the beginning of many
STORY_TOKENS: Final = 24
# The same prompt several times, so many tokens each, whose texts begin alike; and one whose text is another in 16 bits.
VARIED: Final = "The capital of France is"
TIMES: Final = 8
VARIED_TOKENS: Final = 20
PARTING: Final = "In the year 2050,"
# Known by heart, then a turn that nobody expects, then a sentence that is news at first and known when it comes again.
SURPRISING: Final = (
    "We hold these truths to be self-evident, that all men are created equal, that they are endowed by their Creator "
    "with certain unalienable Rights, that among these are Life, Liberty and the pursuit of penguins.\n\n"
    "My parrot reads old maps aloud. My parrot reads old maps aloud."
)

# Beam search: a prompt that it ends with a text a thousand times as probable as greedy search does.
SEARCHED: Final = "The best way to learn"
BEAMS: Final = 4
SEARCHED_TOKENS: Final = 12
# The context window: a name that stands at the beginning is asked for at the end, and much else in between.
WINDOWED: Final = (
    "I am writing this in the evening. My name is Clara. The train was late that morning, and the platform was cold. "
    "We bought two cups of tea and a paper, and talked about the weather, the harvest and the price of bread. A dog "
    "slept under the bench. When the train came at last, we found two seats by the window, and an old woman sat down "
    "across from us. She asked me what my name was, and I told her: my name is"
)

# The inside's positions: a token's query and a token's key, from the end of ANSWERED; an order of its words, and by how
# many places its positions are moved.
TURNED: Final = (-1, -2)
REORDERED: Final = (("seed", "0"), ("by", "10"))

# The page of the inside: so many tokens are written behind STORY with and without a cache.
CACHED_TOKENS: Final = 24

# The page of parameters: the published model that its first view counts, and those that are compared.
CONFIGURATION: Final = "gpt2"
CONFIGURATIONS: Final = (CONFIGURATION, "llama-3-8b", "mixtral-8x7b", "deepseek-v3")
# The page of parameters: a matrix of which two bits a weight are too few and three enough, behind a prompt whose answer
# is known; and one whose picture shows its heads.
MATRIX: Final = "model.layers.0.mlp.down_proj"
ANSWERED: Final = "The capital of France is"
ROUNDED: Final = (("matrix", MATRIX), ("method", "round"), ("bits", "2"), ("block", "32"))
PICTURED: Final = "model.layers.5.self_attn.q_proj"

# The page of the inside: a prompt with as many tokens as `ANSWERED`, and an answer as clear, for activation patching.
COUNTERPART: Final = "The capital of Japan is"


# The page of the inside: of a longer text so many tokens are shown at once.
SHOWN: Final = 64


# The page of the inside: a text that shares a batch with the shorter `ANSWERED`.
LONGER: Final = "Once upon a time, in a small village, there was a"


# The page of the inside: the head whose attention is watched while parts are switched off, layer and head.
WATCHED: Final = (23, 4)

# The page of the inside: layer and head that the walk opens on; the last token of `ANSWERED` looks at "France" there.
WALKED: Final[dict[str, tuple[int, int]]] = {DECODER: WATCHED, ENCODER: (4, 4)}


def walk(model: str, text: str, position: int = -1) -> Request:
    """What the walk asks for: one token's way, from the end where the position is negative."""
    return Request("forward", model, text, settings=(("position", str(position)),))


def switched(model: str, text: str, off: str = "") -> Request:
    """What the view of the parts that are switched off asks for: passes without and with these parts."""
    return Request("changed", model, text, settings=(("parts", off),))


def lens(model: str, text: str, *, first: int = -1, follow: str = "") -> Request:
    """What the view of the logit lens asks for: of a long text the tokens from `first` on (-1: the last ones)."""
    settings = (("count", str(SHOWN)), ("first", str(first)), ("follow", follow))
    return Request("lens", model, text, settings=settings)


def stream(
    analysis: Literal["stream", "attribution"],
    model: str,
    text: str,
    *,
    first: int = -1,
    answer: str = "",
    rival: str = "",
) -> Request:
    """What the view of the residual stream asks for: positions as `lens`; of "attribution" also the two tokens."""
    said = (("answer", answer), ("rival", rival)) if analysis == "attribution" else ()
    return Request(analysis, model, text, settings=(("count", str(SHOWN)), ("first", str(first)), *said))


def search(analysis: Literal["beam", "beam check"], beams: int) -> Request:
    """What the view of beam search opens on."""
    settings = (("beams", str(beams)), ("tokens", str(SEARCHED_TOKENS)), ("length_penalty", "1.0"))
    return Request(analysis, DECODER, SEARCHED, settings=settings)


VIEWS: Final = (
    Request("attention", DECODER, TEXT),
    Request("induction", DECODER),
    Request("attention", ENCODER, *PAIR),
    Request("attention", ENCODER, TEXT),
    Request(
        "context",
        ENCODER,
        "\n".join(line for line in USES.splitlines() if line),
        settings=(("word", WORD), ("pooling", "mean")),
    ),
    Request("sentences", ENCODER, COUNTED, settings=(("pooling", "mean"),)),
    Request("sentences", ENCODER, sentence_sets.EXAMPLE, settings=(("pooling", "mean"),)),
    Request("neighbours", DECODER, LOOKED_UP, settings=(("count", str(NEIGHBOURS)),)),
    Request("vocabulary", DECODER),
    Request("next", DECODER, PROMPT),
    Request("surprise", DECODER, SURPRISING),
    Request(
        "generation",
        DECODER,
        STORY,
        settings=(("chain", json.dumps(CHAIN)), ("seed", "0"), ("tokens", str(STORY_TOKENS))),
    ),
    *parting.requests(DECODER, VARIED, chain=CHAIN, seed=0, tokens=VARIED_TOKENS, times=TIMES),
    search("beam", BEAMS),
    search("beam", 1),
    search("beam check", BEAMS),
    Request("window", DECODER, WINDOWED),
    Request("matrices", DECODER),
    Request("quantised", DECODER, ANSWERED, settings=ROUNDED),
    Request("matrix", DECODER, settings=(("matrix", PICTURED),)),
    Request("norms", DECODER),
    walk(DECODER, ANSWERED),
    Request("ways", DECODER),
    Request("ways", ENCODER),
    Request("rotated", DECODER, ANSWERED, settings=(("token", str(TURNED[0])), ("key", str(TURNED[1])))),
    Request("shuffled", DECODER, ANSWERED, settings=REORDERED),
    lens(DECODER, ANSWERED),
    stream("stream", DECODER, ANSWERED),
    stream("attribution", DECODER, ANSWERED),
    switched(DECODER, ANSWERED),
    Request("each off", DECODER, ANSWERED),
    Request("caching", DECODER, STORY, settings=(("tokens", str(CACHED_TOKENS)),)),
    Request("next", DECODER, ANSWERED),
    Request("next", DECODER, COUNTERPART),
    Request("patching", DECODER, ANSWERED, COUNTERPART, settings=(("what", "residual"),)),
    Request("normalised", DECODER, ANSWERED, settings=(("position", "-1"),)),
    Request("unmasked", DECODER, TEXT, settings=(("first", "-1"),)),
    Request("padded", DECODER, ANSWERED, LONGER),
    Request("surprise", DECODER, WINDOWED),
)

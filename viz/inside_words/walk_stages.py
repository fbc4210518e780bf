"""What is each stage of a token's way called, what is it for, and which line of PyTorch does it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Said:
    """The words of one stage."""

    title: str
    short: str  # its name on the map
    why: str  # one sentence
    code: str  # Python, with torch.nn.functional as F


# By the trace's own name of the stage; those without a dot are made of several tensors, or of none.
STAGES: Final[dict[str, Said]] = {
    "text": Said(
        "The text",
        "text",
        "A person writes letters; the model has never seen one, so they are cut into tokens first.",
        "tokens = tokenizer.tokenize(text)",
    ),
    "ids": Said(
        "Token ids",
        "ids",
        "Every token of the vocabulary has a number, and that number is all that enters the model.",
        'ids = tokenizer(text, return_tensors="pt").input_ids[0]',
    ),
    "embedding.tokens": Said(
        "Embedding row",
        "embedding",
        "The id picks one row of a learned table: from here on the token is a vector.",
        "x = embedding.weight[ids[n]]",
    ),
    "embedding.positions": Said(
        "Learned position",
        "position",
        "Attention alone can't tell the order of words, so every position has a learned vector of its own.",
        "p = positions.weight[n]",
    ),
    "embedding.segments": Said(
        "First or second text",
        "segment",
        "A learned vector says whether the token belongs to the first or the second of two texts.",
        "s = segments.weight[token_type_ids[n]]",
    ),
    "embedding.sum": Said(
        "Embedding and position, added",
        "sum",
        "One vector now says both which token stands here, and where.",
        "x = x + p",
    ),
    "embedding.norm": Said(
        "Norm of the embedding",
        "norm",
        "The vector is brought to a usual size before the first layer reads it.",
        "x = embedding_norm(x)",
    ),
    "rotation": Said(
        "Position as a rotation",
        "angles",
        "Nothing is added for the position: later, queries and keys are turned by these angles, in every layer.",
        "angle = n * inv_freq; cos, sin = angle.cos(), angle.sin()",
    ),
    "input": Said(
        "What enters the layer",
        "stream in",
        "The residual stream: what the embedding and all layers before have written, added up.",
        "residual = x",
    ),
    "attention.norm": Said(
        "Norm before attention",
        "norm",
        "Attention reads a copy of the stream that is brought to a usual size; the stream itself stays as it is.",
        "a = norm_1(x)",
    ),
    "attention.query": Said(
        "Query",
        "query",
        "What this token looks for, in each head: a vector that will be held against every key.",
        "q = F.linear(a, W_q, b_q).view(heads, size)",
    ),
    "attention.key": Said(
        "Key",
        "key",
        "What this token offers to be found by; every token has its own, and queries are held against it.",
        "k = F.linear(a, W_k, b_k).view(kv_heads, size)",
    ),
    "attention.value": Said(
        "Value",
        "value",
        "What this token hands over to those that look at it.",
        "v = F.linear(a, W_v, b_v).view(kv_heads, size)",
    ),
    "attention.query_norm": Said(
        "Norm of the query",
        "query norm",
        "Queries are brought to a usual size, so that no score grows without bound.",
        "q = query_norm(q)",
    ),
    "attention.key_norm": Said(
        "Norm of the key",
        "key norm",
        "Keys are brought to a usual size, so that no score grows without bound.",
        "k = key_norm(k)",
    ),
    "attention.query_rotated": Said(
        "Query, turned by its position",
        "query turned",
        "Pairs of numbers are turned like hands of clocks, by angles that grow with the position.",
        "q = q * cos + rotate_half(q) * sin",
    ),
    "attention.key_rotated": Said(
        "Key, turned by its position",
        "key turned",
        "Keys are turned the same way: a score then depends on how far apart two tokens are, not on where they stand.",
        "k = k * cos + rotate_half(k) * sin",
    ),
    "dot": Said(
        "Query times keys",
        "q · k",
        "One number for each token that could be looked at: large where query and key point the same way.",
        "dots = q @ K.T",
    ),
    "attention.scores": Said(
        "Scaled scores",
        "scaled",
        "Long vectors give large products; without this factor softmax would put all weight on one token.",
        "scores = dots * scale",
    ),
    "attention.mask": Said(
        "Mask",
        "mask",
        "What may not be looked at gets minus infinity, and so no weight.",
        "scores = scores.masked_fill(~mask, -torch.inf)",
    ),
    "attention.weights": Said(
        "Softmax: attention weights",
        "softmax",
        "Scores become shares: all positive, and 1 together.",
        "weights = scores.softmax(-1)",
    ),
    "attention.mixed": Said(
        "Weighted sum of values",
        "weighted sum",
        "Each head fetches a mixture of the values of the tokens it looks at, by its weights.",
        "mixed = weights @ V",
    ),
    "joined": Said(
        "Heads joined",
        "heads joined",
        "What the heads have fetched is laid side by side, as one vector.",
        "mixed = mixed.flatten()",
    ),
    "attention.output": Said(
        "Output projection",
        "projection",
        "One more matrix says where in the stream each head's findings are written.",
        "o = F.linear(mixed, W_o, b_o)",
    ),
    "attention.norm_after": Said(
        "Norm behind attention",
        "norm",
        "The vector is brought to a usual size behind the attention.",
        "o = norm_after(o)",
    ),
    "attention.residual": Said(
        "Added to the stream",
        "residual +",
        "Attention only adds: what stood in the stream before is still there.",
        "x = x + o",
    ),
    "mlp.norm": Said(
        "Norm before the MLP",
        "norm",
        "The MLP, too, reads a copy of the stream that is brought to a usual size.",
        "m = norm_2(x)",
    ),
    "mlp.gate": Said(
        "MLP: gate",
        "gate",
        "Each of the inner neurons asks whether a pattern of its own is in the vector.",
        "g = F.linear(m, W_gate, b_gate)",
    ),
    "mlp.up": Said(
        "MLP: up",
        "up",
        "The vector is spread over a wider layer of neurons.",
        "u = F.linear(m, W_up, b_up)",
    ),
    "mlp.activation": Said(
        "MLP: activation",
        "activation",
        "The only bend in the MLP: what is far below zero is switched off, what is above passes.",
        "h = activation(g)",
    ),
    "mlp.product": Said(
        "MLP: gate times up",
        "gate × up",
        "The gate lets through what its neuron has asked for, and holds back the rest.",
        "h = h * u",
    ),
    "mlp.output": Said(
        "MLP: down",
        "down",
        "Every active neuron writes its own direction back into the width of the stream.",
        "d = F.linear(h, W_down, b_down)",
    ),
    "mlp.norm_after": Said(
        "Norm behind the MLP",
        "norm",
        "The vector is brought to a usual size behind the MLP.",
        "d = norm_after(d)",
    ),
    "mlp.residual": Said(
        "Added to the stream",
        "residual +",
        "The MLP only adds, too; this is what the next layer reads.",
        "x = x + d",
    ),
    "final.norm": Said(
        "Final norm",
        "final norm",
        "The stream has grown from layer to layer; before it is read out it is brought to a usual size once more.",
        "x = final_norm(x)",
    ),
    "final.logits": Said(
        "Unembedding: logits",
        "logits",
        "The vector is held against one vector for each token of the vocabulary: a score for everything that could "
        "come next.",
        "logits = F.linear(x, W_U, b_U)",
    ),
    "softmax": Said(
        "Softmax: probabilities",
        "softmax",
        "Scores become probabilities: all positive, and 1 together.",
        "p = logits.softmax(-1)",
    ),
    "next": Said(
        "The next token",
        "next token",
        "One token is taken, put behind the text, and everything begins again with a text that is one token longer.",
        "ids = torch.cat([ids, p.argmax(-1, keepdim=True)])",
    ),
    "out": Said(
        "What the model gives",
        "result",
        "An encoder doesn't write: this vector of the token, in its context, is its answer.",
        "vector = model(**inputs).last_hidden_state[0, n]",
    ),
}

# Where the family does it in another way than the line above says.
AFTER: Final = {"attention.norm_after": "x = norm_1(x)", "mlp.norm_after": "x = norm_2(x)"}  # the norm of a sum
AFTER_WHY: Final = {  # the sum itself goes through a norm, and the stream is no plain sum any more
    "input": "What the embedding, or the layer before, has left: in this model a norm behind each sum keeps its size.",
    "mlp.residual": "The MLP only adds, too; the norm that follows makes of it what the next layer reads.",
}
THREE: Final = "x = x + p + s"  # where there are segments
PARALLEL: Final = Said(
    "Both added to the stream",
    "residual +",
    "Attention and MLP have read the same input side by side; both are added at once.",
    "x = x + o + d",
)
PLAIN_ACTIVATION: Final = "h = activation(u)"
TURNED_NOT: Final = "The scores get a bias instead (ALiBi): the further away a token is, the less."
BIASED: Final = "scores = dots * scale + slope * position"
CAPPED: Final = "scores = cap * torch.tanh(dots * scale / cap)"
CAPPED_LOGITS: Final = "logits = cap * torch.tanh(F.linear(x, W_U, b_U) / cap)"

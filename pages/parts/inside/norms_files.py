"""How do norms, masks and padded batches leave the page? As CSV files."""

from __future__ import annotations

import itertools

from models import tables
from models.traces import NormalisedTrace, PaddedTrace, Source, UnmaskedTrace

SIDES = ("left", "right")


def origin(source: Source) -> list[str]:
    """Which model, and by what it was run."""
    versions = (f"{package} {version}" for package, version in source.versions.items())
    return [source.made_by, f"revision {source.revision[:12]}", *versions]


def vectors_csv(trace: NormalisedTrace) -> bytes:
    """One row for each number of the token's vector at each norm."""
    biases = trace.biases if trace.biases.shape[1] else None
    rows = (
        (
            place,
            None if layer < 0 else int(layer),
            number,
            float(trace.vectors[at, number]),
            float(trace.weights[at, number]),
            None if biases is None else float(biases[at, number]),
        )
        for at, (place, layer) in enumerate(zip(trace.places, trace.layers, strict=True))
        for number in range(trace.vectors.shape[1])
    )
    header = _header(trace.source) | {"token": trace.token_table.texts[trace.position], "norm": trace.kind}
    return tables.csv(header, ("norm", "layer", "number", "enters", "weight", "bias"), rows)


def lengths_csv(trace: NormalisedTrace) -> bytes:
    """One row for each token at each norm."""
    rows = (
        (place, None if layer < 0 else int(layer), token, text, *map(float, trace.lengths[:, at, token]))
        for at, (place, layer) in enumerate(zip(trace.places, trace.layers, strict=True))
        for token, text in enumerate(trace.token_table.texts)
    )
    columns = ("norm", "layer", "token", "text", "length before", "length behind")
    return tables.csv(_header(trace.source), columns, rows)


def leak_csv(trace: UnmaskedTrace) -> bytes:
    """One row for each token: what comes next and what is given to it both ways, and how far the vectors moved."""
    count, predicts = len(trace.token_table), bool(trace.divergences.size)
    rows = []
    for token, text in enumerate(trace.token_table.texts):
        last = token == count - 1
        given = [None, None] if last or not predicts else trace.true_probabilities[:, token].tolist()
        follows = None if last else trace.token_table.texts[token + 1]
        kl = float(trace.divergences[token]) if predicts else None
        rows.append((token, text, follows, *given, kl, float(trace.cosines[-1, token])))
    columns = ("token", "text", "next", "own mask", "other mask", "KL divergence", "cosine of last vectors")
    return tables.csv(_header(trace.source), columns, rows)


def heads_csv(trace: UnmaskedTrace) -> bytes:
    """One row for each head: the share of its attention that goes to later tokens where nothing is hidden."""
    layers, heads = trace.later.shape
    rows = ((layer, head, float(trace.later[layer, head])) for layer in range(layers) for head in range(heads))
    return tables.csv(_header(trace.source), ("layer", "head", "share to later tokens"), rows)


def padded_csv(trace: PaddedTrace) -> bytes:
    """One row for each token, or candidate, of each way of filling up."""
    rows: list[tuple[str | int | float | None, ...]] = []
    for side, mask, counted in itertools.product(range(2), range(2), range(2 if trace.counted else 1)):
        way = (SIDES[side], mask, ("column", "text")[counted] if trace.counted else "model")
        for token, text in enumerate(trace.token_table.texts):
            at = (side, mask, counted, token)
            found = (float(trace.differences[at]), float(trace.cosines[at]))
            rows.append((*way, "token", text, *found, None, None, None))
        for number, text in enumerate(trace.texts):
            at = (side, mask, counted, number)
            given = (float(trace.alone[number]), float(trace.probabilities[at]), float(trace.at_the_end[at]))
            rows.append((*way, "next token", text, None, None, *given))
    columns = (
        "filled",
        "mask",
        "positions from",
        "what",
        "text",
        "difference",
        "cosine",
        "probability alone",
        "in the batch",
        "behind the last column",
    )
    return tables.csv(_header(trace.source), columns, rows)


def _header(source: Source) -> dict[str, str]:
    pair = {} if source.pair is None else {"other": source.pair}
    return {"model": f"{source.made_by}, revision {source.revision}", "text": source.text, **pair}

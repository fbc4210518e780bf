"""What does the view of the cache say about itself in one line, and what can be taken away?"""

from __future__ import annotations

from models import tables
from models.traces import CacheTimesTrace, CachingTrace
from viz.inside_words import cache as words


def facts(trace: CachingTrace) -> list[str]:
    """One line below the figure."""
    prompt, steps = len(trace.token_table), len(trace.written)
    layers, heads = len(trace.key_heads), int(trace.key_heads.max())
    return [
        f"prompt of {words.counted(prompt)}, {steps} written greedily",
        f"{layers} layers, {trace.heads} query heads, {heads} key/value head{'' if heads == 1 else 's'}",
        f"{trace.token_bytes:,} bytes a token in {trace.source.dtype}",
    ]


def steps(trace: CachingTrace, times: CacheTimesTrace | None) -> bytes:
    """One row for every step, with the cache and without."""
    timed = None if times is None else times.medians
    rows = (
        (
            step,
            int(trace.written[step]),
            trace.texts[step],
            int(trace.choices[step]),
            *map(int, trace.reading[:, step]),
            *map(int, trace.products[:, step]),
            *((None, None) if timed is None else map(float, timed[:, step])),
            int(trace.bytes[step].sum()),
            float(trace.differences[step]),
        )
        for step in range(len(trace.written))
    )
    columns = (
        "step",
        "token",
        "text",
        "token without",
        "read with",
        "read without",
        "multiplications with",
        "multiplications without",
        "seconds with",
        "seconds without",
        "bytes kept",
        "largest difference of logits as a share",
    )
    origin = _origin(trace)
    if times is not None:
        origin["seconds"] = f"medians of {times.seconds.shape[1]} rounds"
        origin["measured"] = times.when
        origin["on"] = f"{times.source.device} ({times.processor}) with {times.threads} threads"
    return tables.csv(origin, columns, rows)


def layers(trace: CachingTrace) -> bytes:
    """One row for every layer."""
    rows = (
        (
            layer,
            int(trace.key_heads[layer]),
            *map(int, trace.sizes[layer]),
            int(trace.windows[layer]) or None,
            int(trace.kept[-1][layer]),
            int(trace.bytes[-1][layer]),
            float(trace.key_changes[layer]),
            float(trace.value_changes[layer]),
        )
        for layer in range(len(trace.key_heads))
    )
    columns = (
        "layer",
        "key/value heads",
        "numbers in a key",
        "numbers in a value",
        "window",
        "tokens kept",
        "bytes kept",
        "largest change of keys as a share",
        "largest change of values as a share",
    )
    return tables.csv(_origin(trace), columns, rows)


def _origin(trace: CachingTrace) -> dict[str, str]:
    source = trace.source
    return {"model": f"{source.made_by}, revision {source.revision}", "text": source.text}

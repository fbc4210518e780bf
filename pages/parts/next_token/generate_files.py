"""How does a tree of texts leave the page? As text, as a table of all steps, as JSON, and the trunk as its trace."""

from __future__ import annotations

import json
from typing import Any

from models import tables, traces
from models.traces import GenerationTrace
from pages.parts.next_token.generate_asking import Asked
from viz import page
from viz.components.text_tree import Branch, Tree, Written


def origin(trace: GenerationTrace) -> list[str]:
    """Which model, and by what it was run."""
    source = trace.source
    versions = (f"{package} {version}" for package, version in source.versions.items())
    return [source.made_by, f"revision {source.revision[:12]}", *versions]


def save(asked: Asked, tree: Tree) -> None:
    """The buttons."""
    page.downloads(
        (
            ("Texts", "orrery-generation.txt", "text/plain", lambda: text(asked, tree)),
            ("All steps, CSV", "orrery-generation.csv", "text/csv", lambda: csv(asked, tree)),
            ("Tree, JSON", "orrery-generation.json", "application/json", lambda: json_(asked, tree)),
            ("Trace", "orrery-generation.safetensors", "application/octet-stream", lambda: traces.to_bytes(tree.trunk)),
        )
    )


def text(asked: Asked, tree: Tree) -> bytes:
    """Each text behind its prompt, with a line between."""
    whole = (asked.prompt.text + text.trace.text for text in tree.texts)
    return ("\n\n----\n\n".join(whole) + "\n").encode()


def csv(asked: Asked, tree: Tree) -> bytes:
    """One row for each of the most probable tokens of each step of each branch, and for a token taken besides these."""
    columns = (
        "branch",
        "step",
        "rank",
        "id",
        "text",
        "probability",
        "chance",
        "taken",
        "by_hand",
        "entropy",
        "could_be_drawn",
    )
    rows = (
        (text.number, step, *row, int(by_hand and bool(row[-1])), float(entropy), int(kept))
        for text in tree.texts
        for step in range(text.begins, len(text.trace.tokens))
        for entropy, kept in [(text.trace.entropies[step], text.trace.kept[step])]
        for by_hand in [text.fork is not None and step == text.begins]
        for row in _likely(text.trace, step)
    )
    settings = {"chain": json.dumps(asked.chain), "seed": str(asked.seed), "stop": asked.stop}
    source = tree.trunk.source
    where = {"model": f"{source.made_by}, revision {source.revision}", "read": source.text}
    return tables.csv(where | settings, columns, rows)


def _likely(trace: GenerationTrace, step: int) -> list[tuple[Any, ...]]:
    """(rank from 1, id, text, probability, chance, whether it was taken) of the tokens known at a step."""
    token = int(trace.tokens[step])
    rows: list[tuple[Any, ...]] = [
        (rank + 1, number, trace.likely_texts[step][rank], p, chance, int(number == token))
        for rank, (number, p, chance) in enumerate(
            zip(
                trace.likely[step].tolist(),
                trace.likely_probabilities[step].tolist(),
                trace.likely_chances[step].tolist(),
                strict=True,
            )
        )
    ]
    if token not in trace.likely[step]:
        rows.append((None, token, trace.texts[step], float(trace.probabilities[step]), float(trace.chances[step]), 1))
    return rows


def json_(asked: Asked, tree: Tree) -> bytes:
    """The tree: each branch's fork and, from there on, its tokens."""
    trunk = tree.trunk
    document = {
        "model": trunk.source.made_by,
        "revision": trunk.source.revision,
        "versions": trunk.source.versions,
        "prompt": asked.prompt.text,
        "read": trunk.source.text,
        "chain": asked.chain,
        "seed": asked.seed,
        "max_new_tokens": asked.most,
        "stop": asked.stop,
        "texts": [_written(text) for text in tree.texts],
        "missing": [_fork(branch) | {"problem": branch.problem} for branch in tree.branches if branch.problem],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _fork(branch: Branch | Written) -> dict[str, Any]:
    fork = branch.fork
    return {"fork": fork and {"parent": fork.parent, "step": fork.step, "token": fork.token}}


def _written(written: Written) -> dict[str, Any]:
    trace = written.trace
    return (
        {"branch": written.number}
        | _fork(written)
        | {
            "text": trace.text,
            "ended": trace.ended,
            "log2_probability": trace.bits,
            "perplexity": trace.perplexity,
            "steps": [
                {
                    "step": step,
                    "id": int(trace.tokens[step]),
                    "text": trace.texts[step],
                    "probability": float(trace.probabilities[step]),
                    "chance": float(trace.chances[step]),
                    "likely": [
                        {"rank": rank, "id": number, "text": words, "probability": p, "chance": chance}
                        for rank, number, words, p, chance, _ in _likely(trace, step)
                        if rank is not None
                    ],
                }
                for step in range(written.begins, len(trace.tokens))
            ],
        }
    )

"""What does a model say with parts of it switched off, and which part does it need?

    found = trials.trial(lm, "The capital of France is", switched_off.parts_of("13.8,m5x0.5"))
    found.divergence            # bits between the next token before and after
    found.weights[1, 13, 8]     # the attention of that head after
    trials.each_off(lm, "The capital of France is").divergences[3, 5]     # with head 5 of layer 3 alone off

The distance between the two next tokens is the Kullback-Leibler divergence of after from before,

    KL = sum over tokens of p before . log2 (p before / p after).

`each_off` switches each head, attention, MLP and layer off alone (zero ablation: Michel, Levy and Neubig, "Are Sixteen
Heads Really Better than One?", 2019, arXiv:1905.10650), one a row of a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import adapters, interventions, lens, numbers_in, switched_off, vocabulary
from models.switched_off import Part
from models.traces import ChangedTrace, EachOffTrace, InputError, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.engine import Request
    from models.language_model import Encoding, LanguageModel
    from models.progress import Progress

SHOWN: Final = 64  # tokens whose attention is kept
TOP: Final = 5  # tokens that the lens names behind each layer
NAMED: Final = 20  # likeliest tokens before and after that have names
TOKENS: Final = 256  # in one batch, at most: more are no faster, and progress is seldom told
CHECKS: Final = 3  # parts that are switched off once more, alone


def trial(
    lm: LanguageModel, text: str, parts: Sequence[Part], *, first: int = -1, progress: Progress | None = None
) -> ChangedTrace:
    """What the model does with a text as it is, and with these parts changed.

    Args:
        lm: a model that predicts a next token.
        text: what it reads; the passes read all of it.
        parts: what is switched off, scaled or cut.
        first: of a text of more than `SHOWN` tokens, the first whose attention is kept; -1: that of the last ones.
        progress: called before each layer; may raise `Cancelled`.

    Raises:
        InputError: as `interventions.changed` and `lens.logit_lens`; the text can't be used; a token of an edge isn't
            in it.
    """
    lm.check_next_token()
    adapters.of(lm)
    encoding = lm.encode(text)
    count = len(encoding.ids)
    for query, key in (part.edge for part in parts if part.edge):
        if max(query, key) >= count:
            raise InputError(
                f"The text has {count:,} tokens, counted from 0, and so no token {max(query, key):,} whose edge could "
                "be cut."
            )
        if key > query:
            raise InputError(
                f"Token {query} can't look at token {key} in any case: {lm.name} reads from left to right, so cut an "
                "edge to an earlier token."
            )
    begin = max(0, count - SHOWN) if first < 0 else min(first, max(0, count - SHOWN))
    kept = slice(begin, begin + SHOWN)

    def run(changed: bool) -> tuple[torch.Tensor, NDArray[np.float32]]:
        with interventions.changed(lm, parts) if changed else nullcontext():
            return _pass(lm, encoding, kept, progress)

    def read(changed: bool, answers: list[int]) -> lens.Lens:
        with interventions.changed(lm, parts) if changed else nullcontext():
            return lens.logit_lens(lm, text, answers, k=TOP, count=1, progress=progress)

    (before, looked), (after, looks) = run(False), run(True)
    logits = torch.stack([before, after])
    answers = logits.argmax(-1)
    lenses = [read(changed, answers.tolist()).trace for changed in (False, True)]
    named = logits.topk(min(NAMED, logits.shape[1])).indices.cpu().numpy()
    entries = np.unique(np.concatenate([named.ravel(), *(each.entries for each in lenses)]))
    return ChangedTrace(
        source=replace(lm.source(text), off=switched_off.written(parts)),
        token_table=encoding.token_table,
        parts=tuple(map(str, parts)),
        logits=logits.cpu().numpy(),
        first=begin,
        weights=np.stack([looked, looks]),
        answers=answers.cpu().numpy(),
        lens_ids=np.stack([each.ids[:, 0] for each in lenses]),
        lens_probabilities=np.stack([each.probabilities[:, 0] for each in lenses]),
        lens_answers=np.stack([each.followed_probabilities[1:, :, 0] for each in lenses]),
        entries=entries,
        texts=vocabulary.texts(lm.tokenizer, entries.tolist()),
    )


def _pass(
    lm: LanguageModel, encoding: Encoding, kept: slice, progress: Progress | None
) -> tuple[torch.Tensor, NDArray[np.float32]]:
    """Float32 [vocabulary] behind the last token, and [layer, head, query, key] the attention of the tokens kept."""
    blocks: Any = lm.model.base_model.get_submodule(adapters.of(lm).blocks)
    path = adapters.of(lm).attention
    looked: list[torch.Tensor] = []

    def note(_module: Any, _given: Any, output: tuple[Any, ...]) -> None:
        looked.append(output[1][0, :, kept, kept].float())

    with lm.lock:
        handles = [block.get_submodule(path).register_forward_hook(note) for block in blocks]
        try:
            logits = lm.logits(encoding.inputs, progress)[-1].float()
        finally:
            for handle in handles:
                handle.remove()
    return logits, torch.stack(looked).cpu().numpy()


def each_off(lm: LanguageModel, text: str, *, progress: Progress | None = None) -> EachOffTrace:
    """What becomes of the next token when each head, attention, MLP and layer is switched off alone.

    Args:
        lm: a model that predicts a next token.
        text: what it reads.
        progress: called before each batch; may raise `Cancelled`.

    Raises:
        InputError: the text can't be used, the model predicts no next token, or its family has no adapter.
    """
    lm.check_next_token()
    adapters.of(lm)
    encoding = lm.encode(text)
    parts = [part for layer in range(lm.layers) for part in _of_layer(layer, lm.heads)]
    own = lm.logits(encoding.inputs)[-1].float()
    before = own.double().log_softmax(-1)
    answer = int(own.argmax())
    found: list[tuple[torch.Tensor, ...]] = []
    rows = max(1, TOKENS // len(encoding.ids))
    for start in range(0, len(parts), rows):
        if progress is not None:
            progress(f"Switching off the parts of layer {parts[start].layer}, each alone", start / len(parts))
        batch = parts[start : start + rows]
        scales = 1 - torch.eye(len(batch), device=lm.device)
        with interventions.scaling(lm, list(zip(batch, scales, strict=True))):
            logits = lm.next_logits(encoding.ids.expand(len(batch), -1), None)[0][:, -1]
        found.append(_compared(logits, before, answer))
    divergences, answers, probabilities, kept = (torch.cat(each).cpu().numpy() for each in zip(*found, strict=True))
    shape = (lm.layers, lm.heads + 3)
    entries = np.unique(np.append(answers, answer))
    checked = [parts[number] for number in np.argsort(-divergences, kind="stable")[:CHECKS]]
    alone = []
    for part in checked:
        with interventions.changed(lm, [part]):
            logits = lm.logits(encoding.inputs)[-1:].float()
        alone.append(float(_compared(logits, before, answer)[0]))
    return EachOffTrace(
        source=lm.source(text),
        token_table=encoding.token_table,
        heads=lm.heads,
        divergences=divergences.reshape(shape),
        answers=answers.reshape(shape),
        probabilities=probabilities.reshape(shape).astype(np.float32),
        answer=answer,
        kept=kept.reshape(shape).astype(np.float32),
        probability=float(before[answer].exp()),
        entries=entries,
        texts=vocabulary.texts(lm.tokenizer, entries.tolist()),
        checked=tuple(map(str, checked)),
        alone=np.array(alone),
    )


def _of_layer(layer: int, heads: int) -> list[Part]:
    return [Part("head", layer, head) for head in range(heads)] + [
        Part("attention", layer),
        Part("mlp", layer),
        Part("layer", layer),
    ]


def _compared(logits: torch.Tensor, before: torch.Tensor, answer: int) -> tuple[torch.Tensor, ...]:
    """[row] divergences in bits from before, the likeliest tokens, their probabilities, and that of the old answer."""
    after = logits.double().log_softmax(-1)
    divergences = (before.exp() * (before - after)).sum(-1) / np.log(2)
    best = after.max(-1)
    return divergences.clamp(min=0), best.indices, best.values.exp(), after[:, answer].exp()


def _changed(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    parts = switched_off.parts_of(settings.get("parts", ""))
    return trial(lm, request.text, parts, first=numbers_in.whole(settings, "first", "-1"), progress=progress)


def _each_off(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    return each_off(lm, request.text, progress=progress)


# What the engine runs for a request, by the name of its analysis. Settings: of "changed" parts (as a link names them)
# and first.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {
    "changed": _changed,
    "each off": _each_off,
}

"""How much of another prompt's answer does one tensor carry?

    found = patching.patch(lm, "The capital of France is", "The capital of Japan is")
    found.recovered[3, 3]       # 1: with that one tensor of layer 3 at position 3 the model says what it says of Japan

`patch` runs one prompt again and again, each time with the output of one part at one position taken from another
prompt (activation patching: Meng et al., "Locating and Editing Factual Associations in GPT", 2022, arXiv:2202.05262;
Wang et al., "Interpretability in the Wild", 2022, arXiv:2211.00593; Zhang and Nanda, "Towards Best Practices of
Activation Patching", 2023, arXiv:2309.16042). A head is patched at all positions at once.

Many run in one batch. What stands before the first patched token is the same in all of them, so that it is run once and
its keys and values are kept; before the first token that differs both prompts hold the same tensors, so that nothing is
run there. Some are run again, whole and one by one, as a check. Hooks do it, inside a `with` that holds the model's
lock; nothing is written on the shared model.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import torch

from models import adapters, defaults, interventions, lens, numbers_in, vocabulary
from models.traces import InputError, PatchingTrace, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.engine import Request
    from models.language_model import Encoding, LanguageModel
    from models.progress import Progress

What = Literal["residual", "attention", "mlp", "heads"]
PATCHED: Final = ("residual", "attention", "mlp", "heads")
TOKENS: Final = 1_024  # that one batch computes, at most
HELD: Final = 4_096  # and that it reads, those whose keys and values are kept included
WINDOW: Final = defaults.SHOWN  # positions that are patched, at most
ROWS: Final = 48  # passes in one batch, at most: it can be stopped between two
TOP: Final = 8  # of the likeliest tokens that are kept


def patch(
    lm: LanguageModel,
    text: str,
    other: str,
    *,
    what: What = "residual",
    answer: int | None = None,
    rival: int | None = None,
    first: int | None = None,
    progress: Progress | None = None,
) -> PatchingTrace:
    """How much of the other prompt's answer each of its tensors carries over.

    Args:
        lm: a model that predicts a next token.
        text: the prompt that runs.
        other: the prompt whose tensors are put in its place, of as many tokens.
        what: the stream behind a layer, what its attention or its MLP writes, or what one head hands to the output
            projection.
        answer: the id of the token whose logit behind the prompt is watched; None: the likeliest of the prompt that
            runs.
        rival: the id of the one that it is compared with; None: the likeliest behind the other prompt that isn't
            `answer`.
        first: of a prompt of more than `WINDOW` tokens, the first of those that are patched; None: the last ones are.
        progress: called before each batch; may raise `Cancelled`.

    Raises:
        InputError: the prompts differ in length or can't be used, the model predicts no next token or its family has
            no adapter, or a token doesn't exist or is its own rival.
    """
    if what not in PATCHED:
        raise InputError(f"What is patched is one of {', '.join(PATCHED)}.")
    lm.check_next_token()
    family = adapters.of(lm)
    lm.check_text(other, "other prompt")
    prompt, second = lm.encode(text), lm.encode(other)
    count = len(prompt.ids)
    if len(second.ids) != count:
        raise InputError(
            f"The prompts have {count:,} and {len(second.ids):,} tokens; a token takes the place of one at the same "
            "position, so write two of the same length."
        )
    most = max(0, count - WINDOW)
    begin = most if first is None else first
    if not 0 <= begin <= most:
        raise InputError(f"The first token that is patched can be 0 to {most:,} of a prompt of {count:,} tokens.")
    positions = range(begin, min(count, begin + WINDOW))

    part = _Part(lm, family, what, second)
    own = lm.logits(prompt.inputs)[-1].float()
    size = len(own)
    if any(each is not None and not 0 <= each < size for each in (answer, rival)):
        raise InputError(f"{lm.name} has {size:,} tokens; choose two with ids from 0 to {size - 1:,}.")
    answer = int(own.argmax()) if answer is None else answer
    if rival is None:
        rival = next(each for each in part.logits.topk(2).indices.tolist() if each != answer)
    if answer == rival:
        raise InputError("The answer and its rival are the same token; choose two that differ.")
    chosen = (answer, rival)

    differs = (prompt.ids != second.ids).nonzero().flatten().tolist()
    start = max(begin, differs[0]) if differs else begin  # before it a patch changes nothing
    span = range(start, positions.stop)
    columns = range(lm.heads) if what == "heads" else positions
    cells = [(layer, column) for layer in range(lm.layers) for column in (columns if what == "heads" else span) if span]
    before, given = _read(own[None], chosen)[0], _read(part.logits[None], chosen)[0]
    found = np.broadcast_to(before, (lm.layers, len(columns), len(before))).copy()
    runs = _Runs(lm, part, prompt.ids, span)
    for begun in range(0, len(cells), runs.rows):
        batch = cells[begun : begun + runs.rows]
        if progress is not None:
            progress(f"Patching layer {batch[0][0] + 1} of {lm.layers}", begun / len(cells))
        layers, places = zip(*batch, strict=True)
        found[layers, np.array(places) - columns.start] = _read(runs.logits(batch), chosen)
    largest = sorted(cells, key=lambda cell: -abs(found[cell[0], cell[1] - columns.start, 0] - before[0]))
    again = [largest[place] for place in sorted({0, len(largest) // 2, len(largest) - 1})] if largest else []
    alone = [float(_read(runs.alone(cell), chosen)[0, 0]) for cell in again]

    ends = np.stack([before, given])
    named = np.unique(np.concatenate([found[..., IDS].ravel(), ends[:, IDS].ravel(), chosen]).astype(np.int64))
    known = len(lm.tokenizer)  # a model may write ids that its tokenizer hasn't
    names = vocabulary.texts(lm.tokenizer, [number for number in named.tolist() if number < known])
    return PatchingTrace(
        source=lm.source(text, other),
        token_table=prompt.token_table,
        other_table=second.token_table,
        what=what,
        first=begin,
        end=positions.stop,
        answer=answer,
        rival=rival,
        before=float(before[0]),
        other=float(given[0]),
        patched=found[..., 0].astype(np.float32),
        chosen=found[..., CHOSEN].astype(np.float32),
        top=found[..., IDS].astype(np.int64),
        top_probabilities=found[..., SHARES].astype(np.float32),
        ends_chosen=ends[:, CHOSEN].astype(np.float32),
        ends_top=ends[:, IDS].astype(np.int64),
        ends_probabilities=ends[:, SHARES].astype(np.float32),
        named=named,
        names=names + ("",) * (len(named) - len(names)),
        checked=np.array(again, dtype=np.int64).reshape(-1, 2),
        alone=np.array(alone, dtype=np.float32),
    )


# What is read of the logits behind a prompt, side by side: the difference, two probabilities, and the likeliest.
CHOSEN: Final = slice(1, 3)
IDS: Final = slice(3, 3 + TOP)
SHARES: Final = slice(3 + TOP, 3 + 2 * TOP)


def _read(logits: torch.Tensor, chosen: tuple[int, int]) -> NDArray[np.float64]:
    """[pass, 3 + 2 TOP] what is kept of the logits [pass, vocabulary] behind a prompt."""
    logits = logits.double()
    shares = logits.softmax(-1)
    likely, ids = shares.topk(min(TOP, shares.shape[-1]))
    two = list(chosen)
    difference = logits[:, two[:1]] - logits[:, two[1:]]
    return torch.cat([difference, shares[:, two], ids.double(), likely], dim=-1).cpu().numpy()


class _Part:
    """One kind of tensor in every layer: as the other prompt has it, and put in its place.

    Attributes:
        logits: float32 [vocabulary] behind the other prompt.
    """

    def __init__(self, lm: LanguageModel, family: adapters.Family, what: What, other: Encoding) -> None:
        blocks: Any = lm.model.base_model.get_submodule(family.blocks)
        path = {"residual": "", "heads": family.output}.get(what)
        path = interventions.written(family, what) if path is None else path
        self._heads = lm.heads if what == "heads" else 0
        self._modules = [block.get_submodule(path) for block in blocks]
        self._kept: list[torch.Tensor] = []  # [layer] [token, ...]
        with lm.lock, self._hooked(lambda _layer: self._keep):
            self.logits = lm.logits(other.inputs)[-1].float()

    def _keep(self, found: torch.Tensor) -> torch.Tensor:
        self._kept.append(found.reshape(-1, found.shape[-1]))
        return found

    @contextmanager
    def patched(self, cells: Sequence[tuple[int, int]], span: range, offset: int) -> Iterator[None]:
        """While it lasts, each text of a batch has one tensor of the other prompt.

        Args:
            cells: [text] the layer, and the position; of heads the head, which is patched at all positions of `span`.
            span: those positions.
            offset: the position of the first token that is run.
        """

        def put(layer: int) -> Callable[[torch.Tensor], torch.Tensor]:
            rows = [row for row, (each, _) in enumerate(cells) if each == layer]
            columns = [cells[row][1] for row in rows]

            def change(found: torch.Tensor) -> torch.Tensor:
                if not rows:
                    return found
                # OPT's MLP has no batch around the tokens.
                changed = found.clone().view(len(cells), -1, found.shape[-1])
                if self._heads:
                    split = changed.unflatten(-1, (self._heads, -1))
                    theirs = self._kept[layer].unflatten(-1, (self._heads, -1))
                    split[rows, span.start - offset : span.stop - offset, columns] = theirs[
                        span.start : span.stop, columns
                    ].transpose(0, 1)
                else:
                    changed[rows, [column - offset for column in columns]] = self._kept[layer][columns]
                return changed.view(found.shape)

            return change

        with self._hooked(put):
            yield

    @contextmanager
    def _hooked(self, change: Callable[[int], Callable[[torch.Tensor], torch.Tensor]]) -> Iterator[None]:
        """While it lasts, what each module gives (a projection of heads: what it gets) goes through a function."""

        def before(each: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., Any]:
            return lambda _module, given: (each(given[0]), *given[1:])

        def behind(each: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., Any]:
            def hook(_module: Any, _given: Any, output: Any) -> Any:
                # BLOOM's layers give their weights too.
                return each(output) if isinstance(output, torch.Tensor) else (each(output[0]), *output[1:])

            return hook

        with ExitStack() as handles:
            for layer, module in enumerate(self._modules):
                if self._heads:
                    handle = module.register_forward_pre_hook(before(change(layer)))
                else:
                    handle = module.register_forward_hook(behind(change(layer)))
                handles.callback(handle.remove)
            yield


class _Runs:
    """Passes of one prompt, each with one tensor from the other.

    Attributes:
        rows: how many of them are run at once.
    """

    def __init__(self, lm: LanguageModel, part: _Part, ids: torch.Tensor, span: range) -> None:
        self._lm, self._part, self._ids, self._span = lm, part, ids, span
        start = min(span.start, len(ids) - 1)
        self._cache = lm.next_logits(ids[None, :start], None)[1] if start and span else None
        self._begin = start if self._cache is not None else 0
        self.rows = max(1, min(ROWS, TOKENS // (len(ids) - self._begin), HELD // len(ids)))

    def logits(self, cells: Sequence[tuple[int, int]]) -> torch.Tensor:
        """Float32 [cell, vocabulary] behind the prompt."""
        cache = copy.deepcopy(self._cache)
        if cache is not None:
            cache.batch_repeat_interleave(len(cells))
        ids = self._ids[self._begin :].expand(len(cells), -1)
        with self._lm.lock, self._part.patched(cells, self._span, self._begin):
            return self._lm.next_logits(ids, cache)[0][:, -1]

    def alone(self, cell: tuple[int, int]) -> torch.Tensor:
        """The same of one, by a whole pass without others and without kept keys and values."""
        with self._lm.lock, self._part.patched([cell], self._span, 0):
            return self._lm.logits({"input_ids": self._ids[None]})[-1:].float()


def _patching(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    pair = {name: lens.typed(lm, settings[name]) for name in ("answer", "rival") if settings.get(name)}
    first = numbers_in.whole(settings, "first", "") if "first" in settings else None
    what: Any = settings.get("what", PATCHED[0])
    return patch(lm, request.text, request.pair or "", what=what, **pair, first=first, progress=progress)


# What the engine runs for a request, by the name of its analysis; its pair is the other prompt. Settings: what, answer
# and rival (as `lens.typed` reads them; left out: the two prompts' own), first (of a long prompt; left out: its last).
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"patching": _patching}

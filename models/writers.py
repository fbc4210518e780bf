"""How are many texts written at once? Side by side, one pass for one token of each, and other passes in between.

All of it happens in the lane of the passes, in pieces of one pass each: reading the beginning of a text, or one token
more of every text in a batch. A piece queues behind what came before it, so that nobody's picture waits for a whole
text, and no text for more than the pictures that were asked for before its next token.

A text joins the batch of its model (with the same parts of it switched off) once its beginning is read, and leaves it
when it ends, fails, or nobody waits for it any more. At most `MOST_ROWS` are written at once, and at most `MOST_PLACES`
tokens kept, padding included; the others wait in the order in which they came.

Importing this module imports neither torch nor transformers.
"""

from __future__ import annotations

import contextlib
import functools
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from models import switched_off
from models.lane import Lane
from models.progress import Progress
from models.traces import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import torch

    from models.decoding import Batch
    from models.engine import Request, Show
    from models.generation import Writing
    from models.language_model import LanguageModel

MOST_ROWS: Final = 32
MOST_PLACES: Final = 8_192


@dataclass
class _Text:
    """One who waits for a text."""

    language_model: LanguageModel
    request: Request
    report: Progress
    show: Show
    outcome: Future[Trace]
    _writing: Writing | None = None

    @property
    def writing(self) -> Writing:
        """What it is to become; made when it is first looked at.

        Raises:
            InputError: it can't be written.
        """
        if self._writing is None:
            from models import next_token

            self._writing = next_token.writing(self.language_model, self.request)
        return self._writing


@dataclass
class _Group:
    """Texts that are written side by side: a row of the batch each."""

    batch: Batch
    texts: list[_Text]


class Writers:
    """The texts that are being written, of all models. But for `submit`, everything runs in the lane's thread."""

    def __init__(self, lane: Lane, release: Callable[[LanguageModel], None]) -> None:
        """`release` is called with a text's model when the text has ended."""
        self._lane = lane
        self._release = release
        self._groups: list[_Group] = []
        self._waiting: deque[_Text] = deque()

    def submit(
        self, language_model: LanguageModel, request: Request, report: Progress, show: Show, outcome: Future[Trace]
    ) -> None:
        """Queues a text behind the passes that came before."""
        text = _Text(language_model, request, report, show, outcome)
        self._lane.submit(functools.partial(self._arrive, text), report)

    def _arrive(self, text: _Text) -> None:
        self._waiting.append(text)
        self._admit()

    def _admit(self) -> None:
        """Begins the first text that waits, if there is room for it."""
        while self._waiting and (text := self._waiting[0]):
            with self._answering([text]):
                if not self._room(text.writing.longest):
                    break
            self._waiting.popleft()
            if not text.outcome.done():
                self._begin(text)
                self._admit_next()
                break
        self._announce()

    def _admit_next(self) -> None:
        """Once it is their turn: whoever else asked for a pass comes first."""
        if self._waiting:
            self._lane.submit(self._admit)

    def _room(self, longest: int) -> bool:
        lengths = [longest, *(text.writing.longest for group in self._groups for text in group.texts)]
        rows = len(lengths)
        return rows == 1 or (rows <= MOST_ROWS and rows * max(lengths) <= MOST_PLACES)

    def _announce(self) -> None:
        """Tells those who wait how many are before them; who has gone leaves."""
        before = 0
        for text in self._waiting:
            with self._answering([text]):
                text.report(f"In the queue: {before} before this one" if before else "Next in the queue", None)
                before += 1  # not those who have gone
        self._waiting = deque(text for text in self._waiting if not text.outcome.done())

    def _begin(self, text: _Text) -> None:
        """Reads the beginning of a text, and draws its first token."""
        from models import decoding

        with self._answering([text]):
            text.report(*text.writing.progress)
            text.show(text.writing.so_far)
            with _switched_off(text):
                batch, logits = decoding.begin(text.language_model, *text.writing.begin())
            self._take(text, logits)
            if text.outcome.done():
                return
            for group in self._groups:
                if _alike(group.texts[0], text) and group.batch.joins and batch.joins:
                    group.batch.join(batch)
                    group.texts.append(text)
                    return
            self._groups.append(_Group(batch, [text]))
            self._lane.submit(functools.partial(self._step, self._groups[-1]))

    def _step(self, group: _Group) -> None:
        """One token more of each text in a group."""
        count = len(group.texts)
        for text in group.texts:
            with self._answering([text]):
                text.report(*text.writing.progress)
        with self._answering(group.texts):
            self._leave(group)
            if group.texts:
                with _switched_off(group.texts[0]):
                    logits = group.batch.step([text.writing.last for text in group.texts])
                for row, text in enumerate(group.texts):
                    with self._answering([text]):
                        self._take(text, logits[row : row + 1])
            self._leave(group)
        ended = all(text.outcome.done() for text in group.texts)  # a pass that failed leaves them in the group
        if ended:
            self._groups.remove(group)
        else:
            self._lane.submit(functools.partial(self._step, group))
        if ended or len(group.texts) < count:
            self._admit_next()
        self._announce()

    def _leave(self, group: _Group) -> None:
        """Those who have their answer leave a group."""
        rows = [row for row, text in enumerate(group.texts) if not text.outcome.done()]
        if 0 < len(rows) < len(group.texts):
            group.batch.keep(rows)
        group.texts = [group.texts[row] for row in rows]

    def _take(self, text: _Text, logits: torch.Tensor) -> None:
        text.writing.take(logits)
        if text.writing.ended:
            with _switched_off(text):  # the trace says so
                trace = text.writing.trace()
            self._release(text.language_model)
            text.outcome.set_result(trace)

    @contextlib.contextmanager
    def _answering(self, texts: Sequence[_Text]) -> Iterator[None]:
        """Whatever happens inside, those who wait for these texts hear of it, and the lane goes on."""
        try:
            yield
        except BaseException as error:
            for text in texts:
                if not text.outcome.done():
                    self._release(text.language_model)
                    text.outcome.set_exception(error)


def _alike(text: _Text, other: _Text) -> bool:
    """Whether one pass can go on with both.

    Cutting an edge is refused where a token has no other, which would end the other texts of a batch too.
    """
    if text.language_model is not other.language_model or text.request.off != other.request.off:
        return False
    return all(part.edge is None for part in switched_off.parts_of(text.request.off))


@contextlib.contextmanager
def _switched_off(text: _Text) -> Iterator[None]:
    """A text's passes are those of its model with parts switched off, where its request says so."""
    if not text.request.off:
        yield
        return
    from models import interventions

    with interventions.changed(text.language_model, switched_off.parts_of(text.request.off)):
        yield

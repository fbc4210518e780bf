"""How long does a page take when a class uses it?

Fifty visitors without browsers have /attention open in one server, on this same machine; each chooses another text
now and then, after a pause of 2 s on average (exponentially distributed). In the first half minute the texts are
known to the server, so that a rerun is all that is measured; in the second, about one text a second is new and needs
a forward pass, and the table shows what that does to those who need none. A page that shows an exception or an error
fails its run.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.row import Row
from tests.browser.server import serving
from tests.load import ScriptFailedError, Visitor

VISITORS = 50
PAUSE = 2.0  # seconds between two reruns of a visitor, on average
DURATION = 30.0  # seconds
KNOWN = tuple(f"The {animal} didn't cross the street because it was too tired." for animal in (
    "animal", "cat", "dog", "horse", "mouse", "child", "teacher", "robot", "bird", "old man", "snail", "duck",
))  # fmt: skip


@dataclass
class Times:
    """Seconds of reruns."""

    known: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def rows() -> Iterable[Row]:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "log") as url:
        port = urlsplit(url).port or 0
        asyncio.run(prepare(port))
        quiet = asyncio.run(crowd(port, share_new=0.0))
        busy = asyncio.run(crowd(port, share_new=PAUSE / VISITORS))
    name = f"{VISITORS} visitors"
    yield Row(f"{name}: rerun, median of {len(quiet.known)}", 1e3 * statistics.median(quiet.known), "ms")
    yield Row(f"{name}: rerun, 95th percentile", 1e3 * percentile(quiet.known), "ms", at_most=150)
    yield Row(f"{name}, a new text each second: rerun, 95th percentile", 1e3 * percentile(busy.known), "ms")
    yield Row(f"{name}, a new text each second: new text, median", 1e3 * statistics.median(busy.new), "ms")
    failures = quiet.failures + busy.failures
    yield Row(f"{name}: failed runs" + (f" ({failures[0][:60]})" if failures else ""), len(failures), "", at_most=0)


def percentile(seconds: list[float]) -> float:
    """The 95th."""
    return statistics.quantiles(seconds, n=20)[-1]


async def prepare(port: int) -> None:
    """One visitor asks for each known text, so that the model is loaded and the traces are at hand."""
    async with Visitor(port) as visitor:
        await visitor.open("attention")
        for text in KNOWN:
            await visitor.rerun(text=text)


async def crowd(port: int, share_new: float) -> Times:
    """All visitors at once; of their texts, `share_new` are new to the server."""
    times = Times()
    chance = random.Random(0)
    async with asyncio.timeout(10 * DURATION), asyncio.TaskGroup() as visitors:
        for number in range(VISITORS):
            visitors.create_task(stay(port, random.Random(chance.random()), number, share_new, times))
    return times


async def stay(port: int, chance: random.Random, number: int, share_new: float, times: Times) -> None:
    """One visitor's half minute."""
    clock = asyncio.get_running_loop()
    async with Visitor(port) as visitor:
        await visitor.open("attention")
        await asyncio.sleep(chance.uniform(0, PAUSE))  # the page loads aren't measured, and must not bunch the rest
        end = clock.time() + DURATION
        while clock.time() < end:
            new = chance.random() < share_new
            text = f"Visitor {number} says {chance.random()}" if new else chance.choice(KNOWN)
            try:
                run = await visitor.rerun(text=text)
                (times.new if new else times.known).append(run.seconds)
            except ScriptFailedError as failure:
                times.failures.append(str(failure))
            await asyncio.sleep(chance.expovariate(1 / PAUSE))

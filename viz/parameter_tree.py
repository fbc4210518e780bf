"""Which areas does a drawing of a model's parameters have, one inside the other, down to the single matrix?"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from models.traces import ParametersTrace, Part
from viz.parameter_charts import NAMES

Group = Literal["part", "block"]
GROUPS: Final[tuple[Group, ...]] = ("part", "block")
WHOLE: Final = "everything"  # the outermost area's name in a link
MOST: Final = 2_500  # tensors that are drawn one by one; of more, blocks that are alike are always drawn as one
ALIKE: Final = 24  # blocks in a row that are drawn one by one where blocks are together first


@dataclass
class Area:
    """A part of the model, or a single tensor."""

    label: str
    way: str  # the labels from outside to here: its name in a link
    parent: str  # the id of the area round it; "" round the whole
    part: Part | None
    count: int = 0
    about: list[str] = field(default_factory=list)  # of a tensor: its path, its shape, ...
    experts: int = 1  # of so many it holds the weights
    tied: bool = False  # whether it is used a second time


@dataclass(frozen=True)
class _Tensor:
    """One tensor, or several that are alike."""

    path: str
    stack: str  # of blocks, in which it stands
    block: str  # "block 7"
    rest: str  # its path there
    shape: tuple[int, ...]
    count: int
    part: Part
    experts: int
    used: int
    times: int = 1
    run: str = ""  # "blocks 3 to 60, 58 alike", where these are drawn one by one inside


def areas(trace: ParametersTrace, title: str, group: Group, opened: str = WHOLE) -> dict[str, Area]:
    """{id: area}, the outer ones before the inner ones; the ids of tensors are their paths.

    Args:
        trace: the model's tensors.
        title: what the whole is called.
        group: whether all of a part are together first, or all of a block.
        opened: the name of an area. Many blocks that are alike are one area unless they are opened; so are the
            experts that share a tensor.
    """
    return _built(trace, title, _alike(list(_tensors(trace)), group, set(opened.split(" / "))), group, opened)


def openable(trace: ParametersTrace, group: Group) -> list[str]:
    """The names of all areas that have others inside, the whole first."""
    found = _built(trace, "", _alike(list(_tensors(trace)), group, None), group, WHOLE)
    outer = {area.parent for area in found.values()}
    return [area.way for key, area in found.items() if key in outer or area.experts > 1]


def _built(
    trace: ParametersTrace, title: str, tensors: Sequence[_Tensor], group: Group, opened: str
) -> dict[str, Area]:
    """The areas of these tensors."""
    found = {"all": Area(title, WHOLE, "", None)}
    stacks = _labels({tensor.stack for tensor in tensors if tensor.block})
    again: dict[str, list[str]] = defaultdict(list)
    for name, first in trace.tied:
        again[first].append(name)
    ways: set[str] = set()
    for tensor in tensors:
        stack = tensor.stack if len(stacks) > 1 and tensor.block else ""
        parent = "all"
        for key, label, part in _way(tensor, stack, stacks.get(stack, ""), group):
            found.setdefault(key, Area(label, _named(found, parent, label), parent, part))
            parent = key
        label = tensor.block if tensor.block and group == "part" else _short(tensor.rest)
        if _named(found, parent, label) in ways:
            label = tensor.path
        leaf = Area(label, _named(found, parent, label), parent, tensor.part, experts=tensor.experts)
        leaf.about = list(_about(tensor, again[tensor.path]))
        leaf.tied = bool(again[tensor.path])
        found[tensor.path] = leaf
        ways.add(leaf.way)
        if leaf.way == opened and tensor.experts > 1:
            for number in range(tensor.experts):
                inner, each = f"expert {number}", tensor.count // tensor.experts
                way = _named(found, tensor.path, inner)
                found[f"{tensor.path} {inner}"] = Area(inner, way, tensor.path, tensor.part, each)
        key = tensor.path
        while key:
            found[key].count += tensor.count
            key = found[key].parent
    return found


def _named(found: dict[str, Area], parent: str, label: str) -> str:
    return label if parent == "all" else f"{found[parent].way} / {label}"


def _way(tensor: _Tensor, stack: str, label: str, group: Group) -> Iterable[tuple[str, str, Part | None]]:
    """(id, label, part) of the areas round a tensor, inside the whole."""
    if stack:  # an encoder and a decoder, say
        yield stack, label, None
    if group == "part":
        yield f"{stack} {tensor.part}", NAMES[tensor.part], tensor.part
        if tensor.block:
            yield f"{stack} {tensor.part} {tensor.rest}", _short(tensor.rest), tensor.part
    elif tensor.block:
        if tensor.run:
            yield f"{stack}.{tensor.run}", tensor.run, None
        yield f"{stack}.{tensor.block}", tensor.block, None
        yield f"{stack}.{tensor.block} {tensor.part}", NAMES[tensor.part], tensor.part


def _labels(stacks: Collection[str]) -> dict[str, str]:
    """What tells each stack from the others: of model.encoder.layers and model.decoder.layers, encoder and decoder."""
    paths = [stack.split(".") for stack in stacks]
    before = _same(paths)
    after = _same([path[before:][::-1] for path in paths])
    return {".".join(path): ".".join(path[before : len(path) - after]) or ".".join(path) for path in paths}


def _same(paths: Sequence[Sequence[str]]) -> int:
    """How many parts at their beginning all paths have in common."""
    return sum(1 for _ in itertools.takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False)))


def _about(tensor: _Tensor, again: Sequence[str]) -> Iterable[str]:
    """What there is to say of a tensor."""
    yield tensor.path
    yield f"shape {' x '.join(f'{size:,}' for size in tensor.shape)}"
    if tensor.times > 1:
        yield f"{tensor.times:,} of them, of {tensor.count // tensor.times:,} each"
    if tensor.experts > 1:
        used = f"; {tensor.used:,} work on a token" if tensor.used >= 0 else ""
        yield f"{tensor.experts:,} experts{used}"
    if again:
        yield f"also used as {', '.join(again[:3])}{' ...' if len(again) > 3 else ''}: counted once"


def _tensors(trace: ParametersTrace) -> Iterable[_Tensor]:
    """The trace's tensors; the experts of a block that are modules of their own are one."""
    together: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for number, path in enumerate(trace.names):
        stack, block, rest = _place(path)
        together[stack, block, re.sub(r"(experts\.)(?:expert_)?\d+(?=\.)", r"\1*", rest)].append(number)
    for (stack, block, rest), numbers in together.items():
        first = numbers[0]
        used = [int(trace.used[number]) for number in numbers]
        yield _Tensor(
            path=trace.names[first] if len(numbers) == 1 else ".".join(filter(None, (stack, block, rest))),
            stack=stack,
            block=f"block {block}" if block else "",
            rest=rest,
            shape=trace.shapes[first],
            count=int(trace.counts[numbers].sum()),
            part=trace.parts[first],
            experts=int(trace.experts[first]) if len(numbers) == 1 else len(numbers),
            used=min(used) if min(used) < 0 else sum(used),
        )


def _alike(tensors: list[_Tensor], group: Group, opened: Collection[str] | None) -> list[_Tensor]:
    """The same, but blocks in a row that are alike are one where there are too many.

    Args:
        tensors: all of them.
        group: see `areas`.
        opened: the names of such blocks that stay single, inside one area; None: all that may.
    """
    runs: list[list[list[_Tensor]]] = []
    before: object = None
    for (stack, block), together in itertools.groupby(tensors, lambda tensor: (tensor.stack, tensor.block)):
        held = list(together)
        kind = (stack, [(tensor.rest, tensor.shape) for tensor in held])
        if block and kind == before:
            runs[-1].append(held)
        else:
            runs.append([held])
        before = kind
    found: list[_Tensor] = []
    for run in runs:
        name = _run_name(run)
        if len(run) == 1 or (len(tensors) <= MOST and (group == "part" or len(run) <= ALIKE)):
            found.extend(tensor for held in run for tensor in held)
        elif len(tensors) <= MOST and (opened is None or name in opened):
            found.extend(dataclasses.replace(tensor, run=name) for held in run for tensor in held)
        else:
            found.extend(_as_one([held[number] for held in run], name) for number in range(len(run[0])))
    return found


def _run_name(run: Sequence[Sequence[_Tensor]]) -> str:
    first, last = (held[0].block.removeprefix("block ") for held in (run[0], run[-1]))
    return f"blocks {first} to {last}, {len(run):,} alike"


def _as_one(alike: Sequence[_Tensor], name: str) -> _Tensor:
    """The same matrix of several blocks."""
    return dataclasses.replace(
        alike[0],
        block=name,
        path=f"{alike[0].path} ... {alike[-1].path}",
        count=sum(tensor.count for tensor in alike),
        times=len(alike),
    )


def _place(path: str) -> tuple[str, str, str]:
    """The stack of blocks that a tensor stands in, the number of its block, and its path there."""
    found = re.match(r"(.*?)\.(\d+)\.(.*)", path)
    return (found[1], found[2], found[3]) if found else ("", "", path)


def _short(path: str) -> str:
    """The end of a path, as far as it tells what the tensor is."""
    return ".".join(path.removesuffix(".weight").split(".")[-2:])

"""Is what the figure counts what transformers counts? The badge below it, for the design that a visitor sent."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from models import background, designs
from models.designs import Counts
from viz import page
from viz.parameter_words import design as words


def badge(sent: Any) -> None:
    """The check of one design; nothing before a visitor asks for it.

    Raises:
        InputError: transformers has no such model.
    """
    found = taken(sent)
    if found is None:
        return
    design, ours = found
    key = ("design", tuple(sorted(design.items())))
    work = background.QUICK.submit(key, lambda: designs.count(design), "Building the model, without weights")
    theirs = page.wait(work, repr(key))
    if theirs is None:
        return
    about = words.ABOUT.format(**design | {"size": design["head"] or design["width"] // design["heads"]})
    if ours == theirs:
        said = words.EQUAL.format(total=theirs.total, active=theirs.active)
    else:
        said = "; ".join(
            words.UNEQUAL.format(name=words.COUNTS[field.name], ours=ours_, theirs=theirs_)
            for field in fields(Counts)
            if (ours_ := getattr(ours, field.name)) != (theirs_ := getattr(theirs, field.name))
        )
    page.badge(said, good=ours == theirs, explanation=words.CHECK)
    page.facts(about)


def taken(sent: Any) -> tuple[dict[str, int], Counts] | None:
    """The design that a browser sent and what it counted; None if that isn't sound: it is a stranger's."""
    try:
        design = {name: int(sent["design"][name]) for name in designs.LIMITS}
        if not all(least <= design[name] <= most for name, (least, most) in designs.LIMITS.items()):
            return None
        return design, Counts(**{field.name: int(sent["counts"][field.name]) for field in fields(Counts)})
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        return None

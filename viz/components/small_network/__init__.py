"""How does a network that one can draw whole reach the browser? Its sizes, and its numbers where it has been trained.

    data = {"facts": [line below a saved picture], "names": [input], "target": what the output is, "most": parameters of
            the largest network that is trained, "origin": [line of a CSV file],
            "trained": null | {"sizes": "10-8-1", "weights": [layer][from][to], "biases": [layer][to], "mean": [input],
                "scale": [input], "centre", "spread": of the target, "inputs": [patient][input], "targets": [patient],
                "held_out": [patient] 0 or 1, "linear": [patient] what linear regression says}}

The sizes, what is chosen in the network, the patient, and what the lines show are the figure's own parameters. Another
size is drawn at once, without numbers; `train` asks the page for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
MOST_UNITS: Final = 64
MOST_LAYERS: Final = 6
USUAL: Final = "10-8-1"
LINES: Final = ("weights", "flow")


class Trained(Protocol):
    """A network with its numbers, as `models.small_trained` has it."""

    @property
    def sizes(self) -> tuple[int, ...]: ...
    @property
    def weights(self) -> tuple[NDArray[np.float64], ...]: ...
    @property
    def biases(self) -> tuple[NDArray[np.float64], ...]: ...
    @property
    def mean(self) -> NDArray[np.float64]: ...
    @property
    def scale(self) -> NDArray[np.float64]: ...
    @property
    def target_mean(self) -> float: ...
    @property
    def target_scale(self) -> float: ...
    @property
    def inputs(self) -> NDArray[np.float64]: ...
    @property
    def targets(self) -> NDArray[np.float64]: ...
    @property
    def held_out(self) -> NDArray[np.bool_]: ...
    @property
    def linear(self) -> NDArray[np.float64]: ...


@dataclass(frozen=True)
class Sizes:
    """Units, layer by layer, with - between them."""

    def parse(self, text: str) -> str:
        units = [state.Whole(MOST_UNITS + 1, 1).parse(number) for number in text[:40].split("-")]
        if not 2 <= len(units) <= MOST_LAYERS:
            raise ValueError(text)
        return "-".join(map(str, units))

    def allowed(self) -> str:
        return f"2 to {MOST_LAYERS} sizes from 1 to {MOST_UNITS} with - between them, such as {USUAL}"


@dataclass(frozen=True)
class Place:
    """What is chosen: nothing, a layer of numbers "1", a unit "1.3", or a line "1.3.5"; all are counted from 1."""

    def parse(self, text: str) -> str:
        if not text:
            return text
        numbers = [state.Whole(MOST_UNITS + 1, 1).parse(number) for number in text[:40].split(".")]
        if len(numbers) > 3 or numbers[0] > MOST_LAYERS:
            raise ValueError(text)
        return ".".join(map(str, numbers))

    def allowed(self) -> str:
        return "a layer of numbers (1), a unit (2.3: the third of the second layer), or a line (1.3.5)"


def parameters(patients: int) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    return {
        "units": Sizes(),
        "at": Place(),
        "patient": state.Whole(patients + 1, 1),
        "lines": state.Choice(LINES),
    }


DEFAULTS: Final[Mapping[str, Any]] = {"units": USUAL, "at": "", "patient": 1, "lines": LINES[0]}


def pack(
    trained: Trained | None,
    *,
    names: Sequence[str],
    target: str,
    most: int,
    facts: Sequence[str],
    origin: Sequence[str],
) -> bytes:
    """A network as it travels; numbers as they are, since the browser computes with them.

    Args:
        trained: the network with its numbers, if it has any.
        names: [input] of the table that networks are trained on.
        target: what the output is.
        most: parameters of the largest network that is trained.
        facts: the lines below a saved picture.
        origin: the lines that begin a CSV file.
    """
    numbers = None
    if trained is not None:
        numbers = {
            "sizes": "-".join(map(str, trained.sizes)),
            "weights": [matrix.tolist() for matrix in trained.weights],
            "biases": [vector.tolist() for vector in trained.biases],
            "mean": trained.mean.tolist(),
            "scale": trained.scale.tolist(),
            "centre": trained.target_mean,
            "spread": trained.target_scale,
            "inputs": trained.inputs.tolist(),
            "targets": trained.targets.tolist(),
            "held_out": trained.held_out.astype(int).tolist(),
            "linear": trained.linear.tolist(),
        }
    return shared.pack(
        {
            "names": list(names),
            "target": target,
            "most": most,
            "facts": list(facts),
            "origin": list(origin),
            "trained": numbers,
        }
    )


def small_network(packed: bytes, *, key: str, state: Mapping[str, Any]) -> ComponentResult:
    """Show the network in a Streamlit page; `.train` holds the sizes that a visitor wants to have trained.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(...), ...)`.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS, on_train_change=lambda: None)

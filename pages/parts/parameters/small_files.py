"""Which files can be saved from the view "small"?"""

from __future__ import annotations

from models import small_trained, tables
from models.parameter_formulas import Formula
from models.small_trained import Trained
from viz.parameter_words import small as words


def origin(trained: Trained) -> dict[str, str]:
    """Where a trained network comes from."""
    return {
        "network": f"{'-'.join(map(str, trained.sizes))}, ReLU",
        "data": words.DATA,
        "training": f"L-BFGS, penalty {trained.penalty:g}, seed {trained.seed}, {trained.steps} steps",
        "made by": f"scikit-learn {trained.version}",
    }


def patients(trained: Trained) -> bytes:
    """One row for each patient: what was measured, and what is predicted."""
    columns = ("patient", *small_trained.INPUTS, "held out", "measured", "network", "linear regression")
    rows = (
        (
            number + 1,
            *trained.inputs[number].tolist(),
            int(trained.held_out[number]),
            float(trained.targets[number]),
            float(trained.predictions[number]),
            float(trained.linear[number]),
        )
        for number in range(len(trained.targets))
    )
    return tables.csv(origin(trained), columns, rows)


def terms(formula: Formula, tensors: dict[str, int] | None) -> bytes:
    """One row for each term of the Transformer's formula."""
    columns = ("what", "part", "formula", "numbers", "each", "times", "parameters", "in torch's tensors")
    rows = (
        (
            term.name,
            term.part,
            term.formula,
            term.numbers,
            term.each,
            term.times,
            term.count,
            None if tensors is None else tensors[term.name],
        )
        for term in formula.terms
    )
    sizes = ", ".join(f"{name} = {value}" for name, value in formula.symbols.items())
    return tables.csv({"model": "torch.nn.Transformer, two embeddings, an output head", "sizes": sizes}, columns, rows)

"""A network of dense layers, drawn whole; where the table of patients fits it, with the numbers of its training."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, small_networks, small_trained, tables
from models.small_trained import Trained
from pages.parts.parameters import small_files
from viz import page, state, theme
from viz.components import small_network
from viz.parameter_words import small as words

KEY = "small network"
PATIENTS = 442
PENALTIES = ("10", "0.0001", "1", "100")  # scikit-learn's own usual one is 0.0001


def show(controls: DeltaGenerator, complaints: list[str]) -> None:
    """Controls and figure; sentences about the link are added to `complaints`."""
    with controls:
        penalty = page.choose("Penalty on large weights", PENALTIES, key="penalty", help=words.PENALTY)
        seed = page.number("Seed", (0, 99), 0, key="seed", help=words.SEED)
    link, said = state.read(small_network.parameters(PATIENTS), page.linked())
    complaints += said
    figure = st.container()  # stays where it is while progress is shown below it
    sizes = _sizes(link.get("units", small_network.USUAL))
    trained = _trained(sizes, float(penalty), seed)
    packed = small_network.pack(
        trained,
        names=words.INPUTS,
        target=words.TARGET,
        most=small_trained.MOST,
        facts=[" \u00b7 ".join(_facts(trained))] if trained else [],
        origin=tables.csv(small_files.origin(trained), ("",), ()).decode().splitlines()[:-1] if trained else [],
    )
    with figure:
        small_network.small_network(packed, key=KEY, state=link)
    if trained is None:
        _count(sizes)
        return
    _scores(trained)
    _check(trained)
    page.facts(*_facts(trained))
    page.downloads(
        [("Patients, CSV", "orrery-small-network-patients.csv", "text/csv", lambda: small_files.patients(trained))]
    )


def _sizes(linked: str) -> tuple[int, ...]:
    """What is to be trained: what the link says, until the visitor asks for another size in the figure."""
    asked: str = (st.session_state.get(KEY) or {}).get("train") or ""
    if st.session_state.setdefault("small linked", linked) != linked:  # by the browser's Back, or another link
        st.session_state["small linked"] = linked
        st.session_state["small answered"] = asked
    if asked and asked != st.session_state.get("small answered"):
        linked = small_network.Sizes().parse(asked.partition(" ")[0])
    return tuple(map(int, linked.split("-")))


def _trained(sizes: tuple[int, ...], penalty: float, seed: int) -> Trained | None:
    """The network with its numbers; None if it has none here, or the visitor has stopped its training."""
    if not small_trained.trainable(sizes):
        return None
    if (sizes, penalty, seed) == (small_trained.USUAL, small_trained.PENALTY, 0):
        return small_trained.stored()
    key = f"small network {sizes} {penalty} {seed}"
    work = background.QUICK.submit(
        key, lambda: small_trained.train(sizes, penalty, seed), "Training it with scikit-learn"
    )
    return page.wait(work, key)


def _scores(trained: Trained) -> None:
    """What the numbers of the network are worth, beside those of a linear regression."""
    name = "-".join(map(str, trained.sizes))
    st.dataframe(
        {
            "": [f"Network {name}", "Linear regression"],
            "parameters": [trained.counted, len(trained.mean) + 1],
            "R², trained on": [
                trained.explained(each, held_out=False) for each in (trained.predictions, trained.linear)
            ],
            "R², held out": [trained.explained(each, held_out=True) for each in (trained.predictions, trained.linear)],
        },
        hide_index=True,
        column_config={"parameters": st.column_config.NumberColumn(format="localized")}
        | {name: st.column_config.NumberColumn(format="%.3f") for name in ("R², trained on", "R², held out")},
    )
    held = int(trained.held_out.sum())
    st.caption(words.SCORES.format(held=held, own=len(trained.targets) - held))


def _count(sizes: tuple[int, ...]) -> None:
    """Our count beside torch's."""
    key = f"small network {sizes} in torch"
    work = background.QUICK.submit(key, lambda: small_networks.built(sizes), "Building it in torch")
    theirs = page.wait(work, key)
    if theirs is None:
        return
    ours = sum(map(sum, small_networks.dense(sizes)))
    name = "-".join(map(str, sizes))
    page.badge(
        words.COUNTED.format(sizes=name, ours=ours, theirs=theirs), good=ours == theirs, explanation=words.LINEAR
    )


def _check(trained: Trained) -> None:
    """Our count and our way through the network beside scikit-learn's."""
    ours = sum(map(sum, small_networks.dense(trained.sizes)))
    difference = float(abs(trained.forward() - trained.predictions).max())
    page.badge(
        words.SAME.format(
            sizes="-".join(map(str, trained.sizes)),
            ours=ours,
            theirs=trained.counted,
            difference=theme.power(difference),
        ),
        good=ours == trained.counted and difference < 1e-6,
        explanation=words.CHECK,
    )


def _facts(trained: Trained) -> list[str]:
    steps = f"L-BFGS, {trained.steps:,} steps" + ("" if trained.settled else ", not yet settled")
    return [
        f"{'-'.join(map(str, trained.sizes))}, ReLU, penalty {trained.penalty:g}, seed {trained.seed}",
        steps,
        words.DATA,
        f"scikit-learn {trained.version}",
    ]

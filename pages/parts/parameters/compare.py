"""The view "compare" of the page of parameters: up to four models beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, parameters_compared
from models.defaults import CONFIGURATIONS
from models.traces import InputError
from pages.parts.parameters import compare_tables, counted, which
from pages.parts.parameters.counted import Counted
from pages.parts.parameters.which import Chosen
from pages.parts.several import Together
from viz import comparison_charts, page, state
from viz.comparison_charts import Model
from viz.parameter_words import compare as words

MOST = 4


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            names = _choose(complaints)
            drawing = page.choose("Drawing", comparison_charts.DRAWINGS, key="drawing", help=words.DRAWING)
        if not names:
            raise InputError("There is no model to show; choose one.")
        chosen = [model for name in names if (model := _named(name, controls)) is not None]
        found = _count(chosen)
        if found:
            _draw(found, drawing)


def _choose(complaints: list[str]) -> list[str]:
    """The models' names, chosen in the current container; `complaints` gets what the link asks for in vain."""
    offered = which.offered()
    is_open = catalog.is_open()
    if "compare" not in st.session_state:
        asked = st.query_params.get_all("compare")
        unknown = [name for name in asked if name not in offered]
        if unknown and not is_open:
            _, said = state.read({"compare": state.Choice(offered)}, {"compare": unknown[0]})
            complaints += said
        if len(set(asked)) > MOST:
            complaints.append(words.MANY.format(asked=len(set(asked)), most=MOST))
            st.query_params["compare"] = list(dict.fromkeys(asked))[:MOST]
    names = st.multiselect(
        "Models",
        offered,
        CONFIGURATIONS,
        key="compare",
        bind="query-params",
        max_selections=MOST,
        accept_new_options=is_open,
        select_all=False,
        help=words.MODELS,
    )
    return list(dict.fromkeys(names))


def _named(name: str, controls: DeltaGenerator) -> Chosen | None:
    """The model by that name; if there is none, one sentence, and the others all the same."""
    with page.guarded():
        if name != which.OWN:
            return which.named(name)
        with controls:  # where the box for its config.json stands
            return which.named(name)
    return None


def _count(chosen: Sequence[Chosen]) -> list[Counted]:
    """All of them at once; for each that can't be counted one sentence."""
    with st.container():  # one in any case, so that what is drawn next keeps its place in the page
        ahead = {each.key: counted.known(each) for each in chosen}
        rest = [each for each in chosen if ahead[each.key] is None]
        if rest:
            work = Together([counted.submit(each) for each in rest])
            results = page.wait(work, f"compare {[counted.key(each) for each in rest]}")
            if results is None:
                return []
            for each, result in zip(rest, results, strict=True):
                if isinstance(result, InputError):
                    with page.guarded():
                        raise InputError(f"{each.title}: {result}")
                else:
                    ahead[each.key] = result
    return [Counted(each, *both) for each in chosen if (both := ahead[each.key]) is not None]


def _draw(found: Sequence[Counted], drawing: str) -> None:
    """The figure, and all that goes with it."""
    models = [
        Model(
            each.chosen.title, parameters_compared.by_part(each.trace), parameters_compared.active_by_part(each.trace)
        )
        for each in found
    ]
    dark = st.context.theme.type == "dark"
    draw = comparison_charts.shares if drawing == "shares" else comparison_charts.numbers
    st.plotly_chart(draw(models, dark=dark), config=comparison_charts.CONFIG, theme=None, alt=_summary(models))
    if drawing == "numbers":
        st.caption(words.NUMBERS)
    _check(found)
    compare_tables.parts(models)
    compare_tables.sizes(found)
    page.facts(*(f"{each.chosen.title}: {each.chosen.source}" for each in found))
    compare_tables.save(found, models)


def _summary(models: Sequence[Model]) -> str:
    """The picture in words."""
    said = []
    for model in models:
        part, count = max(model.counts.items(), key=lambda each: each[1])
        said.append(f"{model.title}: {model.total:,} parameters, {count / model.total:.0%} of them in {part}.")
    return " ".join(said) + " The tables below hold every number."


def _check(found: Sequence[Counted]) -> None:
    """Both counts of each model."""
    with st.container(horizontal=True):
        for each in found:
            title, ours, theirs = each.chosen.title, each.formula and each.formula.total, each.trace.total
            if ours is None:
                st.caption(words.NONE.format(title=page.plain(title)))
                continue
            said = words.EQUAL if ours == theirs else words.UNEQUAL
            sentence = said.format(title=title, formula=ours, tensors=theirs)
            page.badge(sentence, good=ours == theirs, explanation=words.CHECK)

"""The view "map" of the page of embeddings: all words in one picture, made ahead, and how far it can be trusted."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import map_neighbours, map_twin, stored_map, vector_catalog
from models.map_neighbours import Near
from models.traces import WordMap
from pages.parts.embeddings import glove, honesty, twins, word_map_files
from viz import page, state
from viz.components import point_cloud
from viz.components.point_cloud import Groups, Rank
from viz.embedding_words import word_map as words

KEY: Final = "word map"
CLUSTER, FREQUENCY = "cluster", "frequency"


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            count = int(page.choose("Words on the map", tuple(map(str, stored_map.FILES)), key="size", help=words.SIZE))
            colour = page.choose("Colour", (CLUSTER, FREQUENCY), key="colour", help=words.COLOUR)
        found = stored_map.stored(count)
        left, right = st.columns([3, 1], gap="large")
        with right:
            linked = twins.asked()
            panel(found)
        if linked:
            with left:
                twin(complaints)
            return
        packed = pack(count, colour)
        view, wrong = opened(count)
        complaints += wrong
        with left:
            figure = point_cloud.point_cloud(packed, key=KEY, state=view, defaults=point_cloud.DEFAULTS | words.FIRST)
        chosen = view.get("point", -1) if figure.chosen is None else figure.chosen
        if isinstance(chosen, int) and 0 <= chosen < count:
            compare(found, chosen)
        else:
            st.caption(words.CHOOSE)
        page.facts(*glove.facts())
        word_map_files.save(found)


def twin(complaints: list[str]) -> None:
    """The most frequent words, each linked to where the next seed has it."""
    first, second = stored_map.stored(), map_twin.stored()
    shown = len(second.places)
    view, wrong = state.read(point_cloud.parameters(2 * shown), st.query_params)
    complaints += wrong
    names = vector_catalog.words()[:shown]
    title = words.LINKED.format(shown=shown)
    packed = twins.pack(first.points, second.places, names, seed=first.seed, title=title, facts=glove.facts())
    point_cloud.point_cloud(packed, key="word map and twin", state=view)
    twins.say(second.displacement, shown, first.seed)
    st.caption(words.ALL_COMPARED.format(words=second.words))


@st.cache_resource(max_entries=4, show_spinner=False)
def pack(count: int, colour: str) -> bytes:
    """The map as it travels."""
    found = stored_map.stored(count)
    return point_cloud.pack(
        found.points,
        vector_catalog.words()[:count],
        title=words.TITLES[count],
        facts=[*glove.facts(), words.METHODS[count]],
        colour=Rank(words.RANK) if colour == FREQUENCY else Groups(found.clusters, clusters(found)),
        box=(found.corner, found.corner + found.extent),
        asks=True,
    )


def clusters(found: WordMap) -> list[str]:
    """[cluster] its name: its most central words, and others."""
    return [", ".join([*name, "…"]) for name in found.names]


def opened(count: int) -> tuple[dict[str, Any], list[str]]:
    """What the link says of the view, and in vain.

    While the figure stays on the page it keeps its view itself: what is sent to it remains the same, and so it isn't
    sent again with every word that is chosen.
    """
    if KEY not in st.session_state or "map opened" not in st.session_state:
        st.session_state["map opened"] = state.read(point_cloud.parameters(count), st.query_params)
    view: tuple[dict[str, Any], list[str]] = st.session_state["map opened"]
    return view


def panel(found: WordMap) -> None:
    """How far the map can be trusted, and how it was made."""
    parameters = found.parameters | {"seed": found.seed}
    settings = {name: f"{value:,}" if isinstance(value, int) else str(value) for name, value in parameters.items()}
    count = len(found.places)
    details = {f"{count:,} words": "of 50 dimensions", **settings, **found.source.versions}
    honesty.panel("UMAP", found.quality, details, words.NOTES[count])


def compare(found: WordMap, chosen: int) -> None:
    """The chosen word's neighbours in the vectors beside those on the map."""
    table = glove.table()
    if table is None:
        return
    in_vectors, on_map = map_neighbours.compare(table, found, chosen)
    word = page.plain(table.words[chosen])
    st.header(words.NEAR.format(word=word), anchor=False)
    st.markdown(words.KEPT.format(word=word, kept=in_vectors.kept(map_neighbours.SHOWN), count=map_neighbours.SHOWN))
    for column, near, title, other in zip(
        st.columns(2, gap="large"), (in_vectors, on_map), words.LISTS, words.RANKS, strict=True
    ):
        with column:
            st.markdown(f"**{title}**")
            st.markdown(listed(table.words, near, other))


def listed(names: tuple[str, ...], near: Near, other: str) -> str:
    """The words as a table in Markdown; those that the other list has, too, are bold and marked."""
    lines = [f"| | word | cosine | {other} |", "| --: | :-- | --: | --: |"]
    for number, (place, cosine, rank) in enumerate(zip(near.places, near.cosines, near.elsewhere, strict=True), 1):
        word = page.plain(names[place])
        shown = f"**{word}** ✓" if rank <= map_neighbours.SHOWN else word
        signed = f"{cosine:.3f}".replace("-", "−")
        lines.append(f"| {number} | {shown} | {signed} | {rank:,} |")
    return "\n".join(lines)

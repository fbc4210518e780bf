"""How is a training of word2vec seen while it is on its way? As a picture that is drawn anew as it goes on."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.word2vec_moving import Live, Seen
from viz import training_picture


class Watcher:
    """Draws the training so far, below all that was drawn before its first picture."""

    def __init__(self, live: Live, epochs: int) -> None:
        self._live = live
        self._epochs = epochs
        self._seen: Seen | None = None
        self._place: DeltaGenerator | None = None

    def draw(self) -> None:
        """If there is more to see than the last time."""
        seen = self._live.seen
        if seen is None or seen is self._seen:
            return
        self._seen = seen
        self._place = self._place or st.empty()
        dark = st.context.theme.type == "dark"
        picture = training_picture.picture(seen.words, seen.points, seen.losses, self._epochs, dark=dark)
        self._place.image(picture, width="stretch", caption=f"After epoch {seen.epochs[-1]} of {self._epochs}")

    def close(self) -> None:
        """The training is done, or was stopped."""
        if self._place is not None:
            self._place.empty()

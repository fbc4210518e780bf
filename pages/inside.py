"""Inside: one token's way through the transformer, every number real, and a hand on every part."""

from __future__ import annotations

from pages.parts.inside import cache, lens, norms, patch, positions, stream, switch, walk
from viz import inside_words, page
from viz.inside_words import cache as cache_words
from viz.inside_words import lens as lens_words
from viz.inside_words import norms as norms_words
from viz.inside_words import patch as patch_words
from viz.inside_words import positions as positions_words
from viz.inside_words import stream as stream_words
from viz.inside_words import switch as switch_words
from viz.inside_words import walk as walk_words
from viz.page import View

page.through_the_app()
page.views(
    "Inside",
    inside_words.HEADER,
    "inside",
    {
        "walk": View("Walk", walk.show, walk_words.WORDS),
        "stream": View("Residual stream", stream.show, stream_words.WORDS),
        "lens": View("Logit lens", lens.show, lens_words.WORDS),
        "switch": View("Switch off", switch.show, switch_words.WORDS),
        "patch": View("Patch", patch.show, patch_words.WORDS),
        "positions": View("Positions", positions.show, positions_words.WORDS),
        "cache": View("Cache", cache.show, cache_words.WORDS),
        "norms": View("Norms and masks", norms.show, norms_words.WORDS),
    },
)

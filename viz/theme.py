"""What does everything look like? The only place for colours and number formats.

The parts of a transformer keep one colour on every page, from the palette of Okabe and Ito (2008), which people with
any of the common colour-vision deficiencies can tell apart. Magnitudes use one sequential scale, signed values one
diverging scale with the paper's colour at zero. Every text colour keeps 4.5:1 on its paper.
"""

from __future__ import annotations

from typing import Final

# Okabe and Ito, "Color Universal Design", 2008.
PARTS: Final[dict[str, str]] = {
    "query": "#0072B2",
    "key": "#E69F00",
    "value": "#009E73",
    "residual": "#7F7F7F",
    "mlp": "#8E5BB5",
    "logits": "#D55E00",
    "position": "#56B4E9",
}

# Heads are told apart by colour and by number; eight colours, then they repeat.
HEADS: Final[tuple[str, ...]] = (
    "#0072B2", "#D55E00", "#009E73", "#8E5BB5", "#B8860B", "#56B4E9", "#C2528B", "#6B6B6B",
)  # fmt: skip

PAPER: Final[dict[str, dict[str, str]]] = {
    "light": {
        "paper": "#FDFCF9",
        "raised": "#F4F1EA",
        "ink": "#23211D",
        "quiet": "#625D53",
        "line": "#D9D3C6",
        "accent": "#8A6312",  # brass
        "good": "#1B6E4B",
        "bad": "#A33B0B",
    },
    "dark": {
        "paper": "#17181B",
        "raised": "#212327",
        "ink": "#ECE8DF",
        "quiet": "#A9A498",
        "line": "#3A3C42",
        "accent": "#D9A944",
        "good": "#5CC79A",
        "bad": "#F09060",
    },
}

# Sequential scale from the paper to deep blue (light) or from the paper to pale blue (dark), even in lightness.
SEQUENTIAL: Final[dict[str, tuple[str, ...]]] = {
    "light": ("#FDFCF9", "#D3E3F0", "#9CC3E0", "#5B9BC8", "#2271A8", "#0B4A7D", "#062B4F"),
    "dark": ("#17181B", "#15304A", "#1B4F7A", "#2A75AD", "#559FD2", "#97C8E8", "#E2F1FB"),
}
DIVERGING: Final[dict[str, tuple[str, ...]]] = {
    "light": ("#8C3A00", "#D5793B", "#F0C7A6", "#FDFCF9", "#AFCFE6", "#4D93C4", "#0B4A7D"),
    "dark": ("#F5B183", "#C0682F", "#6B3A1B", "#17181B", "#1F4A6E", "#3D86BC", "#A9D3EE"),
}

UNITS: Final = ((1e12, "trillion", "T"), (1e9, "billion", "B"), (1e6, "million", "M"), (1e3, "thousand", "K"))
SUPERSCRIPT: Final = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")

# Over Streamlit's own style: one type scale, a page that starts near its top, no gap where a computation was waited
# for (pages/parts/running.py), chosen options that can be read in the dark, and no controls when printed.
STYLE: Final = """
.block-container { padding-top: 3.5rem; padding-bottom: 3rem; max-width: 1500px; }
h1 { font-size: 1.9rem !important; font-weight: 600 !important; padding: 0 0 0.2rem !important; }
h2 { font-size: 1.15rem !important; font-weight: 600 !important; }
[data-testid="stCaptionContainer"] { opacity: 0.75 !important; }
[data-testid="stLayoutWrapper"]:has(> div > [data-testid="stElementContainer"]:only-child > .stEmpty) { display: none; }
.stMarkdownBadge { white-space: normal !important; }
[data-tag] { background: transparent !important; border: 1px solid rgb(128 128 128 / 50%); }
[data-tag], [data-tag] * { color: inherit !important; }
@media print { section[data-testid="stSidebar"], header { display: none; } }
"""


def for_browser() -> dict[str, object]:
    """All of it as plain values, for a component's data."""
    return {"parts": PARTS, "heads": HEADS, "paper": PAPER, "sequential": SEQUENTIAL, "diverging": DIVERGING}


def power(value: float) -> str:
    """A tiny positive number as a person writes it: 4 x 10^-7, with the signs for it."""
    if value == 0:
        return "0"
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}\u2009\u00d7\u200910{str(int(exponent)).translate(SUPERSCRIPT)}"


def in_words(count: float) -> str:
    """A large number as one says it, in four digits: 46.7 billion."""
    unit, name, _ = next((unit for unit in UNITS if count >= unit[0]), (1.0, "", ""))
    return f"{count / unit:,.4g} {name}".rstrip()


def in_short(count: float) -> str:
    """The same for an axis: 46.7 B."""
    unit, _, letter = next((unit for unit in UNITS if count >= unit[0]), (1.0, "", ""))
    return f"{count / unit:,.4g} {letter}".rstrip()

"""Colours that can be read, and numbers as a person writes them."""

from __future__ import annotations

import pytest

from viz import theme


def luminance(colour: str) -> float:
    """Relative luminance, by WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "quiet", "accent", "good", "bad"])
@pytest.mark.parametrize("ground", ["paper", "raised"])
def test_text_can_be_read(scheme: str, text: str, ground: str) -> None:
    assert contrast(theme.PAPER[scheme][text], theme.PAPER[scheme][ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sequential_scale_moves_away_from_the_paper_step_by_step(scheme: str) -> None:
    scale = theme.SEQUENTIAL[scheme]
    assert scale[0] == theme.PAPER[scheme]["paper"]
    steps = [luminance(colour) for colour in scale]
    assert steps == sorted(steps, reverse=scheme == "light")
    assert theme.DIVERGING[scheme][3] == theme.PAPER[scheme]["paper"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (4.2e-7, "4 × 10⁻⁷"), (9.6e-7, "1 × 10⁻⁶"), (0.02, "2 × 10⁻²"), (12.0, "1 × 10¹")],
)
def test_small_numbers(value: float, text: str) -> None:
    assert theme.power(value) == text.replace(" ", "\u2009")

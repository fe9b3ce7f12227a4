"""Words are legible and controls are seen, in the light and in the dark (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest

from tests.pages.colours import colours, contrast

PLANES = ("sunken", "canvas", "surface", "raised")
WORDS = 4.5
SHAPES = 3.0

PAIRS = [
    *[(word, plane, WORDS) for plane in (*PLANES, "hover") for word in ("text", "text-muted", "text-faint")],
    *[
        (word, plane, WORDS)
        for plane in PLANES
        for word in ("accent-text", "danger-text", "success-text", "warning-text")
    ],
    *[(f"{kind}-text", f"{kind}-soft", WORDS) for kind in ("accent", "danger", "success", "warning")],
    *[("text", f"{kind}-soft", WORDS) for kind in ("accent", "danger", "success", "warning")],
    *[("text-muted", f"{kind}-soft", WORDS) for kind in ("accent", "danger", "success", "warning")],
    ("on-accent", "accent", WORDS),
    ("on-accent", "accent-hover", WORDS),
    ("on-danger", "danger", WORDS),
    ("on-danger", "danger-hover", WORDS),
    ("text", "pressed", WORDS),
    *[
        (edge, plane, SHAPES)
        for plane in PLANES
        for edge in ("line-control", "accent-line", "danger-line", "focus")
    ],
    *[("accent", plane, SHAPES) for plane in PLANES],
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_colour_stands_out_from_what_lies_behind_it(theme: str) -> None:
    known = colours(theme)
    found = [(front, back, contrast(known[front], known[back]), least) for front, back, least in PAIRS]

    assert PAIRS
    assert [one for one in found if not one[2] >= one[3]] == []


def test_black_on_white_has_the_contrast_that_the_formula_promises() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)

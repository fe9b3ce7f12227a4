"""Reads the colours of tokens.css and computes WCAG contrast."""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
_PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
_ONE = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")


def colours(theme: str) -> dict[str, str]:
    """Return the opaque colours of a theme ("light" or "dark") by name."""
    text = (STATIC / "css" / "tokens.css").read_text()
    found = {name: light if theme == "light" else dark for name, light, dark in _PAIR.findall(text)}
    return found | dict(_ONE.findall(text))


def contrast(one: str, other: str) -> float:
    """Ratio of relative luminances, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    # WCAG 2.2, "relative luminance": the linear values of sRGB, weighted.
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

"""Renders many tiles fast: a tile's template is rendered once for each kind of tile, and then filled in.

A tile is the same markup forty times a page, and Django's templates take most of a millisecond for it. So the template
gets marks instead of values; what it makes of them is split at the marks, cached, and joined with the values of each
picture. The template may only print values of its tile, and decide by the page's flags, whether there is an image, and
whether it is a favourite.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Final
from uuid import UUID

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from generation.views.tiles import Tile

_KEY: Final = UUID("00000000-0000-7000-8000-00000000face")
# Private-use characters: no template has them, and what people write is filled in only afterwards.
_MARKS: Final = {
    name: f"\ue000{name}\ue001"
    for name in ("large", "small", "tiny", "width", "height", "ratio", "alt", "caption", "label", "name")
}
_CUT: Final = re.compile(f"\ue000([a-z]+)\ue001|({_KEY})")


@dataclass(frozen=True, slots=True)
class _Page:
    """What is the same for all tiles of a page, and stands in their markup."""

    template: str
    flags: tuple[str, ...]
    language: str | None
    root: str
    sprite: str


def draw(template: str, tiles: Iterable[Tile], **flags: bool) -> SafeString:
    """Return the markup of all tiles, the same as rendering ``template`` for each with these flags."""
    on = tuple(sorted(name for name, is_on in flags.items() if is_on))
    page = _Page(template, on, get_language(), reverse("landing"), static("icons/sprite.svg"))
    filled = "".join(_fill(_pieces(page, bool(tile.small), tile.is_favourite), tile) for tile in tiles)
    return mark_safe(filled)  # noqa: S308  (what people wrote is escaped in _fill)


def _fill(pieces: list[str], tile: Tile) -> str:
    values = {
        "key": str(tile.key),
        "large": tile.large,
        "small": tile.small,
        "tiny": tile.tiny,
        "width": str(tile.width),
        "height": str(tile.height),
        "ratio": tile.ratio,
        "alt": escape(tile.alt),
        "caption": escape(tile.caption),
        "label": escape(tile.label),
        "name": escape(tile.name),
    }
    parts = pieces.copy()
    parts[1::2] = [values[name] for name in pieces[1::2]]
    return "".join(parts)


@lru_cache(maxsize=256)
def _pieces(page: _Page, has_image: bool, is_favourite: bool) -> list[str]:
    """Return the markup of such a tile, split: text and the names of values in turn."""
    marks = _MARKS if has_image else {**_MARKS, "large": "", "small": "", "tiny": ""}
    tile = SimpleNamespace(key=_KEY, picture=SimpleNamespace(pk=_KEY), is_favourite=is_favourite, **marks)
    markup = render_to_string(page.template, {"tile": tile, **dict.fromkeys(page.flags, True)})
    parts: list[str] = []
    at = 0
    for found in _CUT.finditer(markup):
        parts += [markup[at : found.start()], found[1] or "key"]
        at = found.end()
    return [*parts, markup[at:]]

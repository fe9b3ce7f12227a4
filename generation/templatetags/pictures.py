"""Template tags that draw a person's pictures: {% load pictures %}."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from generation.views import tile_templates
from generation.views.tiles import Tile

register = template.Library()


@register.simple_tag(takes_context=True)
def picture_tiles(context: Context, tiles: Iterable[Tile]) -> SafeString:
    """Draw tiles of the history, each as _tile.html draws it; ``selectable`` and ``in_trash`` are the page's."""
    flags = {name: bool(context.get(name)) for name in ("selectable", "in_trash")}
    return tile_templates.draw("generation/_tile.html", tiles, **flags)


@register.simple_tag(takes_context=True)
def picker_tiles(context: Context, tiles: Iterable[Tile]) -> SafeString:
    """Draw tiles to choose from, each as _picker_tile.html draws it; ``in_dialog`` is the page's."""
    return tile_templates.draw(
        "generation/_picker_tile.html", tiles, in_dialog=bool(context.get("in_dialog"))
    )

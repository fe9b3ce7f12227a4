"""Template tags of the design system, available in every template; docs/design-system.md lists them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from django import template
from django.forms import BoundField, Form
from django.template import Context, Node, NodeList, Template, TemplateSyntaxError
from django.template.base import Parser, Token
from django.template.loader import render_to_string
from django.template.loader_tags import BlockNode
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from image2.design import form_fields, ratios

register = template.Library()


@register.tag
def constant(parser: Parser, _token: Token) -> ConstantNode:
    """{% constant %}…{% endconstant %}: markup that is the same on every page and for everybody, drawn once and kept.

    Nothing of the page can be read inside: no person, no request, no token. So nothing personal can be kept either.
    """
    inside = parser.parse(("endconstant",))
    parser.delete_first_token()
    if inside.get_nodes_by_type(BlockNode):
        raise TemplateSyntaxError(
            "A block can't stand inside {% constant %}: pages that fill it would be ignored."
        )
    return ConstantNode(inside)


class ConstantNode(Node):
    """Its markup depends on the language, and on where the site and its static files are."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._drawn: dict[tuple[str | None, str, str], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        place = (get_language(), get_script_prefix(), static("icons/sprite.svg"))
        drawn = self._drawn.get(place)
        if drawn is None:
            nothing = Context()
            with nothing.bind_template(cast(Template, context.template)):
                drawn = self._drawn[place] = self.nodelist.render(nothing)
        return drawn


@register.simple_tag
def icon(name: str, size: str = "", css: str = "", label: str = "") -> SafeString:
    """Draw an icon of the sprite: size "small" or "large"; with a label it is an image, without it decoration."""
    return _icon(static("icons/sprite.svg"), name, size, css, str(label))


@lru_cache(maxsize=512)
def _icon(sprite: str, name: str, size: str, css: str, label: str) -> SafeString:
    classes = " ".join(part for part in ("icon", f"icon-{size}" if size else "", css) if part)
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="{}" width="18" height="18" {}><use href="{}#{}"></use></svg>',
        classes,
        said,
        sprite,
        name,
    )


@register.simple_tag
def field(bound: BoundField, kind: str = "", **options: Any) -> SafeString:
    """Draw one form field with label, help and errors; see image2/design/form_fields.py for kinds and options."""
    return form_fields.draw(bound, kind, options)


@register.simple_tag
def fields(form: Form) -> SafeString:
    """Draw what went wrong with the form as a whole, then every field."""
    return render_to_string("_components/fields.html", {"form": form})


@register.inclusion_tag("_components/form_errors.html")
def form_errors(form: Form) -> dict[str, Any]:
    """Say what went wrong with the form as a whole; draw nothing when nothing did."""
    return {"errors": form.non_field_errors()}


@register.simple_tag
def ratio_class(width: float | str, height: float = 0) -> str:
    """Class of a picture's shape: {% ratio_class picture.width picture.height %} or {% ratio_class "16:9" %}."""
    if isinstance(width, str):
        return ratios.shape_class(width)
    return ratios.ratio_class(width, height)


@register.simple_block_tag
def dialog(content: str, id: str, title: str, size: str = "", open_now: bool = False) -> SafeString:  # noqa: A002  (HTML's word)
    """A native dialog, opened by <button command="show-modal" commandfor="id">; open_now opens it at once."""
    context = {"content": content, "id": id, "title": title, "size": size, "open_now": open_now}
    return render_to_string("_components/dialog.html", context)


@register.simple_block_tag
def menu(content: str, id: str, label: str, align: str = "end") -> SafeString:  # noqa: A002  (HTML's word)
    """A menu, opened by <button popovertarget="id">; it holds .menu-item links and buttons."""
    return render_to_string(
        "_components/menu.html", {"content": content, "id": id, "label": label, "align": align}
    )


@register.simple_block_tag
def banner(content: str, kind: str = "info", title: str = "", symbol: str = "", role: str = "") -> SafeString:
    """Something the page has to say first: kind info, success, warning or danger; the content follows the title."""
    symbols = {
        "info": "info",
        "success": "circle-check",
        "warning": "triangle-alert",
        "danger": "circle-alert",
    }
    context = {
        "content": content,
        "kind": kind,
        "title": title,
        "symbol": symbol or symbols[kind],
        "role": role,
    }
    return render_to_string("_components/banner.html", context)


@register.simple_block_tag
def empty(content: str, symbol: str, title: str, text: str = "") -> SafeString:
    """Nothing here yet: what that means, and in the content the next step as a button."""
    context = {"content": content, "symbol": symbol, "title": title, "text": text}
    return render_to_string("_components/empty.html", context)


@register.inclusion_tag("_components/credits.html")
def credits_badge(amount: int | None, url: str = "") -> dict[str, Any]:
    """The balance; with a url it links there."""
    return {"amount": amount, "url": url}


@register.simple_tag
def avatar(person: Any, size: str = "") -> SafeString:
    """A person's own picture, or the first letter of their name."""
    css = f"avatar avatar-{size}" if size else "avatar"
    if version := getattr(person, "avatar", ""):
        side = 256 if size else 96
        url = reverse("generation:avatar", args=[side, version])
        picture = format_html('<img src="{}" width="{}" height="{}" alt="">', url, side, side)
        return format_html('<span class="{}" aria-hidden="true">{}</span>', css, picture)
    name = (getattr(person, "name", "") or getattr(person, "email", "") or "?").strip()
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, name[:1])


@register.simple_tag(takes_context=True)
def nav_link(context: Context, url: str, label: str, symbol: str = "") -> SafeString:
    """A link of the navigation, marked when it leads to the page shown or to a page above it."""
    request = context.get("request")
    here = bool(request and url and (request.path == url or (url != "/" and request.path.startswith(url))))
    return _nav_link(static("icons/sprite.svg"), url, str(label), symbol, here)


@lru_cache(maxsize=64)
def _nav_link(_sprite: str, url: str, label: str, symbol: str, here: bool) -> SafeString:
    context = {"url": url, "label": label, "symbol": symbol, "here": here}
    return render_to_string("_components/nav_link.html", context)

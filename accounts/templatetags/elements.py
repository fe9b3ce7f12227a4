"""What the templates of allauth's elements (templates/allauth/elements/) need: classes and attributes from a dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_BADGES = {"success": "badge-success", "warning": "badge-warning", "primary": "badge-accent"}
# A button is primary unless one of these tags says otherwise.
_PLAIN = frozenset({"outline", "secondary", "tool", "panel"})
_QUIET = frozenset({"link", "cancel"})
_SMALL = frozenset({"minor", "tool"})


@register.filter
def button_classes(attrs: Mapping[str, Any]) -> str:
    """Return the classes of a button or, with ``href``, of a link that looks like one."""
    tags = set(attrs.get("tags") or ())
    classes = ["button"]
    if "danger" in tags:
        classes += ["button-quiet", "button-danger"]
    elif tags & _PLAIN:
        pass
    elif tags & _QUIET:
        classes.append("button-quiet")
    elif not attrs.get("href"):
        classes.append("button-primary")
    if tags & _SMALL:
        classes.append("button-small")
    return " ".join(classes)


@register.filter
def badge_classes(attrs: Mapping[str, Any]) -> str:
    """Return the classes of a badge; the first tag with a colour decides."""
    tags = attrs.get("tags") or ()
    return " ".join(["badge", *[css for tag, css in _BADGES.items() if tag in tags][:1]])


@register.simple_tag
def attributes(attrs: Mapping[str, Any], *names: str) -> SafeString:
    """Write the named attributes that are set; one that is True has no value."""
    pairs = [(name, attrs[name]) for name in names if attrs.get(name)]
    bare = mark_safe("".join(f" {name}" for name, value in pairs if value is True))  # noqa: S308  (names of ours)
    return bare + format_html_join(
        "", ' {}="{}"', ((name, value) for name, value in pairs if value is not True)
    )

"""Long texts that are written in Markdown, as HTML; HTML inside them is shown, not obeyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

# The attributes of the picture that a source names; None leaves only its words.
PictureOf = Callable[[str], dict[str, str] | None]


def render(text: str, *, picture_of: PictureOf = lambda _source: None) -> SafeString:
    """Return the text as HTML, with tables that scroll by themselves, and the pictures that ``picture_of`` knows."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "table")
        for inner in token.children or ():
            if inner.type == "image":
                _place(inner, picture_of)
    html: str = reader.renderer.render(_tables_scroll(tokens), reader.options, {})
    return mark_safe(html)  # noqa: S308  (html is off)


def _place(image: Token, picture_of: PictureOf) -> None:
    attributes = picture_of(str(image.attrs["src"]))
    if attributes is None:
        image.type = "text"
    else:
        image.attrs |= attributes


def _tables_scroll(tokens: Sequence[Token]) -> list[Token]:
    """Around each table a box that scrolls, named after the heading it stands under."""
    found: list[Token] = []
    heading = ""
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and before.type == "heading_open":
            heading = token.content
        if token.type == "table_open":
            opening = f'<div class="table-scroll" tabindex="0" role="region" aria-label="{escape(heading)}">'
            found.append(_raw(opening))
        found.append(token)
        if token.type == "table_close":
            found.append(_raw("</div>"))
    return found


def _raw(html: str) -> Token:
    return Token("html_block", "", 0, content=html + "\n")

"""Lists of pictures and uploads: the page asked for, the search, the pictures that were selected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from accounts.callers import PersonRequest
from generation import fair_shares
from generation.pictures import history

MAX_SELECTED: Final = 500
MAX_SEARCH: Final = 200


def cursor(request: PersonRequest) -> history.Cursor | None:
    """Return where the page asked for begins; None for the first page, and for a cursor that can't be read."""
    try:
        return history.Cursor.parse(request.GET["after"]) if request.GET.get("after") else None
    except history.BadCursor:
        return None


def next_page(name: str, after: history.Cursor | None, query: dict[str, str] | None = None) -> str:
    """Return the address of the page after this one, with the same query; empty after the last page."""
    if after is None:
        return ""
    kept = {key: value for key, value in (query or {}).items() if value}
    return f"{reverse(name)}?{urlencode(kept | {'after': after})}"


def search_words(request: PersonRequest) -> str:
    return request.GET.get("q", "")[:MAX_SEARCH].strip()


@contextmanager
def searching(request: PersonRequest, words: str) -> Iterator[None]:
    """Count a search against the person's share; without words there's none. Raises OverShare."""
    if not words:
        yield
        return
    with fair_shares.turn("search", caller=request.user.pk):
        yield


def selected(request: PersonRequest) -> list[UUID]:
    """Return the ids that were selected, without those that aren't ids."""
    found: list[UUID] = []
    for text in request.POST.getlist("picture")[:MAX_SELECTED]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found

"""/history/ and the trash: pages of pictures, and what is done to many of them at once."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.callers import PersonRequest
from generation import favourites, history, trash
from generation.views import cards
from generation.views.htmx import fragment
from generation.views.tiles import tiles
from generation.views.words import words
from image2.lib.access import Caller, allow

MOST_AT_ONCE: Final = 500
MAX_SEARCH: Final = 200


@require_safe
@vary_on_headers("HX-Request")
@allow(Caller.PERSON)
def pictures(request: PersonRequest) -> HttpResponse:
    search = request.GET.get("q", "")[:MAX_SEARCH].strip()
    only_favourites = request.GET.get("show") == "favourites"
    after = cursor(request)
    read = history.favourites if only_favourites else history.newest
    page = read(user=request.user, after=after, words=search)
    kept = {"q": search, "show": "favourites" if only_favourites else ""}
    context = {
        "tiles": tiles(page.pictures),
        "next": next_page("generation:history", page, kept),
        "selectable": True,
        "search": search,
        "only_favourites": only_favourites,
    }
    if fragment(request) and after:
        return render(request, "generation/_tiles.html", context)
    is_front = not (after or search or only_favourites)
    context |= {
        "cards": cards.unsettled(request.user) if is_front else [],
        "words": words(),
        "is_front": is_front,
    }
    return render(request, "generation/history.html", context)


@require_safe
@vary_on_headers("HX-Request")
@allow(Caller.PERSON)
def trashed(request: PersonRequest) -> HttpResponse:
    after = cursor(request)
    page = history.trash(user=request.user, after=after)
    context = {
        "tiles": tiles(page.pictures),
        "next": next_page("generation:trash", page, {}),
        "selectable": True,
        "in_trash": True,
        "trash_days": settings.TRASH_DAYS,
    }
    return render(
        request, "generation/_tiles.html" if fragment(request) and after else "generation/trash.html", context
    )


@require_POST
@allow(Caller.PERSON)
def empty(request: PersonRequest) -> HttpResponseBase:
    _say_gone(request, trash.empty(user=request.user))
    return redirect("generation:trash")


@require_POST
@allow(Caller.PERSON)
def undo(request: PersonRequest, act: int) -> HttpResponseBase:
    """Bring back what was thrown away in one act."""
    restored = trash.undo(user=request.user, act=act)
    if not restored:
        raise Http404
    _say_restored(request, restored)
    return redirect("generation:history")


@require_POST
@allow(Caller.PERSON)
def selection(request: PersonRequest) -> HttpResponseBase:
    """Do one thing to every picture that was chosen; those of other people are not found, as everywhere."""
    user, ids, action = request.user, _chosen(request), request.POST.get("action", "")
    if not ids:
        messages.info(request, _("Choose some pictures first."))
    elif action == "favourite":
        favourites.mark(user=user, ids=ids)
    elif action == "unfavourite":
        favourites.unmark(user=user, ids=ids)
    elif action == "delete":
        _throw_away(request, ids)
    elif action == "restore":
        _say_restored(request, trash.restore(user=user, pictures=ids))
    elif action == "purge":
        _say_gone(request, trash.purge(user=user, pictures=ids))
    return redirect("generation:trash" if action in ("restore", "purge") else "generation:history")


def _throw_away(request: PersonRequest, ids: list[UUID]) -> None:
    now = timezone.now()
    count = trash.delete(user=request.user, pictures=ids, at=now)
    sentence = ngettext("%(n)s picture moved to the trash.", "%(n)s pictures moved to the trash.", count)
    address = reverse("generation:trash-undo", args=[trash.act_at(now)]) if count else ""
    messages.success(request, sentence % {"n": count}, extra_tags=address)


def _say_restored(request: PersonRequest, count: int) -> None:
    messages.success(
        request, ngettext("%(n)s picture restored.", "%(n)s pictures restored.", count) % {"n": count}
    )


def _say_gone(request: PersonRequest, count: int) -> None:
    sentence = ngettext("%(n)s picture deleted for good.", "%(n)s pictures deleted for good.", count)
    messages.success(request, sentence % {"n": count})


def _chosen(request: PersonRequest) -> list[UUID]:
    found: list[UUID] = []
    for text in request.POST.getlist("picture")[:MOST_AT_ONCE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def cursor(request: PersonRequest) -> history.Cursor | None:
    try:
        return history.Cursor.parse(request.GET["after"]) if request.GET.get("after") else None
    except history.BadCursor:
        return None


def next_page(name: str, page: history.Page, kept: dict[str, str]) -> str:
    if page.after is None:
        return ""
    return f"{reverse(name)}?{urlencode({key: value for key, value in kept.items() if value} | {'after': page.after})}"

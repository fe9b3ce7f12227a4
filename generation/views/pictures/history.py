"""/history/ and the trash: pages of pictures, and what is done to many of them at once."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.callers import PersonRequest
from generation.pictures import favourites, history, trash
from generation.views.jobs import cards
from generation.views.jobs.words import words
from generation.views.paging import cursor, next_page, search_words, searching, selected
from generation.views.tiles import tiles
from image2.lib.http.access import Caller, allow


@require_safe
@vary_on_headers("HX-Request")
@allow(Caller.PERSON)
def pictures(request: PersonRequest) -> HttpResponse:
    search = search_words(request)
    only_favourites = request.GET.get("show") == "favourites"
    after = cursor(request)
    read = history.favourites if only_favourites else history.newest
    with searching(request, search):
        page = read(user=request.user, after=after, words=search)
    kept = {"q": search, "show": "favourites" if only_favourites else ""}
    context = {
        "tiles": tiles(page.pictures),
        "next": next_page("generation:history", page.after, kept),
        "selectable": True,
        "search": search,
        "only_favourites": only_favourites,
    }
    if request.htmx and after:
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
        "next": next_page("generation:trash", page.after),
        "selectable": True,
        "in_trash": True,
        "trash_days": settings.TRASH_DAYS,
    }
    return render(
        request, "generation/_tiles.html" if request.htmx and after else "generation/trash.html", context
    )


@require_POST
@allow(Caller.PERSON)
def empty(request: PersonRequest) -> HttpResponseBase:
    _say_deleted(request, trash.empty(user=request.user))
    return redirect("generation:trash")


@require_POST
@allow(Caller.PERSON)
def undo(request: PersonRequest, act: int) -> HttpResponseBase:
    """Restore what was deleted in one action."""
    if restored := trash.undo(user=request.user, act=act):
        _say_restored(request, restored)
    else:
        messages.info(
            request, _("There's nothing to restore: it's already restored, or permanently deleted.")
        )
    return redirect("generation:history")


@require_POST
@allow(Caller.PERSON)
def selection(request: PersonRequest) -> HttpResponseBase:
    """Do one thing to every picture that was chosen; those of other people count as missing, as everywhere."""
    user, ids, action = request.user, selected(request), request.POST.get("action", "")
    if not ids:
        messages.info(request, _("Select some pictures first."))
    elif action == "favourite":
        favourites.mark(user=user, ids=ids)
    elif action == "unfavourite":
        favourites.unmark(user=user, ids=ids)
    elif action == "delete":
        _delete(request, ids)
    elif action == "restore":
        _say_restored(request, trash.restore(user=user, pictures=ids))
    elif action == "purge":
        _say_deleted(request, trash.purge(user=user, pictures=ids))
    return redirect("generation:trash" if action in ("restore", "purge") else "generation:history")


def _delete(request: PersonRequest, ids: list[UUID]) -> None:
    now = timezone.now()
    count = trash.delete(user=request.user, pictures=ids, at=now)
    sentence = ngettext("%(n)s picture moved to the trash.", "%(n)s pictures moved to the trash.", count)
    address = reverse("generation:trash-undo", args=[trash.act_at(now)]) if count else ""
    messages.success(request, sentence % {"n": count}, extra_tags=address)


def _say_restored(request: PersonRequest, count: int) -> None:
    messages.success(
        request, ngettext("%(n)s picture restored.", "%(n)s pictures restored.", count) % {"n": count}
    )


def _say_deleted(request: PersonRequest, count: int) -> None:
    sentence = ngettext("%(n)s picture permanently deleted.", "%(n)s pictures permanently deleted.", count)
    messages.success(request, sentence % {"n": count})

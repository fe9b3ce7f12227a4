"""/editor/ and its trash: documents with what they show, and what is done to one of them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.callers import PersonRequest
from accounts.people import preferences
from editor import documents as use
from editor.models import Document
from editor.views.answers import private
from generation import fair_shares
from generation.uploads import intake
from image2.lib.http.access import Caller, allow


@require_safe
@allow(Caller.PERSON)
def documents(request: PersonRequest) -> HttpResponse:
    page = _page(request)
    found = use.listed(Document.objects.visible_to(request.user), page=page)
    context = {"documents": found, "next": page + 1 if len(found) == use.PAGE else 0, "page": page}
    return render(request, "editor/documents.html", context | {"preferred": preferences.of(request.user)})


@require_safe
@allow(Caller.PERSON)
def trash(request: PersonRequest) -> HttpResponse:
    page = _page(request)
    found = use.listed(Document.objects.in_trash_of(request.user), page=page)
    context = {"documents": found, "next": page + 1 if len(found) == use.PAGE else 0, "page": page}
    return render(request, "editor/trash.html", context | {"trash_days": settings.TRASH_DAYS})


@require_POST
@allow(Caller.PERSON)
def rename(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    """The list asks with a form; the document's page, by a script, for the name as it is kept."""
    try:
        renamed = use.rename(user=request.user, document_id=document_id, title=request.POST.get("title", ""))
    except Document.DoesNotExist:
        raise Http404 from None
    if "application/json" in request.headers.get("Accept", ""):
        return private({"title": renamed.title})
    return redirect("editor:documents")


@require_POST
@allow(Caller.PERSON)
def duplicate(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    try:
        with fair_shares.turn("document", caller=request.user.pk):
            use.duplicate(user=request.user, document_id=document_id)
    except Document.DoesNotExist:
        raise Http404 from None
    except intake.Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Copied, with every step."))
    return redirect("editor:documents")


@require_POST
@allow(Caller.PERSON)
def delete(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    try:
        use.throw_away(user=request.user, document_id=document_id)
    except Document.DoesNotExist:
        raise Http404 from None
    sentence = ngettext(
        "Moved to the trash. It can be restored for %(n)s day.",
        "Moved to the trash. It can be restored for %(n)s days.",
        settings.TRASH_DAYS,
    )
    undo = reverse("editor:restore", args=[document_id])
    messages.success(request, sentence % {"n": settings.TRASH_DAYS}, extra_tags=undo)
    return redirect("editor:documents")


@require_POST
@allow(Caller.PERSON)
def restore(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    try:
        use.restore(user=request.user, document_id=document_id)
    except Document.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("Restored."))
    return redirect("editor:documents")


@require_POST
@allow(Caller.PERSON)
def purge(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    if use.purge(user=request.user, document_id=document_id):
        messages.success(request, _("Deleted for good, with every step and every copy."))
    else:
        # Somebody else's is as gone as one that another tab deleted: one answer for both, so that it tells nothing.
        messages.info(request, _("This document is already deleted."))
    return redirect("editor:trash")


def _page(request: PersonRequest) -> int:
    text = request.GET.get("page", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0

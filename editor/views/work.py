"""Orders for a worker: compare a digest, make a picture or a new document; and how far that is."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.callers import PersonRequest
from editor import exporting, runs
from editor.files import making
from editor.models import Document, Operation, Run
from editor.views.answers import Unreadable, body_of, private, refused, unreadable, uuid_of
from generation import fair_shares
from image2.lib.http.access import Caller, allow

MOST_EXPORTS: Final = 4
MOST_FLATTENED: Final = 4
# What a page orders and then asks about.
ORDERED: Final = (Run.Kind.EXPORT, Run.Kind.FLATTEN)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@require_POST
@allow(Caller.PERSON)
def check(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    """Take what a browser shows after an operation; one check of a document waits at a time."""
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    try:
        body = body_of(request)
        operation, digest = uuid_of(body.get("operation")), body.get("digest")
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise Unreadable
    except Unreadable:
        return unreadable()
    if not Operation.objects.filter(document=document, uid=operation).exists():
        return refused(_("The document has no such step to go to. Reload the page."))
    fair_shares.take("replay", caller=request.user.pk)
    if not Run.objects.filter(document=document, kind=Run.Kind.CHECK, state__in=Run.LIVE).exists():
        runs.queue(document, Run.Kind.CHECK, operation, claimed_digest=digest)
    return private({}, 202)


@require_POST
@allow(Caller.PERSON)
def export(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    """Order a picture or a file: the document's page says after which step, the list means the head."""
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    by_script = request.content_type == "application/json"
    try:
        body = body_of(request) if by_script else request.POST
        operation = uuid_of(body.get("operation")) if by_script else document.head
        form = body.get("format", "png")
    except Unreadable:
        return unreadable()
    formats = (*exporting.FORMATS, *making.FORMATS)
    if form not in formats:
        return refused(_("Choose one of these formats: %(formats)s.") % {"formats": ", ".join(formats)})
    if operation is None or not Operation.objects.filter(document=document, uid=operation).exists():
        return refused(_("The document has no such step to go to. Reload the page."))
    live = Run.objects.filter(document__owner=request.user, kind=Run.Kind.EXPORT, state__in=Run.LIVE)
    same = live.filter(document=document, operation=operation, format=form).first()
    if same is None and live.count() >= MOST_EXPORTS:
        sentence = _("%(most)s pictures are being made already. Wait for one to end.")
        sentence %= {"most": MOST_EXPORTS}
        if by_script:
            return refused(sentence, status=429)
        messages.error(request, sentence)
        return redirect("editor:documents")
    fair_shares.take("replay", caller=request.user.pk)
    made = same or runs.queue(document, Run.Kind.EXPORT, operation, format=form)
    if by_script:
        return private(_state(made), 202)
    if form in making.FORMATS:
        messages.success(request, _("The file is being made. Its download appears in this list."))
    else:
        messages.success(request, _("The picture is being made. It appears in your history."))
    return redirect("editor:documents")


@require_POST
@allow(Caller.PERSON)
def flatten(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    """Order a new document of what this one shows: its page says after which step, the list means the head."""
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    by_script = request.content_type == "application/json"
    try:
        operation = uuid_of(body_of(request).get("operation")) if by_script else document.head
    except Unreadable:
        return unreadable()
    if operation is None or not Operation.objects.filter(document=document, uid=operation).exists():
        return refused(_("The document has no such step to go to. Reload the page."))
    live = Run.objects.filter(document__owner=request.user, kind=Run.Kind.FLATTEN, state__in=Run.LIVE)
    same = live.filter(document=document, operation=operation).first()
    if same is None and live.count() >= MOST_FLATTENED:
        sentence = _("%(most)s documents are being flattened already. Wait for one to end.")
        sentence %= {"most": MOST_FLATTENED}
        if by_script:
            return refused(sentence, status=429)
        messages.error(request, sentence)
        return redirect("editor:documents")
    fair_shares.take("replay", caller=request.user.pk)
    made = same or runs.queue(document, Run.Kind.FLATTEN, operation)
    if by_script:
        return private(_state(made), 202)
    messages.success(request, _("The flattened document is being made. It appears in this list."))
    return redirect("editor:documents")


@require_safe
@allow(Caller.PERSON)
def run(request: PersonRequest, document_id: UUID, run_id: UUID) -> HttpResponseBase:
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    return private(_state(get_object_or_404(Run, document=document, kind__in=ORDERED, pk=run_id)))


def _state(made: Run) -> dict[str, Any]:
    state: dict[str, Any] = {
        "run": reverse("editor:run", args=[made.document_id, made.pk]),
        "state": made.state,
        "done": made.done,
        "of": made.of,
        "sentence": made.sentence,
    }
    if made.made:
        state["document"] = reverse("editor:document", args=[made.made])
    if made.file_id:
        state["download"] = reverse("editor:file", args=[made.document_id, made.pk])
    if made.picture:
        state["picture"] = reverse("generation:picture", args=[made.picture])
        state["download"] = reverse("generation:download", args=[made.picture, made.format])
    return state

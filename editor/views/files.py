"""A document's pictures: streamed by the site itself also where storage is elsewhere, and brought by the one ingest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.callers import PersonRequest
from editor import assets as kept
from editor.files import making
from editor.models import Asset, Document, Run
from editor.views.answers import private, refused
from generation.files import ranges, serving, storing
from generation.uploads import intake
from image2.lib.http.access import Caller, allow

log = structlog.get_logger(__name__)

_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"


@require_safe
@allow(Caller.PERSON)
def asset(request: PersonRequest, document_id: UUID, sha256: str) -> HttpResponseBase:
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    return _show(request, document, sha256, Asset.Role.PICTURE, "image/png")


@require_safe
@allow(Caller.PERSON)
def thumbnail(request: PersonRequest, document_id: UUID, sha256: str) -> HttpResponseBase:
    document = get_object_or_404(Document.objects.owned_by(request.user), pk=document_id)  # the trash too
    thumbnails = document.assets.filter(role=Asset.Role.THUMBNAIL)
    if not thumbnails.filter(sha256=sha256).exists() and (newest := thumbnails.order_by("-pk").first()):
        # A worker made another one since the page was made.
        return redirect("editor:thumbnail", document.pk, newest.sha256)
    return _show(request, document, sha256, Asset.Role.THUMBNAIL, "image/webp")


@require_POST
@allow(Caller.PERSON)
def assets(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    file = request.FILES.get("file")
    if file is None:
        return refused(_("Choose a picture first."))
    try:
        brought = kept.bring(document, file)
    except intake.Refused as refusal:
        return refused(refusal.sentence)
    except Asset.DoesNotExist:  # the document was deleted meanwhile
        raise Http404 from None
    return private({"sha256": brought.sha256, "width": brought.width, "height": brought.height})


@require_safe
@allow(Caller.PERSON)
def made(request: PersonRequest, document_id: UUID, run_id: UUID) -> HttpResponseBase:
    """Download a file that a worker made: a project, or one for another program."""
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    run = get_object_or_404(
        Run.objects.select_related("file"), document=document, pk=run_id, file__isnull=False
    )
    file = run.file
    assert file is not None
    stored = _Stored(file.key, run.format, file.sha256, file.bytes)
    name = making.filename(document, run.format)
    return serving.save(request, stored, filename=name, cache=serving.ASK_AGAIN)


@dataclass
class _Stored:
    """What `serving` asks of a row."""

    key: str
    format: str
    sha256: str
    bytes: int


def _show(
    request: PersonRequest, document: Document, sha256: str, role: Asset.Role, content_type: str
) -> HttpResponseBase:
    found = get_object_or_404(Asset, document=document, role=role, sha256=sha256)
    headers = {
        "Content-Type": content_type,
        "Cache-Control": serving.FOR_EVER,
        "ETag": f'"{found.sha256[:32]}"',
        "Content-Disposition": "inline",
    }
    unchanged: HttpResponse | None = get_conditional_response(request, etag=headers["ETag"])
    if unchanged is not None:
        unchanged["Cache-Control"], unchanged["ETag"] = headers["Cache-Control"], headers["ETag"]
        return unchanged
    try:
        response = ranges.stream(request, found.key, size=found.bytes, headers=headers)
    except storing.ObjectMissing:
        log.exception("document.asset_lost", key=found.key)
        raise Http404 from None
    except storing.StorageError:
        log.exception("document.asset_unavailable", key=found.key)
        return serving.unavailable(request)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response

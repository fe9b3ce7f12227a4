"""/uploads/: the pictures a person uploaded, to view, to start from, to delete."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
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
from generation import fair_shares
from generation.models import File, Picture, TakeDown, Upload
from generation.pictures import history, trash
from generation.uploads import intake as incoming
from generation.uploads import listing, storage_used, unused
from generation.views.htmx import toast_only
from generation.views.paging import cursor, next_page, selected
from generation.views.tiles import Tile, tiles
from image2.lib.http.access import Caller, allow

MADE_SHOWN: Final = 24


@dataclass(frozen=True)
class UploadTile(Tile):
    """An upload with its size and, while nothing uses it, when it will be deleted."""

    upload: Upload
    ends_at: datetime | None

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def files(self) -> list[File]:
        return list(getattr(self.upload, "thumbnails", ()))


@require_safe
@vary_on_headers("HX-Request")
@allow(Caller.PERSON)
def uploads(request: PersonRequest) -> HttpResponse:
    after = cursor(request)
    page = listing.newest(user=request.user, after=after)
    context: dict[str, Any] = {
        "tiles": _tiles(page.uploads),
        "next": next_page("generation:uploads", page.after),
        "selectable": True,
    }
    if request.htmx and after:
        return render(request, "generation/_upload_tiles.html", context)
    return render(request, "generation/uploads.html", context | _room(request) | {"is_front": after is None})


@require_safe
@allow(Caller.PERSON)
def upload(request: PersonRequest, upload_id: UUID) -> HttpResponseBase:
    mine = listing.with_files(Upload.objects.visible_to(request.user).listed()).filter(pk=upload_id).first()
    if mine is None:
        return _unreachable(request, upload_id)
    made = Picture.objects.visible_to(request.user).filter(parents__upload=mine).distinct()
    context = {
        "tile": _tiles([mine])[0],
        "made": tiles(history.with_thumbnails(made.newest_first())[:MADE_SHOWN]),
        "unused_days": settings.UPLOAD_UNUSED_DAYS,
    }
    return render(request, "generation/upload.html", context)


def _unreachable(request: PersonRequest, upload_id: UUID) -> HttpResponseBase:
    """Lead to the decision about an upload that staff took down. Raises Http404 for any other."""
    if TakeDown.objects.visible_to(request.user).in_force().filter(upload_id=upload_id).exists():
        return redirect("generation:taken-down")
    raise Http404


@require_POST
@allow(Caller.PERSON)
def add(request: PersonRequest) -> HttpResponseBase:
    """Upload a picture for later."""
    file = request.FILES.get("file")
    if file is None:
        return _refused(request, _("Choose a picture first."), status=422)
    try:
        kept = incoming.ingest(user=request.user, file=file)
    except incoming.Refused as refused:
        return _refused(request, refused.sentence, status=422)
    except fair_shares.OverShare as over:
        answer = _refused(request, over.sentence, status=429)
        answer["Retry-After"] = str(over.retry_after)
        return answer
    messages.success(request, _("Uploaded."))
    return redirect(f"{reverse('generation:uploads')}#picture-{kept.pk}")


@require_POST
@allow(Caller.PERSON)
def delete(request: PersonRequest, upload_id: UUID) -> HttpResponseBase:
    if not Upload.objects.visible_to(request.user).filter(pk=upload_id).exists():
        return _nothing_to_do(request, _("This upload is already deleted."))
    undo_at = _delete(request, [upload_id])[1]
    if request.htmx:
        return toast_only(_("Upload deleted."), undo=undo_at)
    messages.success(request, _("Upload deleted."), extra_tags=undo_at)
    return redirect("generation:uploads")


@require_POST
@allow(Caller.PERSON)
def undo(request: PersonRequest, upload_act: int) -> HttpResponseBase:
    """Restore what was deleted in one action, as long as its files are there."""
    pks = trash.undo_uploads(user=request.user, act=upload_act)
    if not pks:
        return _nothing_to_do(
            request, _("There's nothing to restore: it's already restored, or permanently deleted.")
        )
    sentence = ngettext("%(n)s upload restored.", "%(n)s uploads restored.", len(pks)) % {"n": len(pks)}
    if request.htmx:
        return toast_only(sentence, restored=str(pks[0]))
    messages.success(request, sentence)
    return redirect("generation:uploads")


def _nothing_to_do(request: PersonRequest, sentence: str) -> HttpResponseBase:
    """Another tab was first, or it belongs to another person: the same answer, which reveals nothing."""
    if request.htmx:
        return toast_only(sentence)
    messages.info(request, sentence)
    return redirect("generation:uploads")


@require_POST
@allow(Caller.PERSON)
def selection(request: PersonRequest) -> HttpResponseBase:
    """Delete the uploads that were chosen; those of other people count as missing, as everywhere."""
    ids = selected(request)
    if not ids:
        messages.info(request, _("Select some uploads first."))
    else:
        count, undo_at = _delete(request, ids)
        sentence = ngettext("%(n)s upload deleted.", "%(n)s uploads deleted.", count) % {"n": count}
        messages.success(request, sentence, extra_tags=undo_at if count else "")
    return redirect("generation:uploads")


def _delete(request: PersonRequest, ids: Collection[UUID]) -> tuple[int, str]:
    """Return how many were deleted, and the URL that undoes it."""
    now = timezone.now()
    count = trash.delete_uploads(user=request.user, uploads=ids, at=now)
    return count, reverse("generation:upload-undo", args=[trash.act_at(now)])


def _refused(request: PersonRequest, sentence: str, *, status: int) -> HttpResponse:
    page = listing.newest(user=request.user)
    context = {
        "tiles": _tiles(page.uploads),
        "next": next_page("generation:uploads", page.after),
        "selectable": True,
        "is_front": True,
    }
    return render(
        request, "generation/uploads.html", context | _room(request) | {"refusal": sentence}, status=status
    )


def _room(request: PersonRequest) -> dict[str, Any]:
    used, limit = storage_used.used(request.user), storage_used.limit_of(request.user)
    return {
        "used": used,
        "limit": limit,
        "is_full": used >= limit,
        "unused_days": settings.UPLOAD_UNUSED_DAYS,
    }


def _tiles(found: Collection[Upload]) -> list[UploadTile]:
    used = unused.in_use(found)
    return [UploadTile(upload, upload, unused.ends_at(upload, used)) for upload in found]

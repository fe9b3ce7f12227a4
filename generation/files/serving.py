"""Private files for their owner: who may see which, and how they are sent (by us, by a proxy, or from S3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable
from urllib.parse import quote
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.storage import storages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from generation.files import masters, ranges, storing
from generation.models import File
from generation.png import NotAPng

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

log = structlog.get_logger(__name__)

CONTENT_TYPES: Final = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "zip": "application/zip",
}
# The bytes behind a URL never change, so a browser needn't ask again. Vary: Cookie keeps them from the next person who
# signs in.
FOR_EVER: Final = "private, max-age=31536000, immutable"
LINK_SECONDS: Final = 300
# The redirect to a signed link may be cached for less time than the link is valid.
_REDIRECT: Final = "private, max-age=240"
# For a URL whose bytes depend on a setting of the person: the browser asks each time.
ASK_AGAIN: Final = "private, no-cache"
_REDIRECT_ONCE: Final = "private, no-store"
_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
_THUMBNAILS: Final = (File.Role.THUMB_256, File.Role.THUMB_512, File.Role.THUMB_1024)


class Stored(Protocol):
    """A row that publishes an object: a ``File``, or another app's."""

    key: str
    format: str
    sha256: str
    bytes: int


@runtime_checkable
class GivesLinks(Protocol):
    """A storage that browsers can read from, by signed links that expire soon."""

    def link(self, name: str, *, headers: dict[str, str], seconds: int) -> str: ...


def file_of(*, user: User | AnonymousUser, file_id: int) -> File:
    """Return a file that `user` may see. Raises Http404 for any other, whether or not it exists.

    Downloads have no URL by number: their own view decides each time whether the recipe may be inside.
    """
    return _one(user, Q(pk=file_id) & ~Q(role=File.Role.DOWNLOAD))


def picture_file(*, user: User | AnonymousUser, picture_id: UUID, role: str) -> File:
    """Return the file of this role of a picture. Raises Http404."""
    return _one(user, Q(picture_id=picture_id, role=role) & ~Q(role=File.Role.DOWNLOAD))


def upload_file(*, user: User | AnonymousUser, upload_id: UUID, role: str) -> File:
    """Return the file of this role of an upload. Raises Http404."""
    return _one(user, Q(upload_id=upload_id, role=role, variant=""))


def show(request: HttpRequest, file: File) -> HttpResponseBase:
    """Return a response that shows a file; a master never has the recipe inside. Raises Http404 when it is lost."""
    try:
        file = masters.plain(file)
    except storing.ObjectMissing:
        log.exception("file.lost", key=file.key)
        raise Http404 from None
    except (storing.StorageError, NotAPng):
        log.exception("file.unavailable", key=file.key)
        return unavailable(request)
    return _respond(request, file, {"Content-Disposition": "inline", "Cache-Control": FOR_EVER})


def show_as_it_is(request: HttpRequest, file: Stored) -> HttpResponseBase:
    """Return a response that shows what another row publishes. Raises Http404 when storage has lost it."""
    return _respond(request, file, {"Content-Disposition": "inline", "Cache-Control": FOR_EVER})


def save(request: HttpRequest, file: Stored, *, filename: str, cache: str = FOR_EVER) -> HttpResponseBase:
    """Return a response that downloads a file under this name. Raises Http404 when storage has lost it."""
    disposition = content_disposition_header(as_attachment=True, filename=filename)
    headers = {"Content-Disposition": disposition or "attachment", "Cache-Control": cache}
    return _respond(request, file, headers)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return 503: storage is unavailable. A page for a link that was followed, else a sentence."""
    if "text/html" in request.headers.get("Accept", ""):
        response = render(request, "errors/503.html", status=503)
    else:
        sentence = _("This file can't be read just now. It isn't lost: try again in a minute.")
        response = HttpResponse(sentence, status=503, content_type="text/plain")
    response["Retry-After"] = "60"
    return response


def _one(user: User | AnonymousUser, which: Q) -> File:
    mine = Q(picture__owner=user.pk) | Q(upload__owner=user.pk, upload__deleted_at__isnull=True)
    # In the trash a picture is only shown small, so that it can be recognised.
    there = Q(picture__deleted_at__isnull=True) | Q(role__in=_THUMBNAILS)
    reachable = Q(picture__taken_down_at__isnull=True, upload__taken_down_at__isnull=True)
    file = File.objects.filter(mine, there, reachable, which).first() if user.is_authenticated else None
    if file is None:
        raise Http404
    return file


def _respond(request: HttpRequest, file: Stored, headers: dict[str, str]) -> HttpResponseBase:
    content_type = CONTENT_TYPES.get(file.format, "application/octet-stream")
    response = _carry(request, file, {"Content-Type": content_type, **headers})
    if response.status_code == 503:
        return response  # our own text, under the site's own policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _carry(request: HttpRequest, file: Stored, headers: dict[str, str]) -> HttpResponseBase:
    storage = storages["default"]
    if isinstance(storage, GivesLinks):
        address = storage.link(file.key, headers=headers, seconds=LINK_SECONDS)
        redirect = _REDIRECT if headers["Cache-Control"] == FOR_EVER else _REDIRECT_ONCE
        return HttpResponseRedirect(address, headers={"Cache-Control": redirect})
    headers["ETag"] = f'"{file.sha256[:32]}"'
    unchanged: HttpResponse | None = get_conditional_response(request, etag=headers["ETag"])
    if unchanged is not None:
        unchanged["Cache-Control"], unchanged["ETag"] = headers["Cache-Control"], headers["ETag"]
        return unchanged
    if settings.FILES_X_ACCEL:
        path = quote(f"{settings.FILES_X_ACCEL.rstrip('/')}/{file.key}")
        return HttpResponse(headers={**headers, "X-Accel-Redirect": path})
    try:
        return ranges.stream(request, file.key, size=file.bytes, headers=headers)
    except storing.ObjectMissing:
        log.exception("file.lost", key=file.key)
        raise Http404 from None
    except storing.StorageError:
        log.exception("file.unavailable", key=file.key)
        return unavailable(request)


__all__ = [
    "ASK_AGAIN",
    "CONTENT_TYPES",
    "FOR_EVER",
    "GivesLinks",
    "Stored",
    "file_of",
    "picture_file",
    "save",
    "show",
    "show_as_it_is",
    "unavailable",
    "upload_file",
]

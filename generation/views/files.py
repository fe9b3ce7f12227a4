"""The files of pictures and uploads, and downloads, for their owner and nobody else."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.people import preferences
from generation.files import downloads, serving, storing
from generation.models import Picture
from generation.png import NotAPng
from image2.lib.http.access import Caller, allow

log = structlog.get_logger(__name__)


@require_safe
@allow(Caller.PERSON)
def file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    return serving.show(request, serving.file_of(user=request.user, file_id=file_id))


@require_safe
@allow(Caller.PERSON)
def picture_file(request: HttpRequest, picture_id: UUID, role: str) -> HttpResponseBase:
    return serving.show(request, serving.picture_file(user=request.user, picture_id=picture_id, role=role))


@require_safe
@allow(Caller.PERSON)
def upload_file(request: HttpRequest, upload_id: UUID, role: str) -> HttpResponseBase:
    return serving.show(request, serving.upload_file(user=request.user, upload_id=upload_id, role=role))


@require_safe
@allow(Caller.PERSON)
def download(request: HttpRequest, picture_id: UUID, form: str) -> HttpResponseBase:
    """Download the picture in this format; whether its recipe is inside is decided each time.

    The person's setting says so, unless they chose otherwise for this one download (``?recipe=0``, ``?recipe=1``).
    """
    picture = get_object_or_404(Picture.objects.visible_to(request.user), pk=picture_id)
    asked = request.GET.get("recipe", "")
    wanted = asked != "0" if asked else preferences.of(request.user).recipe_in_downloads
    try:
        if wanted:
            made, name = downloads.with_recipe(picture, form), downloads.filename(picture, form)
        else:
            made, name = downloads.without_recipe(picture, form), downloads.plain_filename(picture, form)
    except downloads.UnknownFormat:
        raise Http404 from None
    except (storing.StorageError, NotAPng):
        log.exception("download.unavailable", picture=str(picture.pk), form=form)
        return serving.unavailable(request)
    return serving.save(request, made, filename=name, cache=serving.FOR_EVER if asked else serving.ASK_AGAIN)

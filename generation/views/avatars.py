"""/account/avatar/: a person's own picture, in the header and in the settings."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.callers import PersonRequest
from generation import fair_shares
from generation.avatars import choosing
from generation.files import serving
from generation.models import Avatar, Picture
from image2.lib.http.access import Caller, allow

_SETTINGS = "accounts:settings"


@require_POST
@allow(Caller.PERSON)
def use_file(request: PersonRequest) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a picture first."))
        return redirect(_SETTINGS)
    try:
        choosing.use_file(user=request.user, file=file)
    except (choosing.Refused, fair_shares.OverShare) as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Your profile picture was saved."))
    return redirect(_SETTINGS)


@require_POST
@allow(Caller.PERSON)
def use_picture(request: PersonRequest, picture_id: UUID) -> HttpResponse:
    try:
        choosing.use_picture(user=request.user, picture_id=picture_id)
    except Picture.DoesNotExist:
        raise Http404 from None
    except (choosing.Refused, fair_shares.OverShare) as refused:
        messages.error(request, refused.sentence)
        return redirect("generation:picture", picture_id)
    messages.success(request, _("This is your profile picture now."))
    return redirect("generation:picture", picture_id)


@require_POST
@allow(Caller.PERSON)
def remove(request: PersonRequest) -> HttpResponse:
    if choosing.remove(request.user):
        messages.success(request, _("Your profile picture was removed."))
    else:
        messages.info(request, _("Your profile picture is already removed."))
    return redirect(_SETTINGS)


@require_safe
@allow(Caller.PERSON)
def show(request: PersonRequest, side: int, version: str) -> HttpResponseBase:
    mine = get_object_or_404(Avatar.objects.visible_to(request.user), side=side, version=version)
    return serving.show_as_it_is(request, mine)

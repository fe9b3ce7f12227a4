"""The page of a person's copy of their data: order it, see how far it is, download its parts, remove it."""

from __future__ import annotations

import time
from typing import Any, Final
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import mail
from accounts.callers import PersonRequest
from generation.files import serving
from image2.lib.http.access import Caller, allow
from privacy.export import housekeeping, queue
from privacy.models import Export, ExportPart

# Downloads go on, and are taken up again, for so long after the person has confirmed who they are.
UNLOCKED_SECONDS: Final = 12 * 3600
_UNLOCKED: Final = "export_unlocked"


@allow(Caller.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # allauth's
def page(request: PersonRequest) -> HttpResponse:
    if request.method == "POST":
        queue.start(request.user)
        return redirect("privacy:export")
    template = "privacy/_export.html" if request.htmx else "privacy/export.html"
    return render(request, template, _context(request))


@allow(Caller.PERSON)
@require_POST
def remove(request: PersonRequest, export_id: UUID) -> HttpResponse:
    """Stop it or remove it; once more changes nothing."""
    export = get_object_or_404(Export.objects.visible_to(request.user), pk=export_id)
    was_ready = export.state in (Export.State.DONE, Export.State.REMOVED)
    queue.remove(export)
    messages.success(request, _("The copy was deleted.") if was_ready else _("The copy was cancelled."))
    return redirect("privacy:export")


@allow(Caller.PERSON)
@require_safe
def part(request: PersonRequest, export_id: UUID, part: int) -> HttpResponseBase:
    export = get_object_or_404(Export.objects.visible_to(request.user), pk=export_id)
    found = get_object_or_404(ExportPart, export=export, number=part)
    _ask_who(request, export)
    return serving.save(request, found, filename=_filename(found), cache=serving.ASK_AGAIN)


def _ask_who(request: HttpRequest, export: Export) -> None:
    """Raise ReauthenticationRequired unless they confirmed who they are, lately or for a download of this copy."""
    unlocked: dict[str, float] = request.session.get(_UNLOCKED, {})
    if time.time() - unlocked.get(str(export.pk), 0) < UNLOCKED_SECONDS:
        return
    if is_reauthentication_required(request, app=""):
        raise ReauthenticationRequired
    request.session[_UNLOCKED] = {str(export.pk): time.time()}


def _filename(found: ExportPart) -> str:
    day = f"{found.export.created_at:%Y-%m-%d}"
    return f"image2-{day}-{found.number}-of-{found.export.parts.count()}.zip"


def _context(request: PersonRequest) -> dict[str, Any]:
    export = queue.current(request.user)
    context: dict[str, Any] = {
        "export": export,
        "days": settings.EXPORT_DAYS,
        "address": mail.address_of(request.user),
    }
    if export is None:
        return context
    parts = list(export.parts.order_by("number"))
    return context | {
        "is_live": export.state in Export.LIVE,
        "parts": parts,
        "total": sum(each.bytes for each in parts),
        "until": housekeeping.kept_until(export),
    }

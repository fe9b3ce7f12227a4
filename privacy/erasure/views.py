"""The page that deletes an account, the one after it, and the one to which the link in the mail leads."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import mail
from accounts.callers import PersonRequest
from image2.lib.http.access import Caller, allow
from privacy.data import inventory
from privacy.erasure import ordering, stopping


class DeleteForm(forms.Form):
    understood = forms.BooleanField(
        label=gettext_lazy("I understand that everything listed under “What is deleted” will be gone"),
        error_messages={"required": gettext_lazy("Tick this box to delete the account.")},
    )


@allow(Caller.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # allauth's
def page(request: PersonRequest) -> HttpResponse:
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ordering.order(request.user)
        except ordering.IsStaff as refusal:
            form.add_error(None, str(refusal))
        else:
            logout(request)
            return redirect("privacy:closed")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "privacy/erasure.html", _context(request) | {"form": form}, status=status)


@allow(Caller.ANYONE)
@require_safe
def closed(request: HttpRequest) -> HttpResponse:
    """Say what happens now, to somebody who isn't signed in any more."""
    return render(request, "privacy/closed.html", {"days": settings.ERASURE_DAYS})


@allow(Caller.ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def reopen(request: HttpRequest, token: str) -> HttpResponse:
    """Reopen an account by POST: programs that scan mails follow links, and press no buttons."""
    try:
        if request.method == "POST":
            ordering.reopen(token)
            messages.success(request, _("Your account is open again. Log in to continue."))
            return redirect(settings.LOGIN_URL)
        context: dict[str, Any] = {"erasure": ordering.of_link(token)}
    except ordering.LinkUsed:
        response = render(request, "privacy/reopen.html", {"erasure": None}, status=HTTPStatus.GONE)
    else:
        response = render(request, "privacy/reopen.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _context(request: PersonRequest) -> dict[str, Any]:
    return {
        "going": inventory.sections_of(lambda row: row.goes),
        "staying": inventory.sections_of(lambda row: not row.goes),
        "staff_refusal": str(ordering.IsStaff()) if request.user.is_staff else "",
        "has": stopping.what_goes(request.user),
        "days": settings.ERASURE_DAYS,
        "address": mail.address_of(request.user),
    }

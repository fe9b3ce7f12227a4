"""Removing a second factor that was already removed, for example in another tab: says so and continues."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.connected import ways_in
from image2.lib.http.access import Caller


class _OnceIsEnough:
    caller = Caller.PERSON
    gone: Promise
    back: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # a view's
        except Http404:
            messages.info(request, str(self.gone))
            return redirect(self.back)
        return response


class RemovePasskey(_OnceIsEnough, RemoveWebAuthnView):
    gone = _("This passkey is already removed.")
    back = "mfa_list_webauthn"

    def form_valid(self, form: Any) -> HttpResponse:
        if ways_in.is_last(self.request.user, self.object):
            messages.error(
                self.request,
                str(_("You log in with this passkey only. Set a password first, then you can remove it.")),
            )
            return redirect(self.back)
        response: HttpResponse = super().form_valid(form)
        return response


class RemoveApp(_OnceIsEnough, DeactivateTOTPView):
    gone = _("The authenticator app is already removed.")
    back = "mfa_index"

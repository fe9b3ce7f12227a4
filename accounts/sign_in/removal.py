"""Removing a second factor that was already removed, for example in another tab: says so and continues."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


class RemoveApp(_OnceIsEnough, DeactivateTOTPView):
    gone = _("The authenticator app is already removed.")
    back = "mfa_index"

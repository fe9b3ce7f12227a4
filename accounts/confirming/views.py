"""The page that confirms who it is with a mailed code."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import BaseReauthenticateView
from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import mail
from accounts.sign_in import codes
from image2.lib.http import rate_limits
from image2.lib.http.access import Caller

_STATE: Final = "confirm_by_mail"
_SECONDS: Final = 600
_TRIES: Final = 5
_MAILS_A_MINUTE: Final = 3


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
        error_messages={"required": gettext_lazy("Enter the code from our e-mail.")},
    )

    def __init__(self, *args: Any, wanted: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted

    def clean_code(self) -> str:
        code = codes.plain(self.cleaned_data["code"])
        if not compare_user_code(actual=code, expected=self.wanted):
            raise forms.ValidationError(get_adapter().error_messages["incorrect_code"])
        return code


class ConfirmByMailView(BaseReauthenticateView):
    """First a button that sends the code, then the field for it."""

    caller = Caller.PERSON
    form_class = CodeForm
    template_name = "account/reauthenticate_by_mail.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "wanted": self._pending().get("code", "")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("action") == "send":
            return self._send()
        pending = self._pending()
        if not pending:
            messages.error(request, _("This code no longer works. Ask for a new one."))
            return self._again()
        tries = rate_limits.count(f"confirm:{request.user.pk}:{pending['at']}", seconds=_SECONDS)
        if tries > _TRIES:
            request.session.pop(_STATE, None)
            messages.error(request, _("Too many wrong codes. This code no longer works. Ask for a new one."))
            return self._again()
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_valid(self, form: forms.Form) -> HttpResponse:
        self.request.session.pop(_STATE, None)
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)
        response: HttpResponse = super().form_valid(form)
        return response

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        return self.render_to_response(  # type: ignore[no-any-return]  # allauth has no types
            self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "address": mail.address_of(self.request.user), "is_sent": bool(self._pending())}

    def _send(self) -> HttpResponse:
        user = self.request.user
        address = mail.address_of(user)
        if address is None:
            messages.error(self.request, _("Your e-mail address isn't confirmed yet. Confirm it first."))
            return redirect("account_email")
        if not rate_limits.allowed("confirm by mail", str(user.pk), limit=_MAILS_A_MINUTE, seconds=60):
            messages.error(self.request, get_adapter().error_messages["too_many_codes"])
            return self._again()
        adapter = get_adapter(self.request)
        code = adapter.generate_login_code()
        self.request.session[_STATE] = {"code": code, "at": time.time(), "user": str(user.pk)}
        adapter.send_mail("account/email/confirm_code", address, {"code": code})
        return self._again()

    def _pending(self) -> dict[str, Any]:
        """Return the code that was sent to this person in this session, while it is good."""
        state: dict[str, Any] = self.request.session.get(_STATE) or {}
        if state.get("user") != str(self.request.user.pk) or time.time() - state["at"] > _SECONDS:
            return {}
        return state

    def _again(self) -> HttpResponse:
        return redirect(self.passthrough_next_url(self.request.path))

"""The pages that ask for a mailed code: each try is counted in one step before it is judged."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.internal import flows
from allauth.core.exceptions import ImmediateHttpResponse, RateLimited
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic.edit import FormView

from accounts.sign_in import codes
from accounts.sign_in import sign_up as signing_up
from image2.lib.http import rate_limits
from image2.lib.http.access import Caller


class _CountedCode:
    """Counts in the table of limits: the session's own count is lost when requests come at once."""

    caller = Caller.ANYONE
    start_url = ""
    request: HttpRequest
    _process: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # a view's
        if self._process is None and request.method == "POST" and not request.user.is_authenticated:
            messages.error(request, _("This code no longer works. Ask for a new one."))
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._typed() and self._tries() > self._process.max_attempts:
            return self._used_up()
        response: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]  # a view's
        return response

    def _typed(self) -> str:
        """Return the code that is to be judged; nothing when the button was another one."""
        if getattr(self, "_action", "verify") != "verify":
            return ""
        return codes.plain(self.request.POST.get("code", ""))

    def _tries(self) -> int:
        session = self.request.session
        name = f"code:{type(self).__name__}:{session.session_key}:{self._process.state['at']}"
        return rate_limits.count(name, seconds=self._process.timeout)

    def _wrong(self, form: Form) -> HttpResponse:
        if not self._typed() or self._process.record_invalid_attempt():
            page: HttpResponse = FormView.form_invalid(self, form)  # type: ignore[arg-type]  # mixed into one
            return page
        return self._used_up()

    def _used_up(self) -> HttpResponse:
        start = self.start_url
        self._process.abort()
        messages.error(
            self.request,
            _("Too many wrong codes. This code no longer works. Ask for a new one."),
        )
        return redirect(start)

    def _sent_just_now(self) -> None:
        messages.error(self.request, get_adapter().error_messages["rate_limited"])


class ConfirmLoginCodeView(_CountedCode, allauth_views.ConfirmLoginCodeView):
    start_url = "account_request_login_code"

    def form_invalid(self, form: Form) -> HttpResponse:
        return self._wrong(form)

    def _resend_form_valid(self, form: Form) -> HttpResponse:
        """Send a mail also where there is no account, which takes as long."""
        self._process.send()
        self._process.record_resend()
        self._process.persist()
        return redirect(self.passthrough_next_url(reverse("account_confirm_login_code")))


class ConfirmPasswordResetCodeView(_CountedCode, allauth_views.ConfirmPasswordResetCodeView):
    start_url = "account_reset_password"

    def form_invalid(self, form: Form) -> HttpResponse:
        return self._wrong(form)


class ConfirmAddressView(_CountedCode, allauth_views.ConfirmEmailVerificationCodeView):
    """For a sign-up, and for a new address of somebody who is signed in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        had_one = signing_up.is_pending(request)
        self._sign_up = signing_up.SignUp.resume(request)
        if self._sign_up is None:
            if had_one and request.user.is_anonymous:
                messages.error(
                    request,
                    _("This code has expired. Sign up again to get a new one."),
                )
                return redirect("account_signup")
            return super().dispatch(request, *args, **kwargs)
        self.stage, self._process = None, self._sign_up
        return FormView.dispatch(self, request, *args, **kwargs)

    @property
    def start_url(self) -> str:  # type: ignore[override]  # by what the code is for
        if self._sign_up is not None:
            return "account_signup"
        return "account_email" if self.request.user.is_authenticated else "account_login"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if self._sign_up is not None:
            context["cancel_url"] = None
        return context

    def _verify_form_valid(self, form: Form) -> HttpResponse:
        sign_up = self._sign_up
        if sign_up is None:
            response: HttpResponse = super()._verify_form_valid(form)
            return response
        try:
            user = sign_up.finish()
        except signing_up.AddressTaken:
            form.add_error("code", get_adapter().error_messages["email_taken"])
            return FormView.form_invalid(self, form)
        done: HttpResponse = flows.signup.complete_signup(
            self.request, user=user, redirect_url=sign_up.next_url, by_passkey=sign_up.is_by_passkey
        )
        return done

    def _verify_form_invalid(self, form: Form) -> HttpResponse:
        return self._wrong(form)

    def _resend_form_valid(self, form: Form) -> HttpResponse:
        try:
            self._process.resend()
        except (RateLimited, ImmediateHttpResponse):
            self._sent_just_now()
        return self._again()

    def _change_form_valid(self, form: Form) -> HttpResponse:
        try:
            self._process.change_to(form.cleaned_data["email"], form.account_already_exists)  # type: ignore[attr-defined]  # set while cleaning
        except (RateLimited, ImmediateHttpResponse):
            self._sent_just_now()
        return self._again()

    def _again(self) -> HttpResponse:
        return redirect(self.passthrough_next_url(reverse("account_email_verification_sent")))

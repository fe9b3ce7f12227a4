"""The pages that let people in: allauth's, counting strangers and known browsers apart."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal import ratelimit
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.webauthn import views as passkey_views
from allauth.usersessions import views as session_views
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator

from accounts.connected import providers
from accounts.models import KnownBrowser
from accounts.sign_in import attempts, known_browsers, sign_up
from image2.lib.http.access import Caller


class _OffersOthers:
    """A page with buttons of Google and GitHub, where they are set up."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # a view's
        return {**context, "elsewhere": providers.offered()}


@method_decorator(providers.leads_to_them, name="dispatch")
class SignUpView(_OffersOthers, allauth_views.SignupView):
    caller = Caller.ANYONE


class SignUpByPasskeyView(allauth_views.SignupByPasskeyView):
    caller = Caller.ANYONE


class FirstPasskeyView(passkey_views.SignupWebAuthnView):
    """The passkey of somebody whose address was verified a moment ago; then they are logged in."""

    caller = Caller.ANYONE

    def form_valid(self, form: Form) -> HttpResponse:
        """Also make recovery codes: without them, who loses the device couldn't come in any more."""
        response: HttpResponse = super().form_valid(form)
        user = self.request.user
        if not user.is_authenticated:
            return response
        # The passkey was made and the code was typed just now: nobody has to say again who it is.
        record_authentication(self.request, user, method="mfa", type="webauthn", reauthenticated=True)
        RecoveryCodes.activate(user)
        return redirect("mfa_view_recovery_codes")


@method_decorator(providers.leads_to_them, name="dispatch")
class LogInView(_OffersOthers, allauth_views.LoginView):
    caller = Caller.ANYONE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated:
            email = request.POST.get("login", "").strip().lower()
            waiting = sign_up.SignUp.resume(request)
            if waiting is not None and waiting.email == email:
                # Signed up a moment ago in another tab: the account is there once the code is typed.
                return redirect("account_email_verification_sent")
            if not attempts.spend(request, action="login_page", email=email):
                limited: HttpResponseBase = ratelimit.respond_429(request)
                return limited
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


@method_decorator(reauthentication_required, name="dispatch")
class SetPasswordView(allauth_views.PasswordSetView):
    """Set a first password, which lets in forever: only who confirmed lately that it is them."""

    caller = Caller.PERSON


class ResetPasswordView(allauth_views.PasswordResetView):
    caller = Caller.ANYONE

    def form_valid(self, form: Form) -> HttpResponse:
        """As allauth's, but for who is counted with whom."""
        if not attempts.spend(self.request, action="reset_password", email=form.cleaned_data["email"]):
            limited: HttpResponse = ratelimit.respond_429(self.request)
            return limited
        form.save(self.request)  # type: ignore[attr-defined]  # allauth's form
        return redirect(self.get_success_url())


class LogInByPasskeyView(passkey_views.LoginWebAuthnView):
    caller = Caller.ANYONE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not attempts.spend_passkey(request):
            limited: HttpResponseBase = ratelimit.respond_429(request)
            return limited
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


class DevicesView(session_views.ListUserSessionsView):
    """Where somebody is logged in, and the browsers they have signed in with."""

    caller = Caller.PERSON

    def form_valid(self, form: Form) -> HttpResponse:
        known_browsers.remove_others(user=self.request.user, request=self.request)
        response: HttpResponse = super().form_valid(form)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user = self.request.user
        context["known_browsers"] = KnownBrowser.objects.visible_to(user).order_by("-last_seen_at")
        context["this_browser"] = known_browsers.recognise(self.request, email=user.email)
        return context

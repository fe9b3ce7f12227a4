"""Pages of accounts elsewhere: begin, come back, finish a sign-up, and the list in the settings."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.account.internal import flows as account_flows
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal import ratelimit
from allauth.socialaccount.internal import flows
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.github.views import oauth2_callback as github_callback
from allauth.socialaccount.providers.google.views import oauth2_callback as google_callback
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.callers import PersonRequest
from accounts.connected import disconnecting, providers, signing_up
from accounts.connected.adapter import ConnectedAdapter
from accounts.connected.forms import FinishForm
from accounts.sign_in import attempts
from accounts.sign_in.sign_up import AddressTaken
from image2.lib.http.access import Caller, allow

# What allauth raises when a provider's answer lacks a part or has one of another kind.
_BROKEN = (LookupError, TypeError, ValueError, AttributeError)
_CALLBACKS = {"google": google_callback, "github": github_callback}


def start(provider_id: str) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the view that sends somebody to the provider: to log in, or to connect when they are logged in."""

    @allow(Caller.ANYONE)
    @require_POST
    def view(request: HttpRequest) -> HttpResponseBase:
        provider = providers.of_request(request, provider_id)
        if not ratelimit.consume(request, app=attempts.APP, action="elsewhere"):
            limited: HttpResponse = ratelimit.respond_429(request)
            return limited
        process = AuthProcess.CONNECT if request.user.is_authenticated else AuthProcess.LOGIN
        sent: HttpResponse = provider.redirect(request, process, next_url=get_next_redirect_url(request))
        return sent

    return view


def come_back(provider_id: str) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the view that the provider leads back to, with a code or an error."""

    @allow(Caller.ANYONE)
    @require_http_methods(["GET"])
    @never_cache
    def view(request: HttpRequest) -> HttpResponseBase:
        provider = providers.of_request(request, provider_id)
        try:
            response: HttpResponseBase = _CALLBACKS[provider_id](request)
        except _BROKEN as error:
            return ConnectedAdapter(request).answer_failure(request, provider, exception=error)
        return response

    return view


@allow(Caller.ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def finish(request: HttpRequest) -> HttpResponse:
    """Ask somebody new for name, age and the policy; only then there is an account."""
    pending = signing_up.pending(request)
    if request.user.is_authenticated or pending is None or not pending.user.email:
        return redirect("account_login")
    provider = providers.named(pending.account.provider)
    form = FinishForm(request.POST if request.method == "POST" else None, initial={"name": pending.user.name})
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "provider": provider, "email": pending.user.email}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return render(request, "socialaccount/signup.html", context, status=status)
    flows.signup.clear_pending_signup(request)
    data = form.cleaned_data
    try:
        user = signing_up.finish(
            request=request, pending=pending, name=data["name"], policy_version=data["policy_version"]
        )
    except AddressTaken:
        messages.error(request, _("This address got an account in the meantime. Log in to it."))
        return redirect("account_login")
    flows.login.record_authentication(request, pending)
    done: HttpResponse = account_flows.signup.complete_signup(
        request,
        user=user,
        redirect_url=pending.get_redirect_url(request),
        signal_kwargs={"sociallogin": pending},
    )
    return done


@allow(Caller.PERSON)
@require_safe
@providers.leads_to_them
def connections(request: PersonRequest) -> HttpResponse:
    rows = SocialAccount.objects.filter(user=request.user).order_by("provider", "date_joined")
    connected = [
        {"pk": row.pk, "provider": providers.named(row.provider), "shown": row.extra_data.get("shown", "")}
        for row in rows
    ]
    taken = {row.provider for row in rows}
    unconnected = [provider for provider in providers.offered() if provider.id not in taken]
    context: dict[str, Any] = {"connected": connected, "unconnected": unconnected}
    return render(request, "socialaccount/connections.html", context)


@allow(Caller.PERSON)
@require_POST
def disconnect(request: PersonRequest, pk: int) -> HttpResponse:
    """An account of another person and one that is disconnected already get the same answer."""
    row = SocialAccount.objects.filter(user=request.user, pk=pk).first()
    if row is None:
        messages.info(request, _("This account is already disconnected."))
        return redirect("socialaccount_connections")
    name = {"provider": providers.named(row.provider).name}
    try:
        disconnecting.disconnect(user=request.user, request=request, row=row)
    except disconnecting.LastWayIn:
        sentence = _(
            "You log in with %(provider)s only. Set a password or add a passkey first, then you can disconnect it."
        )
        messages.error(request, sentence % name)
    else:
        messages.success(request, _("Your %(provider)s account is disconnected.") % name)
    return redirect("socialaccount_connections")

"""The settings page: one page with three forms, each saved on its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import preferences, profiles, usage
from accounts.callers import PersonRequest
from accounts.forms import DataSwitchesForm, PreferencesForm, ProfileForm
from image2.lib import theme
from image2.lib.access import Caller, allow


@allow(Caller.PERSON)
@require_safe
def settings_page(request: PersonRequest) -> HttpResponse:
    return _page(request)


@allow(Caller.PERSON)
@require_POST
def change_profile(request: PersonRequest) -> HttpResponse:
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, profile_form=form)
    profiles.rename(user=request.user, name=form.cleaned_data["name"])
    return _saved(request, _("Your name was saved."))


@allow(Caller.PERSON)
@require_POST
def change_preferences(request: PersonRequest) -> HttpResponse:
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return _page(request, preferences_form=form)
    preferences.change(user=request.user, request=request, changes=form.cleaned_data)
    response = _saved(request, _("Your preferences were saved."))
    theme.remember(response, form.cleaned_data["theme"])
    return response


@allow(Caller.PERSON)
@require_POST
def change_data_switches(request: PersonRequest) -> HttpResponse:
    form = DataSwitchesForm(request.POST)
    if not form.is_valid():
        return _page(request, data_form=form)
    preferences.change(user=request.user, request=request, changes=form.cleaned_data)
    return _saved(request, _("Your choices were saved. They hold from now on."))


@allow(Caller.PERSON)
@require_POST
def end_session(request: PersonRequest, pk: int) -> HttpResponse:
    get_object_or_404(UserSession, pk=pk, user=request.user).end()
    messages.success(request, _("That device is logged out."))
    return redirect("usersessions_list")


def _page(request: PersonRequest, **bound: Form) -> HttpResponse:
    user = request.user
    row = preferences.of(user)
    context: dict[str, Any] = {
        "profile_form": ProfileForm(initial={"name": user.name}),
        "preferences_form": PreferencesForm(initial=_values(row, PreferencesForm)),
        "data_form": DataSwitchesForm(initial=_values(row, DataSwitchesForm)),
        "has_second_factor": is_mfa_enabled(user),
        "session_count": len(UserSession.objects.purge_and_list(user)),
        "browser_sends_privacy_control": usage.sends_privacy_control(request),
        **bound,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if bound else HTTPStatus.OK
    return render(request, "accounts/settings.html", context, status=status)


def _values(row: Any, form: type[Form]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.base_fields}


def _saved(request: PersonRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("accounts:settings")

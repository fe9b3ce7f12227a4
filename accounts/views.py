"""The settings page: one page with three forms, each saved on its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import training, usage
from accounts.callers import PersonRequest
from accounts.connected import providers as connected_providers
from accounts.forms import DataSwitchesForm, PreferencesForm, ProfileForm
from accounts.models import KnownBrowser, StaffAccess
from accounts.people import preferences, profiles
from accounts.staff import access
from image2.lib.http import theme
from image2.lib.http.access import Caller, allow


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
    profiles.change(user=request.user, request=request, **form.cleaned_data)
    return _saved(request, _("Your profile was saved."))


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
    changes = dict(form.cleaned_data)
    withdraw = changes.pop("withdraw_made")
    preferences.change(user=request.user, request=request, changes=changes)
    sentence = _("Your choices were saved.")
    if withdraw and (count := training.withdraw_from_made(user=request.user, request=request)):
        withdrawn = ngettext(
            "%(count)d picture can no longer be used for training.",
            "%(count)d pictures can no longer be used for training.",
            count,
        )
        sentence = f"{sentence} {withdrawn % {'count': count}}"
    return _saved(request, sentence)


@allow(Caller.PERSON)
@require_safe
def staff_access_page(request: PersonRequest) -> HttpResponse:
    """What staff opened of this person's, the latest first."""
    accesses = StaffAccess.objects.visible_to(request.user).order_by("-opened_at")
    response = render(request, "accounts/staff_access.html", {"accesses": accesses})
    access.seen(request.user)
    return response


@allow(Caller.PERSON)
@require_POST
def end_session(request: PersonRequest, pk: int) -> HttpResponse:
    """A session that ended already and one of another person get the same answer: there is none to end."""
    if session := UserSession.objects.filter(pk=pk, user=request.user).first():
        session.end()
        messages.success(request, _("That device is logged out."))
    else:
        messages.info(request, _("That device was already logged out."))
    return redirect("usersessions_list")


@allow(Caller.PERSON)
@require_POST
def remove_browser(request: PersonRequest, pk: int) -> HttpResponse:
    if KnownBrowser.objects.visible_to(request.user).filter(pk=pk).delete()[0]:
        messages.success(request, _("That browser was removed. It stays logged in until you log it out."))
    else:
        messages.info(request, _("That browser was already removed."))
    return redirect("usersessions_list")


def _page(request: PersonRequest, **bound: Form) -> HttpResponse:
    user = request.user
    row = preferences.of(user)
    context: dict[str, Any] = {
        "profile_form": ProfileForm(initial={"name": user.name, "time_zone": row.time_zone}),
        "preferences_form": PreferencesForm(initial=_values(row, PreferencesForm)),
        "data_form": DataSwitchesForm(initial=_values(row, DataSwitchesForm)),
        "staff_access_unseen": access.unseen(user),
        "trained_on": training.allowed_count(user),
        "has_password": user.has_usable_password(),
        "connected": connected_providers.connected_names(user),
        "elsewhere": connected_providers.offered(),
        "has_second_factor": is_mfa_enabled(user),
        "session_count": len(UserSession.objects.purge_and_list(user)),
        "browser_sends_privacy_control": usage.sends_privacy_control(request),
        **bound,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if bound else HTTPStatus.OK
    return render(request, "accounts/settings.html", context, status=status)


def _values(row: Any, form: type[Form]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.base_fields if hasattr(row, name)}


def _saved(request: PersonRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("accounts:settings")

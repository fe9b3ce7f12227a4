"""The policy, its history, the page that asks for acceptance, and processors."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from accounts.callers import PersonRequest
from accounts.people import age
from accounts.people import policies as acceptances
from image2.lib.http.access import Caller, allow
from privacy.data import inventory
from privacy.data.processors import processors
from privacy.forms import AgeForm
from privacy.models import PolicyVersion
from privacy.policy import differences
from privacy.policy import versions as policies


@allow(Caller.ANYONE)
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    current = policies.current()
    context = {
        "policy": current,
        "body": policies.render(current.body),
        "sections": inventory.sections(),
        "browser_rows": inventory.browser_rows(),
        "coming": PolicyVersion.objects.coming().first(),
        "operator": policies.operator(),
    }
    return render(request, "privacy/policy.html", context)


@allow(Caller.ANYONE)
@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    context = {"versions": PolicyVersion.objects.published(), "current": policies.current()}
    return render(request, "privacy/versions.html", context)


@allow(Caller.ANYONE)
@require_safe
def version(request: HttpRequest, version: str) -> HttpResponse:
    shown = get_object_or_404(PolicyVersion.objects.published(), version=version)
    context = {
        "policy": shown,
        "body": policies.render(shown.body),
        "current": policies.current(),
        "before": policies.version_before(shown),
    }
    return render(request, "privacy/version.html", context)


@allow(Caller.ANYONE)
@require_safe
def changes(request: HttpRequest, version: str) -> HttpResponse:
    shown = get_object_or_404(PolicyVersion.objects.published(), version=version)
    before = policies.version_before(shown)
    context = {
        "policy": shown,
        "before": before,
        "passages": differences.between(before.body if before else "", shown.body),
    }
    return render(request, "privacy/changes.html", context)


@allow(Caller.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: PersonRequest) -> HttpResponse:
    asked = policies.must_accept(request)
    asks_age = age.is_asked_of(request.user)
    back_to = _own_page((request.POST if request.method == "POST" else request.GET).get("next", ""))
    if asked is None:
        return redirect(back_to)
    form = AgeForm(request.POST or None) if asks_age else None
    is_complete = form is None or form.is_valid()
    if request.method == "POST" and request.POST.get("version") == asked.version and is_complete:
        acceptances.accept(user=request.user, version=asked.version, request=request)
        if form is not None:
            age.confirm(user=request.user, request=request)
        return redirect(back_to)
    context = {"policy": asked, "before": policies.version_before(asked), "next": back_to, "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.errors else HTTPStatus.OK
    return render(request, "privacy/accept.html", context, status=status)


@allow(Caller.ANYONE)
@require_safe
def processors_page(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/processors.html", {"processors": processors()})


def _own_page(url: str) -> str:
    """Return the url when it is a path of this site, else the start page."""
    return url if url_has_allowed_host_and_scheme(url, allowed_hosts=None) else "/"

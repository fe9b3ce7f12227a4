"""The landing page, the choice of theme, and the pages for when something went wrong."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.middleware import csrf
from django.shortcuts import redirect, render
from django.template import loader
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.adapter import onward
from accounts.people import preferences
from generation.requests import catalogue
from generation.requests.pricing import SIZE_FACTORS
from generation.requests.sizes import SHAPES, SIZES, output_size
from image2.lib.http import theme
from image2.lib.http.access import Caller, allow
from image2.website import gallery


@allow(Caller.ANYONE)
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The front page is the same for everyone; its button leads signed-in people to their work."""
    return render(request, "landing.html", {"pictures": gallery.pictures(), **_prices()})


@allow(Caller.ANYONE)
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Store the choice in this browser and, for signed-in people, in their preferences."""
    wanted = request.POST.get("theme", "")
    if wanted not in theme.THEMES:
        return HttpResponseBadRequest()
    if request.user.is_authenticated:
        preferences.change(user=request.user, request=request, changes={"theme": wanted})
    response = redirect(_back(request))
    theme.remember(response, wanted)
    return response


@allow(Caller.ANYONE)
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component on one page; the route exists only with DEBUG."""
    from image2.website.styleguide import SampleForm  # a form that production never needs

    tried = {"name": "", "email": "not an address", "shape": "16:9", "size": "4k", "steps": "28"}
    messages.success(request, "Saved to your history")
    messages.error(request, "Could not be saved")
    context = {
        "form": SampleForm(),
        "wrong": SampleForm(data=tried, auto_id="wrong_%s"),
        "shapes": SHAPES,
        "sample": static("icons/favicon.svg"),
    }
    return render(request, "styleguide.html", context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, HTTPStatus.NOT_FOUND)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """For allauth, whose limits answer through it."""
    response = _error(request, HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = "60"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why the form was refused; someone who has logged in in another tab continues instead of logging in again."""
    if (elsewhere := onward(request)) is not None:
        return elsewhere
    if reason == csrf.REASON_NO_CSRF_COOKIE:
        cause = "cookie"
    elif reason == csrf.REASON_CSRF_TOKEN_MISSING:
        cause = "missing"
    elif "rigin" in reason or "eferer" in reason:  # Django's sentences about where a form comes from
        cause = "origin"
    else:
        cause = "token"
    context = {"back": _back(request), "cause": cause, "site_url": settings.SITE_URL}
    return render(request, "errors/csrf.html", context, status=HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """No request, context or database: whatever broke the page must not break this one."""
    context = {"request_id": getattr(request, "request_id", ""), "theme": theme.chosen(request)}
    return HttpResponse(
        loader.render_to_string("errors/500.html", context), status=HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _prices() -> dict[str, Any]:
    """What a picture of the recommended model costs, by the numbers that also charge."""
    recommended = catalogue.enabled()[0]
    rows = [
        {
            "size": size.upper(),
            "square": output_size("1:1", size),
            "wide": output_size("16:9", size),
            "credits": recommended.base_price * SIZE_FACTORS[size],
        }
        for size in SIZES
    ]
    welcome = settings.WELCOME_CREDITS
    return {"prices": rows, "welcome": welcome, "welcome_pictures": welcome // rows[-1]["credits"]}


def _error(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """A page of its own. Where a part of a page asked, the page says it in a sentence (static/js/answers.js)."""
    return render(request, f"errors/{status.value}.html", status=status)


def _back(request: HttpRequest) -> str:
    came_from: str = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(came_from)
        # One slash: a path that begins with two would lead to another host.
        return f"/{parts.path.lstrip('/')}{'?' if parts.query else ''}{parts.query}"
    return reverse("landing")

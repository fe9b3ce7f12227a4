"""The landing page, the choice of theme, and the pages for when something went wrong."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.template import loader
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, trigger_client_event

from accounts import preferences
from generation import catalogue
from generation.pricing import SIZE_FACTORS
from generation.sizes import SHAPES, SIZES, output_size
from image2 import gallery
from image2.lib import theme
from image2.lib.access import Caller, allow


@allow(Caller.ANYONE)
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Signed in or not, the front page is the same; its button leads a person on to their work."""
    return render(request, "landing.html", {"pictures": gallery.pictures(), **_prices()})


@allow(Caller.ANYONE)
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice in this browser, and for a person also in their preferences."""
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
    from image2.styleguide import SampleForm  # a form that production never needs

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
    return render(request, "errors/csrf.html", {"back": _back(request)}, status=HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """No request, context or database: whatever broke the page must not break this one too."""
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
    response = render(request, f"errors/{status.value}.html", status=status)
    if getattr(request, "htmx", False):
        # A whole page must not land inside a part of one: keep the part, say what happened.
        sentence = {
            HTTPStatus.BAD_REQUEST: _("The request could not be understood. Reload the page and try again."),
            HTTPStatus.FORBIDDEN: _("You may not do this."),
            HTTPStatus.TOO_MANY_REQUESTS: _("That was too often. Wait a minute and try again."),
            HTTPStatus.NOT_FOUND: _("It is not there any more. Reload the page to see what is."),
        }[status]
        reswap(response, "none")
        trigger_client_event(response, "toast", {"level": "error", "message": sentence})
    return response


def _back(request: HttpRequest) -> str:
    came_from: str = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return came_from
    return reverse("landing")

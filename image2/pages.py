"""Landing page and error pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from image2.lib.access import Caller, allow


@allow(Caller.ANYONE)
def landing(request: HttpRequest) -> HttpResponse:
    return render(request, "landing.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("bad request", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("forbidden", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("not found", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse("error", status=500)

"""One spelling of this site's host, and addresses of its pages for mails, whatever host a request names."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase, HttpResponseRedirect

from image2.lib.http.middleware import Middleware

_PROBES = frozenset({"/healthz", "/readyz"})
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def absolute(url: str) -> str:
    """Return the address of a page of ours for a mail; of a whole address only path and query are used."""
    parts = urlsplit(url)
    return f"{settings.SITE_URL}{parts.path}{'?' if parts.query else ''}{parts.query}"


def hostname(request: HttpRequest) -> str:
    """Return the request's host without its port, in the one spelling; ALLOWED_HOSTS lists it."""
    return split_domain_port(request.get_host())[0]


class ProbeHostMiddleware(Middleware):
    """Lets probes name any host: containers and clusters ask an address of the machine, which isn't the site's."""

    def __call__(self, request: HttpRequest) -> Any:
        if request.path in _PROBES and not _is_allowed(request):
            request.META["HTTP_HOST"] = urlsplit(settings.SITE_URL).netloc
        return self.get_response(request)


def _is_allowed(request: HttpRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


class OneSpellingMiddleware(Middleware):
    """Redirects a request whose Host is spelled in upper case, with a dot at its end, or with the default port.

    What counts or signs by host would otherwise take each spelling for a site of its own. Other ports stay: behind a
    tunnel the browser's port isn't ours, and the check against forged forms compares it.
    """

    def __call__(self, request: HttpRequest) -> Any:
        elsewhere = _redirect(request)
        if elsewhere is None:
            return self.get_response(request)
        return _as_awaitable(elsewhere) if self.is_async else elsewhere


async def _as_awaitable(response: HttpResponseBase) -> HttpResponseBase:
    return response


def _redirect(request: HttpRequest) -> HttpResponseBase | None:
    named = request.get_host()
    domain, port = split_domain_port(named)
    spelled = domain if port in ("", _DEFAULT_PORTS.get(request.scheme or "")) else f"{domain}:{port}"
    if named == spelled:
        return None
    response = HttpResponseRedirect(f"{request.scheme}://{spelled}{request.get_full_path()}")
    response.status_code = 308  # with the same method
    return response

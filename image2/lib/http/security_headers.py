"""The headers that Django and django-csp don't set: what pages may use, and who may embed and cache responses."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from image2.lib.http.middleware import ResponseMiddleware

# Everything a page of ours never asks for is off; passkeys and copying to the clipboard are ours alone.
_OFF = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
)
_OURS = (
    "clipboard-read",
    "clipboard-write",
    "fullscreen",
    "publickey-credentials-create",
    "publickey-credentials-get",
)
PERMISSIONS_POLICY = ", ".join([*(f"{name}=()" for name in _OFF), *(f"{name}=(self)" for name in _OURS)])


class SecurityHeadersMiddleware(ResponseMiddleware):
    """Adds Permissions-Policy and CORP to every answer, and keeps pages of signed-in people out of shared caches."""

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # What depends on the session belongs to one person: no proxy may cache it. Static files don't vary.
        if "Cookie" in response.get("Vary", ""):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

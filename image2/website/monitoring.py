"""Who may see how the site is doing: the operator's monitoring, by its token."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest


def bears_token(request: HttpRequest) -> bool:
    """Whether it says ``Authorization: Bearer METRICS_TOKEN``. Never where no token is set."""
    sent = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(sent.encode(), wanted.encode())

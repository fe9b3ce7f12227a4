"""Mail written as two templates: `emails/<name>.txt`, and `emails/<name>.html` for programs that show it.

People with an account are written to through `accounts.mail`, which knows which addresses are verified.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from image2.lib.mail import failures

log = structlog.get_logger(__name__)


def send_letter(
    name: str,
    to: str,
    subject: str,
    context: Mapping[str, object],
    *,
    reply_to: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Return False, and log it, when no server accepts it now: the caller sends it again later."""
    known = {"site_url": settings.SITE_URL, **context}
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"emails/{name}.txt", known),
        to=[to],
        reply_to=list(reply_to) or None,
        headers=dict(headers or {}),
    )
    mail.attach_alternative(render_to_string(f"emails/{name}.html", known), "text/html")
    try:
        mail.send()
    except OSError:
        log.exception("mail.not_sent", letter=name)
        failures.count()
        return False
    return True

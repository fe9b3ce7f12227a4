"""Every mail is whole: a subject, a text, and the same in HTML that loads nothing from anywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import RequestFactory
from django.utils import timezone

ROOT = Path(settings.BASE_DIR) / "templates"
PREFIXES = sorted(
    str(path.relative_to(ROOT)).removesuffix("_subject.txt")
    for folder in ("account/email", "mfa/email", "socialaccount/email")
    for path in (ROOT / folder).glob("*_subject.txt")
)
# Everything that any of them may be given.
FACTS: dict[str, Any] = {
    "code": "BCDF-GHJK",
    "password_reset_url": "https://pictures.example/reset/",
    "signup_url": "https://pictures.example/signup/",
    "timestamp": timezone.now(),
    "ip": "203.0.113.77",
    "person": None,
    "provider": "Google",
    "user_agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
    "from_email": "old@example.test",
    "to_email": "new@example.test",
    "deleted_email": "old@example.test",
}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_mail_has_subject_text_and_html(prefix: str) -> None:
    request = RequestFactory().get("/")
    with context.request_context(request):
        get_adapter(request).send_mail(prefix, "alice@example.test", FACTS)

    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert message.subject
    assert len(message.subject) < 78
    assert "Hello from" not in message.body
    assert settings.SITE_URL in message.body
    assert "203.0.113.77" not in message.body + html
    assert not re.search(r"<(img|script|link|iframe)\b", html)
    assert "{{" not in message.body + html
    if "{{ code }}" in (ROOT / f"{prefix}_message.txt").read_text():
        assert "BCDF-GHJK" in html


def test_our_words_cover_every_mail_that_allauth_sends() -> None:
    import allauth

    theirs = Path(allauth.__file__).parent / "templates"
    names = {
        str(path.relative_to(theirs)).removesuffix("_subject.txt")
        for folder in ("account/email", "mfa/email", "socialaccount/email")
        for path in (theirs / folder).glob("*_subject.txt")
    }
    # Confirmation and reset go by code here, never by link.
    assert names - set(PREFIXES) == {"account/email/password_reset_key"}

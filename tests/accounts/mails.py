"""Reading what was mailed."""

from __future__ import annotations

import re

from django.core.mail import EmailMessage


def code_in(mail: EmailMessage) -> str:
    """The code a person would copy from this mail."""
    found = re.findall(r"^([A-Z]{4}-[A-Z]{4})$", str(mail.body), re.MULTILINE)
    assert len(found) == 1, mail.body
    code: str = found[0]
    return code

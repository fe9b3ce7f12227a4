"""The daily proof that the ledger adds up: it alerts the operator and changes nothing."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from billing.ledger.audit import audit

log = structlog.get_logger(__name__)

_SHOWN = 50


def prove() -> list[str]:
    """Check every cache against its entries; what does not add up goes to the log and to the operator's mailbox."""
    problems = audit()
    if problems:
        log.error("ledger.does_not_add_up", problems=problems[:_SHOWN], count=len(problems))
        send_mail(
            subject=_("The credit ledger does not add up"),
            message="\n".join(problems[:_SHOWN]),
            from_email=None,
            recipient_list=[settings.OPERATOR_EMAIL],
        )
    return problems

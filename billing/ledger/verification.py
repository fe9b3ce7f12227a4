"""The daily verification of the ledger: it alerts the operator and changes nothing."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from billing.ledger.invariants import violations
from image2.lib.observing import last_checks

log = structlog.get_logger(__name__)

_SHOWN = 50


def verify() -> list[str]:
    """Check every cached balance against its entries; log and mail what differs to the operator."""
    problems = violations()
    last_checks.record("ledger", len(problems))
    if problems:
        log.error("ledger.does_not_add_up", problems=problems[:_SHOWN], count=len(problems))
        send_mail(
            subject=_("The credit ledger doesn't balance"),
            message="\n".join(problems[:_SHOWN]),
            from_email=None,
            recipient_list=[settings.OPERATOR_EMAIL],
        )
    return problems

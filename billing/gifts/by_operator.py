"""The operator gives credits: with a reason and with who did it, in the ledger and in the audit log."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from accounts.staff import audit
from billing import ledger
from billing.models import Grant


@transaction.atomic
def give(*, actor: User, user: User, amount: int, reason: str, token: str) -> Grant:
    """Grant credits for a lifetime, once per ``token`` (a double click is one gift). Raises audit.ReasonMissing."""
    ref = f"admin:{token}"
    if not Grant.objects.filter(source_ref=ref).exists():
        audit.record(actor=actor, action="credits.given", on=user, reason=reason, subject_id=user.pk)
    return ledger.grant(
        user=user, amount=amount, source=Grant.Source.ADMIN, source_ref=ref, by=actor, reason=reason.strip()
    )

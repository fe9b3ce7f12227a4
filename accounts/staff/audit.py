"""The audit log: what staff did to other people's things, and why. ``record`` is its only writer."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import models

from accounts.models import AuditLine, User
from accounts.staff import audit_chain

log = structlog.get_logger(__name__)


class ReasonMissing(ValueError):
    """Staff may change other people's data only with a reason."""


def record(
    *, actor: User, action: str, on: models.Model, reason: str, subject_id: UUID | None = None
) -> AuditLine:
    """Write one line: who did what ("picture.opened") to which row, whose it is, and for which reason.

    Call it in the transaction of the act, before the act: what is not written down must not happen.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    line = AuditLine(
        actor=actor,
        actor_label=actor.email,
        action=action,
        object_type=type(on).__name__,
        object_id=str(on.pk),
        subject_id=subject_id,
        reason=reason,
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )
    link = audit_chain.add(line)
    # The log of the processes leaves the machine where an operator collects it: a copy of the chain that nobody who
    # changes the database can change with it.
    log.info(
        "audit",
        action=action,
        object_type=line.object_type,
        object_id=line.object_id,
        actor=str(actor.pk),
        head=str(link),
    )
    return line

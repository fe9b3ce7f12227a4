"""Support: a message is kept where its writer can see it, and mailed to the operator."""

from __future__ import annotations

from functools import partial

import structlog
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from privacy.models import SupportMessage

log = structlog.get_logger(__name__)


def write(*, user: User | AnonymousUser, email: str, topic: str, message: str) -> SupportMessage:
    """Store the message and mail it to the operator after the commit. Nothing is sent to the address entered."""
    with transaction.atomic():
        row = SupportMessage.objects.create(
            user=user if isinstance(user, User) else None, email=email, topic=topic, message=message
        )
        transaction.on_commit(partial(_mail, row))
    return row


def close(*, message: SupportMessage) -> None:
    """Mark it as answered."""
    SupportMessage.objects.filter(pk=message.pk, closed_at__isnull=True).update(closed_at=timezone.now())


def _mail(row: SupportMessage) -> None:
    context = {"message": row, "site_url": settings.SITE_URL}
    to_operator = EmailMessage(
        subject=_("[Support] %(topic)s") % {"topic": row.get_topic_display()},
        body=render_to_string("emails/support_operator.txt", context),
        to=[settings.OPERATOR_EMAIL],
        # A report of a picture may come without an address.
        reply_to=[row.email] if row.email else [],
    )
    try:
        to_operator.send()
    except OSError:
        # The row is kept and the operator sees it in the admin: nobody has to write twice.
        log.exception("support.mail_failed", message=str(row.pk))

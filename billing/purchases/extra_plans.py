"""Two plans at once: a check before every purchase prevents most, this finds the rest when their events arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import UUIDField
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import User
from billing.models import Subscription
from image2.lib.compiled_queries import CompiledQuery, Parameter

log = structlog.get_logger(__name__)

_PERSON: Final[Any] = Parameter("person", UUIDField())
_LIVE: Final = CompiledQuery(lambda: Subscription.objects.visible_to(_PERSON).live().order_by("pk"))


def plans_at_once(user: User) -> Sequence[Subscription]:
    """Return the person's live plans when there are several, oldest first; else nothing."""
    live = _LIVE.all(person=user.pk)
    return live if len(live) > 1 else []


def report(user: User) -> None:
    """Notify the operator and the person about more than one live plan, once for each plan.

    The row is marked after the mail: a mail that fails is sent when the event is handled again.
    """
    found = plans_at_once(user)
    if not any(plan.reported_at is None for plan in found[1:]):
        return
    log.error("billing.plans_at_once", user=str(user.pk), subscriptions=[plan.stripe_id for plan in found])
    send_mail(
        subject=_("Someone is paying for two plans at once"),
        message="\n".join(
            [
                sentence(user.pk, found),
                _(
                    "The page “Plan and billing” shows this to the person and offers to end one with a refund."
                ),
            ]
        ),
        from_email=None,
        recipient_list=[settings.OPERATOR_EMAIL],
    )
    mail.write_to(user, name="plans_at_once", subject=_("You have more than one plan"), context={})
    Subscription.objects.filter(pk__in=[plan.pk for plan in found]).update(reported_at=Now())


def sentence(person: object, found: Sequence[Subscription]) -> str:
    """Name the person by number, and the plans by their ids at Stripe."""
    named = ", ".join(f"{plan.stripe_id} ({plan.lookup_key})" for plan in found)
    return _("Account %(person)s has %(count)d live plans: %(plans)s") % {
        "person": person,
        "count": len(found),
        "plans": named,
    }

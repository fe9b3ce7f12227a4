"""Our lots against Stripe's payments, both ways: it notifies the operator and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import stripe_gateway
from billing.models import Customer, Grant, PlanEnding, StripeEvent, Subscription
from billing.payments import Gone, NotConfigured
from billing.plans import definitions
from billing.purchases import extra_plans, names
from image2.lib.observing import last_checks

log = structlog.get_logger(__name__)

LOOKS_BACK = timedelta(days=3)
# Younger ones may still be on their way.
SETTLED = timedelta(hours=2)
_SHOWN = 50
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was compared, and a sentence for each thing that differs."""

    since: datetime
    payments: int
    lots: int
    problems: Sequence[str]

    def __str__(self) -> str:
        """For the operator: the numbers first, then what to look at."""
        compared = _(
            "Since %(since)s: %(payments)d payments at Stripe and %(lots)d lots of credits were compared."
        ) % {"since": f"{self.since:%Y-%m-%d %H:%M} UTC", "payments": self.payments, "lots": self.lots}
        if not self.problems:
            return f"{compared} {_('They agree.')}"
        shown = list(self.problems[:_SHOWN])
        if more := len(self.problems) - len(shown):
            shown.append(_("and %(more)d more") % {"more": more})
        return "\n".join([compared, _("%(count)d differ:") % {"count": len(self.problems)}, *shown])


def reconcile() -> Report:
    """Compare recent payments with what was granted; log and mail what differs.

    Raises payments.NotConfigured and payments.Unavailable.
    """
    if not stripe_gateway.is_configured():
        raise NotConfigured
    now = timezone.now()
    paid = list(_paid(now))
    lots = list(_lots(now))
    problems = [*_not_granted(paid), *_not_paid(lots), *_left_over(now)]
    last_checks.record("stripe", len(problems))
    report = Report(since=now - LOOKS_BACK, payments=len(paid), lots=len(lots), problems=problems)
    if problems:
        log.error("stripe.does_not_reconcile", problems=problems[:_SHOWN], count=len(problems))
        send_mail(
            subject=_("Payments and credits don't match"),
            message=str(report),
            from_email=None,
            recipient_list=[settings.OPERATOR_EMAIL],
        )
    else:
        log.info("stripe.reconciles", payments=report.payments, lots=report.lots)
    return report


def _paid(now: datetime) -> Iterator[str]:
    """Yield under which name each payment of that time should have been granted."""
    for invoice in stripe_gateway.invoices_paid(since=now - LOOKS_BACK, before=now - SETTLED):
        if invoice.reason in stripe_gateway.PERIOD_REASONS:
            is_ours = Customer.objects.filter(stripe_id=invoice.customer).exists()
            for line in invoice.lines:
                # The account at Stripe may sell other things to other people; ours pay for something that we sell.
                if not line.is_proration and line.amount >= 0 and (is_ours or _is_sold(line.lookup_key)):
                    yield names.plan_ref(invoice.id, line.id)
    for session in stripe_gateway.sessions_paid(since=now - LOOKS_BACK, before=now - SETTLED):
        if session.mode == "payment":
            yield names.pack_ref(session.payment_intent or session.id)


def _not_granted(paid: Sequence[str]) -> Iterator[str]:
    for begin in range(0, len(paid), _AT_ONCE):
        some = paid[begin : begin + _AT_ONCE]
        known = set(Grant.objects.filter(source_ref__in=some).values_list("source_ref", flat=True))
        yield from (f"{ref}: paid at Stripe, not granted here" for ref in some if ref not in known)


def _lots(now: datetime) -> QuerySet[Grant]:
    sold = (Grant.Source.PLAN, Grant.Source.PACK)
    recent = Grant.objects.filter(source_ref__startswith="stripe:", created_at__gte=now - LOOKS_BACK)
    return recent.filter(source__in=sold).order_by("pk")


def _not_paid(lots: Iterable[Grant]) -> Iterator[str]:
    for lot in lots:
        if not _is_paid(lot):
            yield f"{lot.source_ref}: granted here, not paid at Stripe"


def _left_over(now: datetime) -> Iterator[str]:
    """Yield what somebody must look at although no payment differs."""
    people = User.objects.filter(stripe_customers__subscriptions__in=Subscription.objects.live())
    several = people.annotate(plans=Count("stripe_customers__subscriptions")).filter(plans__gt=1)
    for person in several.order_by("pk"):
        if found := extra_plans.plans_at_once(person):
            yield extra_plans.sentence(person.pk, found)
    for ending in PlanEnding.objects.unfinished().filter(created_at__lt=now - SETTLED).order_by("pk"):
        yield f"{ending.subscription.stripe_id}: a person ended it, not done at Stripe: {ending.error}"
    stuck = StripeEvent.objects.filter(handled_at__isnull=True, received_at__lt=now - SETTLED)
    for event in stuck.order_by("pk")[:_SHOWN]:
        yield f"{event.stripe_id} ({event.type}): not handled: {event.error}"


def _is_paid(lot: Grant) -> bool:
    payment = lot.source_ref.split(":")[1]
    if lot.source == Grant.Source.PACK:
        return stripe_gateway.is_paid(payment)
    try:
        return stripe_gateway.invoice(payment).status == "paid"
    except Gone:
        return False


def _is_sold(lookup_key: str) -> bool:
    return any(offer.lookup_key == lookup_key for offer in definitions.offers())

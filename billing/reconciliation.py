"""Our lots against Stripe's payments, both ways: it tells the operator and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import plans, purchases, stripe_gateway
from billing.fulfilment import PERIOD_REASONS
from billing.models import Grant
from billing.payments import NotConfigured, Refused

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
    """Compare what was paid lately with what was granted; log and mail what differs.

    Raises payments.NotConfigured and payments.Unavailable.
    """
    if not stripe_gateway.is_configured():
        raise NotConfigured
    now = timezone.now()
    paid = list(_paid(now))
    lots = list(_lots(now))
    problems = [*_not_granted(paid), *_not_paid(lots)]
    report = Report(since=now - LOOKS_BACK, payments=len(paid), lots=len(lots), problems=problems)
    if problems:
        log.error("stripe.does_not_reconcile", problems=problems[:_SHOWN], count=len(problems))
        send_mail(
            subject=_("Payments and credits do not agree"),
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
        if invoice.reason in PERIOD_REASONS:
            for line in invoice.lines:
                if not line.is_proration and line.amount >= 0 and _is_sold(line.lookup_key):
                    yield purchases.plan_ref(invoice.id, line.id)
    for session in stripe_gateway.sessions_paid(since=now - LOOKS_BACK, before=now - SETTLED):
        if session.mode == "payment":
            yield purchases.pack_ref(session.payment_intent or session.id)


def _not_granted(paid: Sequence[str]) -> Iterator[str]:
    for begin in range(0, len(paid), _AT_ONCE):
        some = paid[begin : begin + _AT_ONCE]
        known = set(Grant.objects.filter(source_ref__in=some).values_list("source_ref", flat=True))
        yield from (f"{ref}: paid at Stripe, not granted here" for ref in some if ref not in known)


def _lots(now: datetime) -> QuerySet[Grant]:
    sold = (Grant.Source.PLAN, Grant.Source.PACK)
    lately = Grant.objects.filter(source_ref__startswith="stripe:", created_at__gte=now - LOOKS_BACK)
    return lately.filter(source__in=sold).order_by("pk")


def _not_paid(lots: Iterable[Grant]) -> Iterator[str]:
    for lot in lots:
        if not _is_paid(lot):
            yield f"{lot.source_ref}: granted here, not paid at Stripe"


def _is_paid(lot: Grant) -> bool:
    payment = lot.source_ref.split(":")[1]
    if lot.source == Grant.Source.PACK:
        return stripe_gateway.is_paid(payment)
    try:
        return stripe_gateway.invoice(payment).status == "paid"
    except Refused:
        return False


def _is_sold(lookup_key: str) -> bool:
    return any(offer.lookup_key == lookup_key for offer in plans.offers())

"""Our lots against Stripe's payments, both ways: it tells the operator and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import plans, purchases, stripe_gateway
from billing.fulfilment import PERIOD_REASONS
from billing.models import Grant
from billing.payments import Refused

log = structlog.get_logger(__name__)

LOOKS_BACK = timedelta(days=3)
# Younger ones may still be on their way.
SETTLED = timedelta(hours=2)
_SHOWN = 50


def reconcile() -> list[str]:
    """Compare what was paid lately with what was granted; log and mail what differs. Raises payments.Unavailable."""
    if not stripe_gateway.is_configured():
        return []
    problems = [*_paid_but_not_granted(), *_granted_but_not_paid()]
    if problems:
        log.error("stripe.does_not_reconcile", problems=problems[:_SHOWN], count=len(problems))
        send_mail(
            subject=_("Payments and credits do not agree"),
            message="\n".join(problems[:_SHOWN]),
            from_email=None,
            recipient_list=[settings.OPERATOR_EMAIL],
        )
    return problems


def _paid_but_not_granted() -> Iterator[str]:
    now = timezone.now()
    for invoice in stripe_gateway.invoices_paid(since=now - LOOKS_BACK, before=now - SETTLED):
        if invoice.reason in PERIOD_REASONS:
            wanted = [
                purchases.plan_ref(invoice.id, line.id)
                for line in invoice.lines
                if not line.is_proration and line.amount >= 0 and _is_sold(line.lookup_key)
            ]
            known = set(Grant.objects.filter(source_ref__in=wanted).values_list("source_ref", flat=True))
            yield from (f"{ref}: paid at Stripe, not granted here" for ref in wanted if ref not in known)
    for session in stripe_gateway.sessions_paid(since=now - LOOKS_BACK, before=now - SETTLED):
        ref = purchases.pack_ref(session.payment_intent or session.id)
        if session.mode == "payment" and not Grant.objects.filter(source_ref=ref).exists():
            yield f"{ref}: paid at Stripe, not granted here"


def _granted_but_not_paid() -> Iterator[str]:
    lately = Grant.objects.filter(
        source_ref__startswith="stripe:", created_at__gte=timezone.now() - LOOKS_BACK
    )
    for lot in lately.filter(source=Grant.Source.PLAN).order_by("pk"):
        invoice_id = lot.source_ref.split(":")[1]
        try:
            is_paid = stripe_gateway.invoice(invoice_id).status == "paid"
        except Refused:
            is_paid = False
        if not is_paid:
            yield f"{lot.source_ref}: granted here, not paid at Stripe"
    for lot in lately.filter(source=Grant.Source.PACK).order_by("pk"):
        if not stripe_gateway.is_paid(lot.source_ref.split(":")[1]):
            yield f"{lot.source_ref}: granted here, not paid at Stripe"


def _is_sold(lookup_key: str) -> bool:
    return any(offer.lookup_key == lookup_key for offer in plans.offers())

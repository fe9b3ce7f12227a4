"""Prices, buying, and the page about one's plan. Nothing here grants anything."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import structlog
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from billing import ledger, stripe_gateway
from billing.ledger import clock
from billing.models import Customer, Grant
from billing.notices import notices
from billing.payments import CustomerFacts, Gone, NotConfigured, Refused, Unavailable
from billing.plans import current as current_plans
from billing.plans import definitions, offers
from billing.purchases import checkout, customers, open_checkouts
from billing.views import two_plans
from image2.lib.http.access import Caller, allow

log = structlog.get_logger(__name__)


def leads_to_stripe(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the forms of this page end at Stripe: browsers check a redirect of a form against ``form-action`` too."""

    @wraps(view)
    def relaxed(*args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = csp_update({"form-action": settings.STRIPE_PAGES})(view)(*args, **kwargs)
        return response

    return relaxed


@allow(Caller.ANYONE)
@require_safe
@leads_to_stripe
def pricing(request: HttpRequest) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    current = current_plans.subscription_of(user) if user else None
    context = {
        "plans": offers.plans_shown(),
        "packs": offers.packs_shown(),
        "is_configured": stripe_gateway.is_configured(),
        "current": current,
        "current_plan": current_plans.plan_in(current) if user else None,
        "was_cancelled": "cancelled" in request.GET,
        "welcome_credits": settings.WELCOME_CREDITS,
        "size_before_purchase": settings.SIZE_BEFORE_PURCHASE,
    }
    return render(request, "billing/pricing.html", context)


@allow(Caller.PERSON)
@require_POST
def buy(request: HttpRequest, lookup_key: str) -> HttpResponse:
    assert isinstance(request.user, User)
    user = request.user
    try:
        return _to_stripe(request, lambda: checkout.buy(user=user, lookup_key=lookup_key))
    except definitions.UnknownOffer:
        raise Http404 from None
    except open_checkouts.AlreadyPaid:
        messages.info(request, _("Your earlier payment succeeded, so no second one was started."))
        return redirect("billing:thanks")


@allow(Caller.PERSON)
@require_POST
def portal(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    user = request.user
    try:
        return _to_stripe(request, lambda: checkout.manage(user=user))
    except checkout.NothingToManage:
        messages.info(
            request, _("There is no plan or payment method to manage. Buy a plan or credits first.")
        )
        return redirect("billing:pricing")


@allow(Caller.PERSON)
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Show where Stripe sends people after paying. The credits come with Stripe's webhook, not with this page."""
    assert isinstance(request.user, User)
    return render(request, "billing/thanks.html", {"balance": ledger.balance(request.user)})


@allow(Caller.PERSON)
@require_safe
@leads_to_stripe
def overview(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    user = request.user
    lots = Grant.objects.visible_to(user).spendable(clock.now()).in_spending_order()
    facts, trouble = _facts(user)
    current = current_plans.subscription_of(user)
    balance = ledger.balance(user)
    known = notices(user, balance=balance)
    context = {
        "notices": known,
        "plans_at_once": two_plans.shown(known.plans_at_once),
        "plan": current_plans.plan_in(current),
        "current": current,
        "balance": balance,
        "ending_lots": [lot for lot in lots if lot.expires_at],
        "lifetime": sum(lot.remaining for lot in lots if not lot.expires_at),
        "facts": facts,
        "trouble": trouble,
        "is_configured": stripe_gateway.is_configured(),
    }
    return render(request, "billing/overview.html", context)


def _to_stripe(request: HttpRequest, address: Callable[[], str]) -> HttpResponse:
    try:
        return redirect(address())
    except NotConfigured:
        title, text = (
            _("Payments are not configured."),
            _("This site's operator hasn't set up payments. Nothing was bought."),
        )
        status = HTTPStatus.SERVICE_UNAVAILABLE
    except Unavailable:
        title, text = (
            _("The payment service doesn't answer."),
            _("Nothing was bought or changed. Try again in a minute."),
        )
        status = HTTPStatus.SERVICE_UNAVAILABLE
    except Refused:
        log.exception("stripe.refused")
        title, text = (
            _("The payment service refused our request."),
            _(
                "Nothing was bought or changed, and trying again won't help. We've logged it and will look into it; "
                "write to support if it is urgent."
            ),
        )
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return render(request, "billing/not_bought.html", {"title": title, "text": text}, status=status)


def _facts(user: User) -> tuple[CustomerFacts | None, str]:
    """Return what Stripe knows of the person, and why it can't be shown: the page works without."""
    known = Customer.objects.visible_to(user).current().first()
    if known is None or not stripe_gateway.is_configured():
        return None, ""
    try:
        try:
            return stripe_gateway.customer_facts(known.stripe_id), ""
        except Gone:
            customers.retire(known.stripe_id)
            return None, "gone"
    except Refused:
        log.exception("stripe.refused")
        return None, "refused"
    except Unavailable:
        log.warning("stripe.unavailable", exc_info=True)
        return None, "unavailable"

"""Ends one of two plans at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from billing.models import PlanEnding, Subscription
from billing.payments import NotConfigured, Refused, Unavailable
from billing.plans import offers
from billing.plans.current import name_of
from billing.purchases import ending
from billing.purchases.names import NotYet
from billing.views.two_plans import why_not_now
from image2.lib.http.access import Caller, allow


@allow(Caller.PERSON)
@require_POST
def end_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    assert isinstance(request.user, User)
    plan = get_object_or_404(Subscription.objects.visible_to(request.user), pk=plan_id)
    try:
        ended = ending.end(
            user=request.user, subscription_id=plan.stripe_id, token=request.POST.get("offer", "")
        )
    except ending.NotOffered:
        messages.info(request, _("You have one plan, so there is no second one to end."))
    except ending.OfferChanged:
        messages.warning(
            request, _("Nothing was ended, because the refund has changed. Check it below and try again.")
        )
    except (NotConfigured, NotYet, Unavailable, Refused) as error:
        messages.error(request, _("Nothing was ended. %(why)s") % {"why": why_not_now(error)})
    else:
        messages.success(request, _said(ended, name_of(plan)))
    return redirect("billing:overview")


def _said(ended: PlanEnding, name: str) -> str:
    if ended.finished_at is None:
        return _("%(name)s is being ended. You don't need to do anything else.") % {"name": name}
    if not ended.money:
        return _("%(name)s has ended. You won't be charged again.") % {"name": name}
    return _(
        "%(name)s has ended. %(money)s will be refunded within 5 to 10 days, and %(credits)s credits were removed."
    ) % {
        "name": name,
        "money": offers.money(ended.money, ended.currency),
        "credits": number_format(ended.credits, use_l10n=True, force_grouping=True),
    }

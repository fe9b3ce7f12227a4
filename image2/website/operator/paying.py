"""Does it pay: plans, failed payments, refunds, and credits that were sold, are held, and were spent."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from billing.models import Account, Grant, Hold, PlanEnding, Subscription, Transaction
from image2.website.operator import by_day
from image2.website.operator.parts import (
    Cell,
    Chart,
    Figure,
    May,
    Section,
    Table,
    count_cell,
    listing,
    number,
)

SOLD = (Grant.Source.PLAN, Grant.Source.PACK)


def section(may: May, _now: datetime) -> Section:
    pays = Section(name="pays", title=_("Does it pay?"))
    if may(Subscription):
        pays.figures.append(_failed_payments())
        pays.tables.append(_plans())
    if may(Transaction):
        pays.figures.append(_refunds())
    if may(PlanEnding):
        pays.figures.append(_endings())
    if may(Account):
        pays.figures += _accounts()
    if may(Hold):
        pays.figures.append(_held())
    if may(Grant):
        pays.charts.append(_sold())
    if may(Hold):
        pays.charts.append(_spent())
    return pays


def _plans() -> Table:
    in_force = Subscription.objects.in_force().values("lookup_key")
    plans = in_force.annotate(
        people=Count("pk"),
        unpaid=Count("pk", filter=Q(status="past_due")),
        ends=Count("pk", filter=Q(ends_at_period_end=True)),
    )
    of_plan = {"status__in": ",".join(Subscription.IN_FORCE)}
    return Table(
        title=_("Plans in force"),
        columns=[_("Plan"), _("Plans"), _("Payment failed"), _("End with the period")],
        rows=[
            [
                Cell(row["lookup_key"]),
                count_cell(row["people"], listing(Subscription, lookup_key=row["lookup_key"], **of_plan)),
                count_cell(
                    row["unpaid"], listing(Subscription, lookup_key=row["lookup_key"], status="past_due")
                ),
                count_cell(
                    row["ends"],
                    listing(Subscription, lookup_key=row["lookup_key"], ends_at_period_end__exact=1),
                ),
            ]
            for row in plans.order_by("lookup_key")
        ],
        empty=_("Nobody has a plan."),
        url=listing(Subscription, **of_plan),
        note=_("Amounts of money are at Stripe."),
    )


def _failed_payments() -> Figure:
    unpaid = Subscription.objects.filter(status__in=Subscription.UNPAID).count()
    url = listing(Subscription, status__in=",".join(Subscription.UNPAID))
    return Figure(
        label=_("Plans whose payment failed"),
        value=number(unpaid),
        url=url,
        note=_("Stripe tries again, or has stopped trying"),
    )


def _refunds() -> Figure:
    refunds = Transaction.objects.filter(kind=Transaction.Kind.REFUND, created_at__gte=by_day.since())
    url = listing(Transaction, kind__exact=Transaction.Kind.REFUND, created_at__gte=str(by_day.since()))
    return Figure(label=_("Refunds"), value=number(refunds.count()), url=url, note=_("in the last 28 days"))


def _endings() -> Figure:
    unfinished = PlanEnding.objects.unfinished().count()
    return Figure(
        label=_("Plans ended at once, not done at Stripe"),
        value=number(unfinished),
        url=listing(PlanEnding, finished_at__isempty=1),
    )


def _accounts() -> list[Figure]:
    counted = by_day.remembered(
        "accounts", lambda: Account.objects.aggregate(available=Sum("available"), debt=Sum("debt"))
    )
    found = {name: value or 0 for name, value in counted.value.items()}
    return [
        Figure(
            label=_("Credits people can spend"),
            value=number(found["available"]),
            url=listing(Account, o="-2"),
        ),
        Figure(label=_("Credits owed"), value=number(found["debt"]), url=listing(Account, o="-4")),
    ]


def _held() -> Figure:
    held = Hold.objects.open().aggregate(credits=Sum("amount"))
    return Figure(
        label=_("Credits held"),
        value=number(held["credits"] or 0),
        url=listing(Hold, state__exact=Hold.State.OPEN),
        note=_("for jobs that wait or run"),
    )


def _sold() -> Chart:
    return by_day.chart(
        Grant.objects.filter(source__in=SOLD),
        name="sold",
        field="created_at",
        title=_("Credits sold"),
        description=_("Credits of plans and packs granted on each of the last 28 days."),
        unit=_("Credits"),
        what=Sum("amount"),
        source__in=",".join(SOLD),
    )


def _spent() -> Chart:
    return by_day.chart(
        Hold.objects.filter(state=Hold.State.CAPTURED),
        name="spent",
        field="ended_at",
        title=_("Credits spent"),
        description=_("Credits charged for finished pictures on each of the last 28 days."),
        unit=_("Credits"),
        what=Sum("captured"),
        state__exact=Hold.State.CAPTURED,
    )

"""Purchases in the admin: to look at; what went wrong with an event shows beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.lists import WithTotals
from accounts.admin.read_only import ReadOnly
from billing.models import Customer, Order, PlanEnding, StripeEvent, Subscription
from billing.purchases import inbox


@admin.register(Customer)
class CustomerAdmin(ReadOnly):
    list_display = ("stripe_id", "user", "created_at", "gone_at")
    search_fields = ("stripe_id", "user__email")
    list_select_related = ("user",)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly):
    list_display = ("stripe_id", "customer", "lookup_key", "status", "period_end", "ends_at_period_end")
    list_filter = ("status", "lookup_key", "ends_at_period_end", "period_end")
    list_select_related = ("customer",)
    ordering = ("-period_end", "-pk")
    search_fields = ("stripe_id", "customer__user__email")


@admin.register(PlanEnding)
class PlanEndingAdmin(WithTotals):
    list_display = ("subscription", "money", "currency", "credits", "created_at", "finished_at", "error")
    list_filter = (("finished_at", admin.EmptyFieldListFilter), "currency", "created_at")
    date_hierarchy = "created_at"
    totals = {"credits": _("credits taken back")}
    search_fields = ("subscription__stripe_id", "subscription__customer__user__email")
    list_select_related = ("subscription",)


@admin.register(Order)
class OrderAdmin(ReadOnly):
    list_display = ("created_at", "user", "lookup_key", "state", "session_id")
    list_filter = ("state", "lookup_key", "created_at")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    search_fields = ("session_id", "user__email")
    list_select_related = ("user",)


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnly):
    list_display = ("received_at", "type", "stripe_id", "handled_at", "attempts", "error")
    list_filter = ("type", ("handled_at", admin.EmptyFieldListFilter))
    search_fields = ("stripe_id",)
    date_hierarchy = "received_at"
    ordering = ("-received_at",)
    actions = ("replay",)

    @admin.action(description=_("Handle again (nothing is granted twice)"), permissions=["view"])
    def replay(self, request: HttpRequest, events: QuerySet[StripeEvent]) -> None:
        for event in events:
            done = inbox.replay(stripe_id=event.stripe_id)
            level: Any = messages.SUCCESS if done else messages.ERROR
            said = _("%(id)s was handled.") if done else _("%(id)s could not be handled; its row says why.")
            self.message_user(request, said % {"id": event.stripe_id}, level)

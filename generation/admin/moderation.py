"""What moderation refused, in the admin: totals by day, and nothing that could be read of anybody."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.lists import WithTotals
from generation.models import ModerationTotal


@admin.register(ModerationTotal)
class ModerationTotalAdmin(WithTotals):
    list_display = ("day", "stage", "category", "count")
    list_filter = ("stage",)
    date_hierarchy = "day"
    ordering = ("-day", "-count")
    totals = {"count": _("refused")}

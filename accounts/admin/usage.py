"""Totals of usage, in place of its rows: staff see how features are used, never what one person did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from accounts.admin.read_only import ReadOnly
from accounts.models import UsageEvent
from accounts.usage import charts, labels, totals
from image2.lib.http.access import Caller, allow


@admin.register(UsageEvent)
class UsageEventAdmin(ReadOnly):
    """One page, of totals. There is none of a row."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("", view(self.changelist_view), name="accounts_usageevent_changelist")]

    @allow(Caller.STAFF)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise Http404
        weeks = totals.weeks()
        shown = _chosen(request, weeks)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Usage"),
            "opts": self.opts,
            "weeks": weeks,
            "shown": shown,
            "fewest": totals.FEWEST,
            "rounded_to": totals.ROUNDED_TO,
            "sections": [_section(event, weeks, shown) for event in totals.COUNTED] if shown else [],
            "chart": {"width": charts.WIDTH, "height": charts.HEIGHT, "bar": charts.BAR},
        }
        return render(request, "accounts/admin_usage.html", context)


def _chosen(request: HttpRequest, weeks: list[date]) -> date | None:
    asked = request.GET.get("week", "")
    return next((monday for monday in weeks if monday.isoformat() == asked), weeks[0] if weeks else None)


def _section(event: str, weeks: list[date], shown: date) -> dict[str, Any]:
    return {
        "title": _("Requests for pictures") if event == "generation.submitted" else _("Tools of the editor"),
        "total": totals.week_total(event, shown),
        "columns": charts.columns([(monday, totals.week_total(event, monday)) for monday in reversed(weeks)]),
        "details": [
            (_DETAILS[detail](), charts.rows(_labelled(detail, totals.divided(event, shown, detail))))
            for detail in totals.COUNTED[event]
        ],
    }


def _labelled(detail: str, groups: list[totals.Group]) -> list[tuple[str, totals.Group]]:
    rest = _("Others together") if len(groups) > 1 else _("All together")
    return [
        (labels.label(detail, group.values[0]) if len(group.values) == 1 else rest, group) for group in groups
    ]


_DETAILS: dict[str, Callable[[], str]] = {
    "kind": lambda: _("Kind"),
    "model": lambda: _("Model"),
    "shape": lambda: _("Shape"),
    "size": lambda: _("Size"),
    "count": lambda: _("Pictures"),
    "tool": lambda: _("Tool"),
}

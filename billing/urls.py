"""Routes of billing."""

from __future__ import annotations

from django.urls import path

from billing.views import credits as pages

app_name = "billing"
urlpatterns = [
    path("credits/", pages.credits, name="credits"),
    path("credits/lines.csv", pages.lines_csv, name="lines-csv"),
]

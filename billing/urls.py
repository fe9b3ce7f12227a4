"""Routes of billing."""

from __future__ import annotations

from django.urls import path

from billing.views import buying, plans, webhook
from billing.views import credits as pages

app_name = "billing"
urlpatterns = [
    path("credits/", pages.credits, name="credits"),
    path("credits/lines.csv", pages.lines_csv, name="lines-csv"),
    path("credits/welcome/", pages.claim_welcome, name="claim-welcome"),
    path("pricing/", buying.pricing, name="pricing"),
    path("billing/", buying.overview, name="overview"),
    path("billing/buy/<slug:lookup_key>/", buying.buy, name="buy"),
    path("billing/plans/<int:plan_id>/end/", plans.end_plan, name="end-plan"),
    path("billing/portal/", buying.portal, name="portal"),
    path("billing/thanks/", buying.thanks, name="thanks"),
    path("billing/webhook/", webhook.webhook, name="webhook"),
]

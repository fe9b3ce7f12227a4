"""What a ticket can be about, and which of these the law gives the operator a month for."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    ACCOUNT = "account", _("My account")
    BILLING = "billing", _("Billing and credits")
    PICTURE = "picture", _("A picture or a job")
    REFUSED = "refused", _("A prompt or a picture was refused")
    FAULT = "fault", _("Something doesn't work")
    PRIVACY = "privacy", _("Privacy: a question")
    ACCESS = "access", _("Privacy: what you keep about me (access request)")
    CORRECTION = "correction", _("Privacy: correct my data")
    ERASURE = "erasure", _("Privacy: delete my data")
    RESTRICTION = "restriction", _("Privacy: restrict the use of my data")
    OBJECTION = "objection", _("Privacy: object to the use of my data")
    ABUSE = "abuse", _("Report of a picture")
    OTHER = "other", _("Something else")


# Reports of pictures come by a form of their own (`privacy/rights/reporting.py`).
ASKED: Final = [choice for choice in Category.choices if choice[0] != Category.ABUSE]

# Articles 15 to 18 and 21 of the GDPR: article 12 (3) asks for an answer within a month.
RIGHTS: Final = frozenset(
    {Category.ACCESS, Category.CORRECTION, Category.ERASURE, Category.RESTRICTION, Category.OBJECTION}
)
# The operator is reminded so long before the month ends.
REMIND_BEFORE: Final = timedelta(days=7)


def deadline(category: str, asked_at: datetime) -> datetime | None:
    """Return when a ticket of this category must be answered; None where no law says so."""
    return a_month_after(asked_at) if category in RIGHTS else None


def a_month_after(moment: datetime) -> datetime:
    """Return the same day of the next month, or its last day where it has no such day."""
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))

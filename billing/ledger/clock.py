"""The time by which credits expire: the database's, so that no two processes disagree about it."""

from __future__ import annotations

from django.db.models.expressions import Combinable
from django.db.models.functions import Now


def now() -> Combinable:
    """Return the database's now as an expression; the one thing that tests put another in place of."""
    return Now()

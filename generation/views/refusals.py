"""Why an order was not taken, in a sentence that says what to do; for the form, the quote and the job's card."""

from __future__ import annotations

from django.utils.translation import gettext as _

from generation.allowance import SizeNeedsPurchase
from generation.submission import TooOften


def size_needs_purchase(small: SizeNeedsPurchase) -> str:
    return _(
        "Pictures above %(largest)s are for people who have bought credits or a plan. Choose %(largest)s, or buy "
        "once: then every size is open to you."
    ) % {"largest": small.largest.upper()}


def too_often(often: TooOften) -> str:
    return _(
        "Many pictures were asked for from your network lately. Go on in %(wait)s, or buy credits: then this limit "
        "does not hold for you."
    ) % {"wait": often.wait}

"""Why a request was refused, in a sentence that says what to do: the same for the form, the price and a job's card."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.jobs import submission
from generation.requests.request import MODEL_UNAVAILABLE

# What ``submission.submit`` raises for a request that it refuses.
REFUSED: Final = (
    submission.OutOfCredits,
    submission.TooManyQueued,
    submission.TooOften,
    submission.SizeNeedsPurchase,
    submission.ModelNotOffered,
    submission.ReferenceGone,
)
REFERENCE_GONE: Final = gettext_lazy("This picture isn't there any more. Choose another one.")
NOT_REPEATABLE: Final = gettext_lazy("This can't be repeated as is. Edit its settings first.")


class Refusal(NamedTuple):
    """``field`` is the field of the form that the sentence belongs to; None for the form as a whole."""

    field: str | None
    sentence: str


def refusal(error: Exception) -> Refusal:
    match error:
        case submission.OutOfCredits():
            return Refusal(None, _out_of_credits(error))
        case submission.TooManyQueued():
            return Refusal(None, _too_many(error))
        case submission.TooOften():
            return Refusal(None, _too_often(error))
        case submission.SizeNeedsPurchase():
            return Refusal("size", size_needs_purchase(error))
        case submission.ModelNotOffered():
            return Refusal("model", str(MODEL_UNAVAILABLE))
        case submission.ReferenceGone():
            return Refusal("reference", str(REFERENCE_GONE))
    raise error


def size_needs_purchase(error: submission.SizeNeedsPurchase) -> str:
    return _(
        "Sizes above %(largest)s need a plan or bought credits. Choose %(largest)s, or buy once to unlock every size."
    ) % {"largest": error.largest.upper()}


def _out_of_credits(error: submission.OutOfCredits) -> str:
    return ngettext(
        "You need %(n)s more credit. Nothing was charged.",
        "You need %(n)s more credits. Nothing was charged.",
        error.missing,
    ) % {"n": error.missing}


def _too_many(error: submission.TooManyQueued) -> str:
    return _(
        "You already have %(limit)s jobs waiting, which is the limit. Wait for one to finish, or cancel one."
    ) % {"limit": error.limit}


def _too_often(error: submission.TooOften) -> str:
    return _(
        "Too many pictures were requested from your network recently. Try again in %(wait)s, or buy credits: this "
        "limit doesn't apply to customers."
    ) % {"wait": error.wait}

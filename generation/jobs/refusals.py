"""Why a request was refused, in a sentence that says what to do: the same for the form, the price and a job's card."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.jobs import submission
from generation.moderation.checking import Category
from generation.requests.request import MODEL_UNAVAILABLE

# What ``submission.submit`` raises for a request that it refuses.
REFUSED: Final = (
    submission.OutOfCredits,
    submission.TooManyQueued,
    submission.TooOften,
    submission.SizeNeedsPurchase,
    submission.ModelNotOffered,
    submission.ReferenceGone,
    submission.WordsRefused,
    submission.NotChecked,
)
_NOT_MADE: Final[dict[str, Promise]] = {
    Category.MINORS: gettext_lazy("Nude or sexual pictures of minors are never made here."),
    Category.SEXUAL: gettext_lazy("Pornographic pictures aren't made here."),
    Category.SEXUAL_VIOLENCE: gettext_lazy("Pictures of sexual violence aren't made here."),
    Category.VIOLENCE: gettext_lazy("Pictures of extreme violence aren't made here."),
    Category.HATRED: gettext_lazy("Pictures that stir up hatred aren't made here."),
    Category.SELF_HARM: gettext_lazy(
        "Pictures of suicide and self-harm aren't made here. If you think of harming yourself, talk to somebody: an "
        "emergency number or a crisis line helps at any hour."
    ),
}
_NOT_MADE_HERE: Final = gettext_lazy("Pictures of this aren't made here.")
REFERENCE_GONE: Final = gettext_lazy("This picture isn't there any more. Choose another one.")
ONE_REFERENCE_GONE: Final = gettext_lazy(
    "One of the pictures isn't there any more. Choose another one, or go on without it."
)
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
        case submission.ControlGone():
            return Refusal("control", str(REFERENCE_GONE))
        case submission.ReferenceGone():
            return Refusal("reference", str(REFERENCE_GONE))
        case submission.WordsRefused():
            return Refusal("prompt", words_refused(error))
        case submission.NotChecked():
            return Refusal(
                "prompt",
                _("Your words couldn't be checked just now. Nothing was charged. Try again in a minute."),
            )
    raise error


def reference_gone(pictures: int) -> str:
    """Return the sentence for a request that started from so many pictures."""
    return str(REFERENCE_GONE if pictures <= 1 else ONE_REFERENCE_GONE)


def words_refused(error: submission.WordsRefused) -> str:
    what = _NOT_MADE.get(error.category, _NOT_MADE_HERE)
    after = _("Nothing was charged. Change your words, or write to Support if this is a mistake.")
    return f"{what} {after}"


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

"""Why a job failed: a code in the table, a sentence for the person. What failed isn't charged."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from generation.models import Job


class Failure(StrEnum):
    """Codes are stored for good in ``Job.error_code``; sentences may be reworded."""

    LOST = "lost"
    MEMORY = "memory"
    MODEL = "model"
    MODEL_MISSING = "model_missing"
    REFERENCE = "reference"
    STORAGE = "storage"
    TIME = "time"
    REQUEST = "request"
    NOTHING = "nothing"
    ADAPTER = "adapter"
    CONTROL = "control"
    CONTROL_GONE = "control_gone"
    NO_EDGES = "no_edges"
    SWITCHED_OFF = "switched_off"
    REFUSED = "refused"
    NOT_CHECKED = "not_checked"


_SENTENCES: Final[dict[Failure, Promise]] = {
    Failure.LOST: _(
        "The machine that worked on this stopped three times, so we gave up. You were not charged. Try again in a "
        "few minutes, or with fewer pictures."
    ),
    Failure.MEMORY: _(
        "The machine ran out of memory for this picture. You were not charged. Try a smaller size or fewer pictures."
    ),
    Failure.MODEL: _(
        "The model failed on this request. You were not charged. Try again, or choose another model."
    ),
    Failure.MODEL_MISSING: _(
        "This model couldn't be loaded. You were not charged. Choose another model; we've been notified."
    ),
    Failure.ADAPTER: _(
        "This LoRA couldn't be used with the model. You were not charged. Choose another one, or none; we've been "
        "notified."
    ),
    Failure.CONTROL: _(
        "The control picture couldn't be used with this model. You were not charged. Remove it, or choose another "
        "model; we've been notified."
    ),
    Failure.CONTROL_GONE: _(
        "The control picture isn't there any more. You were not charged. Choose another one, or none."
    ),
    Failure.NO_EDGES: _(
        "The control picture shows no edges. You were not charged. Choose another picture, or control by depth."
    ),
    Failure.REFERENCE: _(
        "The reference picture couldn't be read any more. You were not charged. Choose another picture."
    ),
    Failure.STORAGE: _(
        "The finished picture couldn't be stored. You were not charged. Try again in a few minutes."
    ),
    Failure.TIME: _(
        "This took longer than we allow, so it was stopped. You were not charged. Try fewer steps or a smaller size."
    ),
    Failure.SWITCHED_OFF: _(
        "This model was switched off while your request waited. You were not charged. Choose another model."
    ),
    Failure.REFUSED: _(
        "What was drawn isn't shown here: an automatic check refused it. You were not charged. Change your words, or "
        "write to Support if this is a mistake."
    ),
    Failure.NOT_CHECKED: _(
        "What was drawn couldn't be checked, so it isn't shown. You were not charged. Try again in a few minutes."
    ),
    Failure.NOTHING: _(
        "This picture shows nothing but a background, so there is nothing to cut out. You were not charged. Choose "
        "another picture."
    ),
    Failure.REQUEST: _(
        "This request can't be generated any more. You were not charged. Start a new one from its settings."
    ),
}
_LABELS: Final[dict[Failure, Promise]] = {
    Failure.LOST: _("Worker lost three times"),
    Failure.MEMORY: _("Out of memory"),
    Failure.MODEL: _("The model raised an error"),
    Failure.MODEL_MISSING: _("Model couldn't be loaded"),
    Failure.ADAPTER: _("LoRA couldn't be used"),
    Failure.CONTROL: _("Control couldn't be used"),
    Failure.CONTROL_GONE: _("Control picture was gone"),
    Failure.NO_EDGES: _("Control picture without edges"),
    Failure.REFERENCE: _("Reference couldn't be read"),
    Failure.STORAGE: _("Storage refused the picture"),
    Failure.TIME: _("Took too long"),
    Failure.SWITCHED_OFF: _("Model was switched off"),
    Failure.REFUSED: _("Picture was refused by moderation"),
    Failure.NOT_CHECKED: _("Picture couldn't be checked"),
    Failure.NOTHING: _("Nothing to cut out"),
    Failure.REQUEST: _("Request can't be generated any more"),
}
# All layers of a picture are drawn at once, at a size of the model's own: what people can change is their number.
_LAYERS_IN_MEMORY: Final = _(
    "The machine ran out of memory for so many layers. You were not charged. Try fewer layers."
)
_NOTHING_SELECTED: Final = _("Nothing was found there. Click somewhere else, or use Quick selection.")
_UNKNOWN: Final = _("Something went wrong on our side. You were not charged. Please try again.")
PARTLY: Final = _("Some of the pictures failed. Only the finished ones were charged.")


def label(code: str) -> str:
    """Return the cause in a few words, for staff; a code that isn't known any more stays as it is."""
    return str(_LABELS[Failure(code)]) if code in set(Failure) else code


def sentence(code: str) -> str:
    """Return what happened, what to do, and that it cost nothing; the empty string for a job that didn't fail."""
    if not code:
        return ""
    return str(_SENTENCES.get(Failure(code), _UNKNOWN) if code in set(Failure) else _UNKNOWN)


def sentence_of(job: Job) -> str:
    """Return the sentence for an ended job: all of it failed, or some of its pictures."""
    if job.error_code and job.state == job.State.DONE:
        return str(PARTLY)
    if job.error_code == Failure.MEMORY and job.kind == job.Kind.LAYERS:
        return str(_LAYERS_IN_MEMORY)
    if job.error_code == Failure.NOTHING and job.kind == job.Kind.SEGMENT:
        return str(_NOTHING_SELECTED)
    return sentence(job.error_code)

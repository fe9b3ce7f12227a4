"""The sentences of a job's card: one table for the server's rendering and for the script that updates it."""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# {names} are filled here and, after the first rendering, by static/js/elements/job-card.js.
WORDS: Final[dict[str, Promise]] = {
    "queued": _("Waiting"),
    "next": _("Next in the queue"),
    "place": _("Place {place} in the queue"),
    "running": _("Starting"),
    "loading": _("Loading the model"),
    "drawing": _("Drawing"),
    "upscaling": _("Enlarging"),
    "enhancing": _("Adding detail"),
    "encoding": _("Saving"),
    "done": _("Done"),
    "failed": _("Failed"),
    "cancelled": _("Cancelled"),
    "step": _("step {step} of {of}"),
    "picture": _("picture {picture} of {count}"),
    "unknown": _("time left unknown"),
    "seconds": _("{low}–{high} s left"),
    "minutes": _("{low}–{high} min left"),
    "nearly": _("almost done"),
    "said_queued": _("Your picture is in the queue."),
    "said_running": _("Your picture is being drawn."),
    "said_done": _("Your picture is ready."),
    "said_failed": _("Your picture couldn't be generated. You were not charged."),
    "said_cancelled": _("Cancelled."),
}


def words() -> dict[str, str]:
    return {name: str(sentence) for name, sentence in WORDS.items()}


def stage(event: dict[str, Any]) -> str:
    """What is happening now: "Drawing, step 3 of 20"."""
    if event["state"] == "queued":
        if event["place"] is None:
            return str(WORDS["queued"])
        if event["stage"] == "loading":
            return str(WORDS["loading"])
        return str(WORDS["next"]) if event["place"] == 1 else str(WORDS["place"]).format(place=event["place"])
    said = str(
        WORDS.get(event["stage"], WORDS["running"]) if event["state"] == "running" else WORDS[event["state"]]
    )
    if event["state"] != "running" or not event["of"]:
        return said
    if event["stage"] == "drawing":
        return f"{said}, {str(WORDS['step']).format(step=event['step'], of=event['of'])}"
    if event["count"] > 1:
        picture = min(event["picture"] + 1, event["count"])
        return f"{said}, {str(WORDS['picture']).format(picture=picture, count=event['count'])}"
    return said


def time_left(event: dict[str, Any]) -> str:
    """A range, since a single number would be a promise; and "unknown" while nothing was measured."""
    if event["state"] not in ("queued", "running"):
        return ""
    if event["eta"] is None:
        return str(WORDS["unknown"])
    low, high = event["eta"]
    if high <= 1:
        return str(WORDS["nearly"])
    if high < 120:
        return str(WORDS["seconds"]).format(low=low, high=high)
    return str(WORDS["minutes"]).format(low=low // 60, high=-(-high // 60))

"""Why an order is refused: what the site says of requests, as the page reads it."""

from __future__ import annotations

from typing import Final

from editor.generating.asking import Refused
from generation.jobs import refusals, submission
from generation.requests.request import InvalidRequest

_CODES: Final = {
    "prompt": "words",
    "count": "variants",
    "model": "model",
    "kind": "model",
    "canvas": "canvas",
    "place": "canvas",
    "scale": "scale",
    "strength": "strength",
    "steps": "strength",
    "feather": "box",
    "box": "box",
    "mask": "selection",
    "reference": "size",
    "size": "size",
}


def refusal_of(error: Exception) -> Refused:
    """Return the refusal of a request that can't be, or that `submission` does not take."""
    if isinstance(error, InvalidRequest):
        field, sentence = next(iter(error.errors.items()))
        return Refused(_CODES.get(field, "form"), str(sentence))
    field_of_form, sentence = refusals.refusal(error)
    if isinstance(error, submission.OutOfCredits):
        return Refused("credits", sentence, missing=error.missing)
    return Refused(_CODES.get(field_of_form or "", "many"), sentence)

"""The reference pictures of the form: how many a model takes, and what kind of request they make.

They are one text of names with spaces between, so that drafts, addresses and sessions hold them like any other field.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.requests import catalogue
from generation.requests.catalogue import MOST_REFERENCES, Entry
from generation.requests.kinds import Kind
from generation.requests.request import InvalidRequest

# How one picture is used by a model that can do both: changed as the prompt says, or drawn anew from it.
EDIT: Final = "edit"
START: Final = "start"
# Characters of the text: more than any form of ours sends.
LONGEST: Final = 60 * (MOST_REFERENCES + 2)


class NoRoom(Exception):
    """The model takes no more reference pictures; the message is the sentence for the person."""


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in the text, each once."""
    return tuple(dict.fromkeys(text.split()))


def entry_of(model: str) -> Entry | None:
    try:
        return catalogue.get(model)
    except catalogue.UnknownModel:
        return None


def most_for(entry: Entry | None) -> int:
    """Return how many reference pictures this model takes; an unknown one none."""
    return entry.reference_limit if entry else 0


def check_room(text: str, entry: Entry | None) -> None:
    """Raise NoRoom where another picture can neither be added nor take the place of the only one."""
    most = most_for(entry)
    if most == 0:
        raise NoRoom(_("This model takes no reference pictures. Choose another model."))
    if 1 < most <= len(names_in(text)):
        sentence = _("This model takes at most %(most)s reference pictures. Remove one first.")
        raise NoRoom(sentence % {"most": most})


def with_another(text: str, name: str, entry: Entry | None) -> str:
    """Add a picture; where the model takes only one, the new one replaces it. Raises NoRoom."""
    names = names_in(text)
    if name in names:
        return " ".join(names)
    check_room(text, entry)
    return " ".join((*names, name)) if most_for(entry) > 1 else name


def without(text: str, name: str) -> str:
    """Remove a picture; with no name, all of them."""
    return " ".join(other for other in names_in(text) if name and other != name)


def kind_for(names: tuple[str, ...], entry: Entry | None, use: str) -> Kind:
    """Return the kind of request that these pictures make with this model.

    Raises InvalidRequest where the model can't use them. An unknown model is refused by the request itself.
    """
    if entry is None:
        return "image_to_image" if names else "text_to_image"
    if not names:
        if entry.can("text_to_image"):
            return "text_to_image"
        sentence = _("This model changes pictures. Add one to start from, or choose another model.")
        raise InvalidRequest({"reference": sentence})
    most = most_for(entry)
    if most == 0:
        sentence = _("This model takes no reference pictures. Remove them, or choose another model.")
        raise InvalidRequest({"reference": sentence})
    if len(names) > most:
        sentence = ngettext(
            "This model takes one reference picture. Remove the others, or choose another model.",
            "This model takes at most %(most)s reference pictures. Remove some, or choose another model.",
            most,
        )
        raise InvalidRequest({"reference": sentence % {"most": most}})
    is_edit = entry.can("edit") and (len(names) > 1 or use != START or not entry.can("image_to_image"))
    return "edit" if is_edit else "image_to_image"

"""The looks of the form: which styles the chosen model can follow, and what is wrong with the chosen one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from generation.requests.catalogue import Entry
from generation.requests.request import InvalidRequest
from generation.styles import examples, presets
from generation.styles.presets import Preset
from generation.styles.style import Style

# What of the form is looks, which change no price.
UNPRICED: Final = ("style",)
# Between key and version, in a form that was filled in from a picture.
_AT: Final = "@"


@dataclass(frozen=True, slots=True)
class Choice:
    """A style of the row; ``image`` is empty where no model drew an example."""

    key: str
    name: str
    image: str
    words: str
    is_chosen: bool


class Looks:
    """What the row shows. ``typed`` is the chosen style as the form holds it: a key, or a key and a version."""

    def __init__(self, entry: Entry | None, typed: str) -> None:
        self._entry = entry
        self._key, _at, self._version = typed.partition(_AT)

    @cached_property
    def styles(self) -> list[Choice]:
        return [self._choice(preset) for preset in _offered(self._entry)]

    @property
    def has_style(self) -> bool:
        return any(style.is_chosen for style in self.styles)

    @property
    def note(self) -> str:
        """One sentence where the chosen style can't be used, or is no longer what it was; else empty."""
        if not self._key or self._entry is None:
            return ""
        preset = presets.find(self._key)
        if preset is None or not self.has_style:
            return refusal(self._key)
        if self._version and self._version != str(preset.style.version):
            sentence = _("“%(style)s” was changed since that picture was drawn. Its new words are used.")
            return sentence % {"style": preset.style.name}
        return ""

    def _choice(self, preset: Preset) -> Choice:
        assert self._entry is not None
        style = preset.style
        image = image_of(preset, model=self._entry.id)
        return Choice(style.key, style.name, image, style.words("…"), style.key == self._key)


def style_for(typed: str, entry: Entry | None) -> Style | None:
    """The style that the form names, to be kept in the request. Raises InvalidRequest; an unknown model has none."""
    key = typed.partition(_AT)[0]
    if not key or entry is None:
        return None
    for preset in _offered(entry):
        if preset.style.key == key:
            return preset.style
    raise InvalidRequest({"style": refusal(key)})


def refusal(key: str) -> str:
    if presets.find(key) is None:
        return _("This style is no longer available. Choose another one, or none.")
    return _("This style doesn't work with this model. Choose another one, or none.")


def name_of(style: Style | None) -> str:
    """What the form holds for the style of a picture."""
    return f"{style.key}{_AT}{style.version}" if style else ""


def image_of(preset: Preset, *, model: str) -> str:
    """The address of the example picture; the operator's own comes first."""
    if examples.own(preset, model=model):
        return reverse("generation:style-example", args=[model, preset.style.key, preset.style.version])
    name = examples.shipped(preset, model=model)
    return static(name) if name else ""


def _offered(entry: Entry | None) -> tuple[Preset, ...]:
    return presets.offered(model=entry.id, family=entry.family) if entry else ()

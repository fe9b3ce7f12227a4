"""The looks of the form: which styles and adapters the chosen model takes, and what is wrong with the chosen ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from generation import availability
from generation.requests.catalogue import Entry
from generation.requests.request import NO_ADAPTER, OTHER_ADAPTER, InvalidRequest, weight_sentence
from generation.styles import adapter, adapters, examples, presets
from generation.styles.adapter import Adapter
from generation.styles.adapters import Entry as Adapted
from generation.styles.presets import Preset
from generation.styles.style import Style

# What of the form is looks, which change no price.
UNPRICED: Final = ("style", "adapter", "adapter_weight")
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
    """What the rows show. ``values`` are those of the form; a style is a key, or a key and a version."""

    def __init__(self, entry: Entry | None, values: Mapping[str, Any]) -> None:
        self._entry = entry
        self._key, _at, self._version = str(values.get("style") or "").partition(_AT)
        self._adapter, self._weight = str(values.get("adapter") or ""), values.get("adapter_weight")

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

    @cached_property
    def adapters(self) -> tuple[Adapted, ...]:
        if self._entry is None or not self._entry.takes_adapters:
            return ()
        offered = adapters.offered(model=self._entry.id)
        gone = availability.lacked(self._entry.id) if offered else frozenset()
        return tuple(adapted for adapted in offered if f"adapter:{adapted.key}" not in gone)

    @property
    def adapter(self) -> Adapted | None:
        """The chosen one, where the model takes it."""
        return next((entry for entry in self.adapters if entry.key == self._adapter), None)

    @property
    def adapter_note(self) -> str:
        if not self._adapter or self._entry is None or self.adapter:
            return ""
        known = adapters.find(self._adapter) is not None and not _is_lacked(self._adapter, self._entry)
        return str(OTHER_ADAPTER if known else NO_ADAPTER)

    @property
    def weight(self) -> str:
        """As typed, right or wrong. Empty is the usual one of whichever is chosen when the form is sent."""
        if self._weight in (None, ""):
            return ""
        return f"{self._weight:g}" if isinstance(self._weight, float) else str(self._weight)

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


def adapter_for(key: str, weight: float | None, entry: Entry | None) -> Adapter | None:
    """The adapter that the form names, at its usual weight unless one is given; the request says whether it fits.

    Raises InvalidRequest where it is gone from the catalogue, or no live worker that runs this model has its file.
    """
    if not key:
        return None
    found = adapters.find(key)
    if found is None or (entry and _is_lacked(key, entry)):
        raise InvalidRequest({"adapter": NO_ADAPTER})
    wanted = found.weight if weight is None else weight
    if not adapter.is_weight(wanted):
        raise InvalidRequest({"adapter": weight_sentence(found)})
    return found.chosen(wanted)


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


def _is_lacked(key: str, entry: Entry) -> bool:
    return f"adapter:{key}" in availability.lacked(entry.id)


def _offered(entry: Entry | None) -> tuple[Preset, ...]:
    if entry is None:
        return ()
    return presets.offered(model=entry.id, family=entry.family, vocabulary=entry.vocabulary)

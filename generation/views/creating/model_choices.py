"""The models on /create/: in groups by what they are good at, each with its limits and an example."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation import availability, examples
from generation.examples import Example
from generation.requests import pricing
from generation.requests.catalogue import NATIVE, Entry
from generation.requests.controls import control
from generation.requests.sizes import SIZES

# What /create/ and the buttons of a picture make, in the order in which a card says it.
_KINDS: Final[dict[str, Promise]] = {
    "text_to_image": gettext_lazy("from words"),
    "image_to_image": gettext_lazy("from a picture"),
    "edit": gettext_lazy("edits by instruction"),
    "inpaint": gettext_lazy("redraws parts"),
    "layers": gettext_lazy("splits into layers"),
}


@dataclass(frozen=True)
class Choice:
    """One model on its card. Without an `example` it has no picture: nothing stands in for one."""

    entry: Entry
    example: Example | None

    @property
    def price(self) -> int:
        """Credits of the smallest picture."""
        return self.entry.base_price * min(pricing.SIZE_FACTORS[size] for size in SIZES)

    @property
    def kinds(self) -> str:
        """What it makes, in a few words, the first of them capital."""
        text = ", ".join(str(words) for kind, words in _KINDS.items() if self.entry.can(kind))
        return text[:1].upper() + text[1:]

    @property
    def limits(self) -> tuple[str, ...]:
        return tuple(filter(None, (self._drawn_at, self._steps, self._references, self._control)))

    @property
    def _drawn_at(self) -> str:
        if self.entry.scaler == NATIVE:
            return _("Draws every size itself")
        return _("Draws %(size)s, then enlarges") % {"size": self.entry.base_size("1:1")}

    @property
    def _steps(self) -> str:
        if self.entry.min_steps == self.entry.max_steps:
            most = self.entry.max_steps
            return ngettext("%(most)s step", "%(most)s steps", most) % {"most": most}
        return _("%(least)s–%(most)s steps") % {
            "least": self.entry.min_steps,
            "most": self.entry.max_steps,
        }

    @property
    def _references(self) -> str:
        most = self.entry.reference_limit
        if not most:
            return _("no reference pictures")
        return ngettext("one reference picture", "up to %(most)s reference pictures", most) % {"most": most}

    @property
    def _control(self) -> str:
        kinds = ", ".join(
            str(name).lower()
            for kind, name in control.KINDS.items()
            if kind in availability.controls(self.entry)
        )
        return _("control pictures: %(kinds)s") % {"kinds": kinds} if kinds else ""


@dataclass(frozen=True)
class Group:
    """Models that are good at the same."""

    title: str
    choices: tuple[Choice, ...]


def groups(entries: Iterable[Entry]) -> list[Group]:
    """In the catalogue's order; those of which the catalogue doesn't say what they are good at come last."""
    offered = list(entries)
    known = examples.of(offered)
    found: dict[str, list[Choice]] = {}
    for entry in sorted(offered, key=lambda entry: not entry.good_at):
        found.setdefault(entry.good_at, []).append(Choice(entry, known.get(entry.id)))
    return [Group(title or _("Other models"), tuple(choices)) for title, choices in found.items()]

"""What was recorded, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.usage.days import Recorded
from editor.log import tools
from generation.requests import catalogue
from image2.lib.personal_data import Sentence

KINDS: dict[str, Sentence] = {
    "text_to_image": gettext_lazy("a picture from words"),
    "image_to_image": gettext_lazy("a picture from a picture"),
    "inpaint": gettext_lazy("a part of a picture drawn again"),
    "outpaint": gettext_lazy("a picture extended"),
    "edit": gettext_lazy("a picture changed by an instruction"),
    "upscale": gettext_lazy("a picture enlarged"),
    "remove_background": gettext_lazy("a background removed"),
    "variation": gettext_lazy("a variation of a picture"),
    "layers": gettext_lazy("a picture taken apart into layers"),
    "segment": gettext_lazy("a part of a picture selected by clicks"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, and the rows behind it exactly as they are stored."""

    sentence: str
    stored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    lines: list[Line]


def day(on: date, recorded: Iterable[Recorded]) -> Day:
    found = list(recorded)
    used = [each for each in found if each.event == tools.EVENT]
    others = [each for each in found if each.event != tools.EVENT]
    return Day(on, [*(Line(_sentence(each), (_stored(each),)) for each in others), *_tools(used)])


def value(detail: str, stored: str) -> str:
    """Return a detail's value as people know it, for the operator's totals."""
    if detail == "model":
        return _model(stored)
    if detail == "kind":
        return str(KINDS.get(stored, stored))
    if detail == "tool":
        return str(tools.words(stored))
    return stored.upper() if detail == "size" else stored


def _tools(used: list[Recorded]) -> Iterator[Line]:
    """All tools of a day in one sentence."""
    if used:
        names = sorted(str(tools.words(str(each.details.get("tool", "")))) for each in used)
        sentence = _("In the editor you used: %(tools)s.") % {"tools": get_text_list(names, _("and"))}
        yield Line(sentence, tuple(_stored(each) for each in used))


def _sentence(each: Recorded) -> str:
    say = SAYING.get(each.event)
    sentence = say(each.details) if say else _("“%(event)s” was recorded.") % {"event": each.event}
    if each.times == 1:
        return sentence
    often = ngettext("%(n)d time", "%(n)d times", each.times) % {"n": each.times}
    return f"{sentence} ({often})"


def _submitted(details: dict[str, Any]) -> str:
    kind = str(details.get("kind", ""))
    said = [_("shape %(shape)s") % {"shape": details.get("shape")}] if details.get("shape") else []
    if size := str(details.get("size") or ""):
        said.append(_("size %(size)s") % {"size": size.upper()})
    if isinstance(count := details.get("count"), int):
        said.append(ngettext("%(n)d picture", "%(n)d pictures", count) % {"n": count})
    return _("You asked for %(what)s with %(model)s: %(more)s.") % {
        "what": KINDS.get(kind, kind),
        "model": _model(str(details.get("model", ""))),
        "more": ", ".join(said),
    }


# Each event that the program records has a sentence; a test compares this with the calls. The tools are said above.
SAYING: dict[str, Callable[[dict[str, Any]], str]] = {"generation.submitted": _submitted}


def _model(name: str) -> str:
    try:
        return catalogue.get(name).label
    except catalogue.UnknownModel:
        return name


def _stored(each: Recorded) -> str:
    return " ".join([each.event, *(f"{name}={value}" for name, value in sorted(each.details.items()))])

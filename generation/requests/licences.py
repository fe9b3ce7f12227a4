"""What a person may do with a picture, in plain words, by the licence of the model that drew it.

The sentences sum up what each licence says about results; the licence itself decides, and the page links to it. An
operator's model with a licence that isn't listed here is shown with its name and the advice to read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.requests import catalogue
from generation.requests.recipe import EDITOR

Sentence = str | Promise
BUNDLED: Final = "bundled"


@dataclass(frozen=True, slots=True)
class Terms:
    """One licence as a person reads it: a line for the picture's page, and the whole."""

    name: str
    short: Sentence
    may: tuple[Sentence, ...] = ()
    must: tuple[Sentence, ...] = ()
    url: str = ""


_SHARE: Final = _("Use, change, print and share the picture, privately or commercially.")
_NO_CLAIM: Final = _("Neither we nor the authors of the model claim any right in it.")
_LAW: Final = _(
    "Respect the law and other people's rights: a model can draw what somebody else owns, or a person who never agreed."
)
_MARK: Final = _(
    "Where the law asks for it, say that a model made it. Downloads carry a mark that says so; leave it in."
)
_APACHE_URL: Final = "https://www.apache.org/licenses/LICENSE-2.0"

APACHE: Final = Terms(
    name="Apache-2.0",
    short=_("Use it for anything, including commercial work."),
    may=(_SHARE, _NO_CLAIM),
    must=(_LAW, _MARK),
    url=_APACHE_URL,
)
# Ours: the weights were trained on drawings of our own program alone, so nobody else's picture can be in them.
OURS: Final = Terms(
    name="Apache-2.0",
    short=_("Use it for anything, including commercial work. The model is our own."),
    may=(
        _SHARE,
        _(
            "We claim no right in it. The model learnt from drawings of our own program, and from nobody's pictures."
        ),
    ),
    must=(_MARK,),
    url=_APACHE_URL,
)
RAIL: Final = Terms(
    name="CreativeML Open RAIL++-M",
    short=_("Use it for almost anything, including commercial work; some harmful uses are ruled out."),
    may=(_SHARE, _NO_CLAIM),
    must=(
        _(
            "Don't use it to break a law, to harm or exploit children, to harass or defame somebody, to spread false "
            "information that does harm, or to decide about people: the licence rules these out."
        ),
        _LAW,
        _MARK,
    ),
    url="https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
)
NON_COMMERCIAL: Final = Terms(
    name="",
    short=_("For research and private use only; no commercial use."),
    may=(_("Look at it, change it and show it without earning anything with it."),),
    must=(_("Don't sell it, and don't use it in advertising or at work."), _LAW, _MARK),
)
BY_HAND: Final = Terms(
    name="",
    short=_("Made in the editor: it's as free as what you put into it."),
    may=(_("What you drew yourself is yours alone."),),
    must=(_("For pictures that you opened or pasted, what was said about each of them still holds."),),
)
UNKNOWN: Final = Terms(
    name="",
    short=_("Read the licence of the model before you use it for more than yourself."),
    must=(_LAW, _MARK),
)
_BY_NAME: Final[dict[str, Terms]] = {terms.name: terms for terms in (APACHE, RAIL)}


def of_model(model: str) -> Terms:
    """Return the terms for pictures of a model; UNKNOWN for one that this site doesn't know any more."""
    if model == EDITOR:
        return BY_HAND
    try:
        return of_entry(catalogue.get(model))
    except catalogue.UnknownModel:
        return UNKNOWN


def of_entry(entry: catalogue.Entry) -> Terms:
    if entry.id == BUNDLED:
        return OURS
    known = NON_COMMERCIAL if not entry.commercial_use else _BY_NAME.get(entry.licence, UNKNOWN)
    return known if known.name == entry.licence else _named(known, entry.licence)


def _named(terms: Terms, name: str) -> Terms:
    return Terms(name, terms.short, terms.may, terms.must, terms.url)

"""What the site keeps in a browser: cookies, keys, databases and caches, each with what for and how long.

The privacy policy shows this list, and a test walks the site in a browser and compares. Code that sets a cookie or a
key adds a line; what a published text does not cover yet also carries ``since`` and is set only once
``accounts.people.policies.in_force(since)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from image2.lib.http import messages, theme

Sentence = str | Promise


class Place(StrEnum):
    COOKIE = "cookie"
    LOCAL_STORAGE = "local storage"
    SESSION_STORAGE = "session storage"
    DATABASE = "database"  # IndexedDB
    CACHE = "cache"  # of a service worker

    @property
    def label(self) -> Sentence:
        return _PLACES[self]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One cookie or key. A star in the name stands for anything: "draft:*"."""

    name: str
    purpose: Sentence
    lifetime: Sentence
    place: Place = Place.COOKIE
    # The shipped text of the policy that covers it.
    since: int = 1


def stored() -> tuple[Stored, ...]:
    """Return everything, named as this site is configured."""
    return (
        Stored(
            name=settings.SESSION_COOKIE_NAME,
            purpose=_("Keeps you logged in, and the settings you used last on the page Create"),
            lifetime=format_lazy(
                _(
                    "Until you log out, {days} days at most; without “Stay signed in” until the browser is closed"
                ),
                days=settings.SESSION_COOKIE_AGE // (24 * 3600),
            ),
        ),
        Stored(
            name=settings.CSRF_COOKIE_NAME,
            purpose=_("Protects forms: another site can't send one in your name"),
            lifetime=format_lazy(_("{days} days"), days=settings.CSRF_COOKIE_AGE // (24 * 3600)),
        ),
        Stored(
            name=messages.COOKIE,
            purpose=_("Carries a sentence such as “Saved” to the next page"),
            lifetime=_("Until it was shown, or the browser is closed"),
        ),
        Stored(
            name=KNOWN_BROWSER,
            purpose=_(
                "Knows this browser again, so that strangers who guess passwords can't lock you out of it"
            ),
            lifetime=format_lazy(_("{days} days after you last signed in"), days=settings.KNOWN_BROWSER_DAYS),
            since=2,
        ),
        Stored(
            name=theme.COOKIE,
            purpose=_("Remembers light or dark in this browser, once you choose"),
            lifetime=format_lazy(_("{days} days"), days=theme.A_YEAR // (24 * 3600)),
        ),
        Stored(
            name="draft:*",
            purpose=_("What you typed into a form and have not sent; it stays in this browser"),
            lifetime=_("Until the form is sent, 7 days at most"),
            place=Place.LOCAL_STORAGE,
        ),
        Stored(
            name="draft:nobody:*",
            purpose=_("The same while nobody is logged in"),
            lifetime=_("Until the form is sent, somebody logs in, or the tab is closed"),
            place=Place.SESSION_STORAGE,
        ),
        Stored(
            name="draft-sending",
            purpose=_("Which draft to delete once its form was accepted"),
            lifetime=_("Until then, or the tab is closed"),
            place=Place.SESSION_STORAGE,
        ),
        *(
            Stored(
                name="account",
                purpose=_("A key made from your account, so that your drafts are shown to nobody else"),
                lifetime=lifetime,
                place=place,
            )
            for place, lifetime in (
                (Place.LOCAL_STORAGE, _("Until you log out")),
                (Place.SESSION_STORAGE, _("Until you log out, or the tab is closed")),
            )
        ),
        *_of_the_editor(),
    )


def _of_the_editor() -> tuple[Stored, ...]:
    """static/editor/: its page, its worker and its service worker."""
    cleared = _("Until you clear it in the editor, or this site's data in your browser")
    return (
        Stored(
            name="image2-editor-options",
            place=Place.LOCAL_STORAGE,
            purpose=_("Remembers brush settings, colours, and which hints of the editor you have seen"),
            lifetime=_("Until you clear this site's data in your browser"),
            since=3,
        ),
        Stored(
            name="image2-editor-account",
            place=Place.LOCAL_STORAGE,
            purpose=_("Says whose pages of the editor this browser may open without a connection"),
            lifetime=_("Until you clear this site's data in your browser"),
            since=3,
        ),
        Stored(
            name="image2-editor-*",
            place=Place.DATABASE,
            purpose=_("Keeps your documents and their steps, so that nothing is lost without a connection"),
            lifetime=cleared,
            since=3,
        ),
        Stored(
            name="image2-editor-*",
            place=Place.CACHE,
            purpose=_("Keeps the editor's program, so that it opens without a connection"),
            lifetime=cleared,
            since=3,
        ),
    )


def find(name: str, place: Place = Place.COOKIE) -> Stored | None:
    """Return what declares this cookie or key; None when nobody does."""
    return next((item for item in stored() if item.place is place and fnmatchcase(name, item.name)), None)


KNOWN_BROWSER = "__Host-known_browser" if settings.PRODUCTION else "known_browser"
_PLACES: dict[Place, Sentence] = {
    Place.COOKIE: _("Cookie"),
    Place.LOCAL_STORAGE: _("Local storage"),
    Place.SESSION_STORAGE: _("Session storage"),
    Place.DATABASE: _("Database"),
    Place.CACHE: _("Cache"),
}

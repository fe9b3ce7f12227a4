"""The rights that the law gives people about their data (GDPR, articles 15 to 22), and where each is used here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from image2.lib.personal_data import Sentence
from privacy.support.categories import Category


@dataclass(frozen=True, slots=True)
class Way:
    """A page where a right is used: a route of this site, with what its address says beside it."""

    label: Sentence
    route: str
    query: Mapping[str, str] = field(default_factory=dict)
    fragment: str = ""

    @property
    def url(self) -> str:
        query = f"?{urlencode(self.query)}" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{reverse(self.route)}{query}{fragment}"


@dataclass(frozen=True, slots=True)
class Right:
    """One right: its article, its name, what it means here, and the ways to it, the shortest first."""

    article: str
    title: Sentence
    text: Sentence
    ways: tuple[Way, ...]


def _write(label: Sentence, category: Category) -> Way:
    return Way(label, "privacy:support", {"category": category})


RIGHTS: tuple[Right, ...] = (
    Right(
        "15",
        _("See what we keep"),
        _(
            "Everything that we keep about you, as files you can read. The policy says what it is for, on which basis, "
            "for how long, and who else gets it."
        ),
        (
            Way(_("A copy of your data"), "privacy:export"),
            Way(_("Your usage data"), "privacy:usage"),
            Way(_("Access by our staff"), "accounts:staff_access"),
            Way(_("What we keep, item by item"), "privacy:policy", fragment="data"),
            _write(_("Ask us"), Category.ACCESS),
        ),
    ),
    Right(
        "16",
        _("Correct it"),
        _(
            "Change your name, time zone and e-mail address yourself. Tell us about anything else that is wrong."
        ),
        (
            Way(_("Profile"), "accounts:settings"),
            Way(_("E-mail address"), "account_email"),
            _write(_("Ask us"), Category.CORRECTION),
        ),
    ),
    Right(
        "17",
        _("Have it deleted"),
        _(
            "Delete pictures, uploads, documents and usage data one by one or all at once, or have the whole account "
            "deleted. The ledger of payments stays as long as the law says, without your name."
        ),
        (
            Way(_("Pictures"), "generation:history"),
            Way(_("Uploads"), "generation:uploads"),
            Way(_("Trash"), "generation:trash"),
            Way(_("Usage data"), "privacy:usage"),
            Way(_("Delete the account"), "privacy:erasure"),
        ),
    ),
    Right(
        "18",
        _("Restrict its use"),
        _(
            "We then keep your data and do what you ask for, and nothing else: no usage data, no training, only "
            "necessary e-mails. You can lift it at any time."
        ),
        (Way(_("Restrict your account"), "privacy:restriction"), _write(_("Ask us"), Category.RESTRICTION)),
    ),
    Right(
        "19",
        _("Have others told"),
        _(
            "What you correct, delete or restrict here, we pass on to the companies that work for us and keep it."
        ),
        (Way(_("Who works for us"), "privacy:processors"),),
    ),
    Right(
        "20",
        _("Take it with you"),
        _("The same copy is made for other services too: PNG, JSON, and a file that explains each field."),
        (Way(_("A copy of your data"), "privacy:export"),),
    ),
    Right(
        "21",
        _("Object"),
        _(
            "Turn usage data off at any time, without a reason; we also honour Global Privacy Control. If you object "
            "to something else that we do out of our own interest, tell us and we stop, or say why we can't."
        ),
        (Way(_("Turn off usage data"), "privacy:usage"), _write(_("Object"), Category.OBJECTION)),
    ),
    Right(
        "7",
        _("Withdraw consent"),
        _(
            "Training is the only thing that we ask your consent for. Turn it off for new pictures, and withdraw it "
            "for those you've already made: the next data set leaves them out, and they are removed from earlier ones."
        ),
        (Way(_("Privacy settings"), "accounts:settings", fragment="data-title"),),
    ),
    Right(
        "22",
        _("No decisions by machine alone"),
        _(
            "No program decides anything about you that has legal or similar effects. If you think one did, tell us."
        ),
        (_write(_("Ask us"), Category.OBJECTION),),
    ),
)

"""A report about a picture or a file, by anybody: what a notice needs (Digital Services Act, article 16)."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.people.addresses import AddressInput
from privacy.models import Ticket
from privacy.support import conversation
from privacy.support.categories import Category

_CHILD: Final = "child"
KINDS: Final = (
    ("person", _("It shows me, or somebody I speak for")),
    ("rights", _("It copies a work, a brand or a design")),
    ("hate", _("It threatens, harasses or incites hatred")),
    (_CHILD, _("It sexualises a child")),
    ("deceit", _("It deceives: a scam, a forgery, false news")),
    ("other", _("Something else that is illegal")),
)


class ReportForm(forms.Form):
    where = forms.CharField(
        label=_("Where is it?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_(
            "The address of the page that shows it, the number of the picture, or the name of the file. Pictures on "
            "this site are private, so most reports are about a file that somebody shared elsewhere."
        ),
        error_messages={"required": _("Say where it is: an address, a number or a file name.")},
    )
    kind = forms.ChoiceField(label=_("What is wrong with it?"), choices=KINDS)
    why = forms.CharField(
        label=_("Why do you think so?"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "What it shows, and which right or law it breaks. Don't attach or describe more than is needed."
        ),
        error_messages={
            "required": _("Say why it is illegal or breaks a right. A sentence or two are enough.")
        },
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        widget=AddressInput(attrs={"autocomplete": "email"}),
        help_text=_(
            "We write to you there what we decided. Where a child is sexualised you can leave both empty."
        ),
    )
    good_faith = forms.BooleanField(
        label=_("To the best of my knowledge, what I wrote is right and complete."),
        error_messages={"required": _("Tick the box if what you wrote is right and complete.")},
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") != _CHILD:
            for field, sentence in (
                ("name", _("Enter your name. The owner of the picture does not see it.")),
                ("email", _("Enter the address to which we should reply.")),
            ):
                if not data.get(field) and field not in self.errors:
                    self.add_error(field, sentence)
        return data


def send(*, user: User | AnonymousUser, report: dict[str, Any]) -> Ticket:
    """Hand the report to support, in its own category, as one text with everything that was asked."""
    labels = dict(KINDS)
    lines = [
        (_now("Where"), report["where"]),
        (_now("What"), labels[report["kind"]]),
        (_now("Why"), report["why"]),
        (_now("Name"), report["name"] or "—"),
    ]
    text = "\n\n".join(f"{label}:\n{said}" for label, said in lines)
    return conversation.open_ticket(user=user, email=report["email"], category=Category.ABUSE, text=text)

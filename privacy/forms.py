"""What people write to us."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.people.addresses import AddressInput
from accounts.people.age import AgeField
from privacy.models import SupportMessage

ASKED_ABOUT = [choice for choice in SupportMessage.Topic.choices if choice[0] != SupportMessage.Topic.ABUSE]


class SupportForm(forms.Form):
    email = forms.EmailField(
        label=_("Your e-mail address"),
        widget=AddressInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter the address to which we should reply.")},
    )
    topic = forms.ChoiceField(label=_("What is it about?"), choices=ASKED_ABOUT)
    message = forms.CharField(
        label=_("Your message"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "What did you do, what happened, and what did you expect? Never send a password or a card number."
        ),
        error_messages={"required": _("Enter a message.")},
    )

    def request_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("email", "topic", "message")}


class AgeForm(forms.Form):
    """For people whose account was made without this question: before there was one, or in another way."""

    age = AgeField()

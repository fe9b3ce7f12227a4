"""What people write to us."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from privacy.models import SupportMessage


class SupportForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address for the answer"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter the address the answer should go to.")},
    )
    topic = forms.ChoiceField(label=_("What is it about?"), choices=SupportMessage.Topic.choices)
    message = forms.CharField(
        label=_("Your message"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "What did you do, what happened, and what did you expect? Never send a password or a card number."
        ),
        error_messages={"required": _("Write what we can do for you.")},
    )
    # A trap for scripts: the page hides it from people.
    website = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
    )

    def looks_automatic(self) -> bool:
        return bool(self.cleaned_data.get("website"))

    def request_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("email", "topic", "message")}

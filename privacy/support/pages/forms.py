"""What people write to support, and what the operator writes back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.people.addresses import AddressInput
from privacy.models import CannedAnswer, Ticket
from privacy.support.categories import ASKED, Category
from privacy.support.pages.about import Shown, find

_NEVER_SEND = _("Never send a password or a card number.")


def _words(label: Any, *, rows: int, required: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
        error_messages={"required": required},
    )


class TicketForm(forms.Form):
    """A new question. Somebody who is signed in isn't asked for an address: answers go to the one they verified."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        widget=AddressInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter the address to which we should reply.")},
    )
    category = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[("", _("Choose…")), *ASKED],
        error_messages={"required": _("Choose what it is about.")},
    )
    about = forms.CharField(label=_("Attach a picture or job"), required=False, max_length=60)
    message = _words(
        _("Your message"),
        rows=8,
        required=_("Enter a message."),
        help_text=_(
            "What did you do, what happened, and what did you expect? Never send a password or a card number."
        ),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        if isinstance(user, User):
            del self.fields["email"]

    def clean_about(self) -> Shown | None:
        value = self.cleaned_data["about"]
        if not value:
            return None
        shown = find(self._user, value)
        if shown is None:
            raise forms.ValidationError(
                _("This picture or job isn't in your history any more. Choose another one, or none.")
            )
        return shown

    def request_values(self) -> dict[str, Any]:
        """Return what `conversation.open_ticket` takes."""
        data = self.cleaned_data
        return {
            "email": self._user.email if isinstance(self._user, User) else data["email"],
            "category": data["category"],
            "text": data["message"],
            "shown": data["about"],
        }


class ReplyForm(forms.Form):
    message = _words(_("Your reply"), rows=5, required=_("Enter a reply."), help_text=_NEVER_SEND)


class AnswerForm(forms.Form):
    """The operator's answer, or a private note: the button says which."""

    text = _words(_("Text"), rows=8, required=_("Enter a text."))
    canned = forms.ModelChoiceField(
        label=_("Canned answer"), queryset=CannedAnswer.objects.none(), required=False
    )

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fitting = CannedAnswer.objects.filter(category__in=("", ticket.category)).order_by(
            "-category", "title"
        )
        self.fields["canned"].queryset = fitting  # type: ignore[attr-defined]  # a ModelChoiceField


class CategoryForm(forms.Form):
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)

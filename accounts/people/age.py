"""The minimum age that the policy names: a person confirms it once, with a tick. No date of birth is asked."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, User
from accounts.people import policies
from accounts.sign_in import client_ip

MINIMUM: Final = 16
# The first shipped text of the policy that names what is kept about it; before that it is asked and not written down.
_NAMED_BY: Final = 4


class AgeField(forms.BooleanField):
    """The tick of every form that makes an account."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": format_lazy(_("I am {age} or older."), age=MINIMUM),
                "error_messages": {
                    "required": format_lazy(
                        _("You have to be at least {age} to use this site. Tick the box if you are."),
                        age=MINIMUM,
                    )
                },
                **kwargs,
            }
        )


def confirm(*, user: User, request: HttpRequest) -> None:
    """Keep that and when the person confirmed their age, once the policy in force says that we do; once is enough."""
    if policies.in_force(_NAMED_BY) and not is_confirmed(user):
        Consent.objects.create(user=user, kind=Consent.Kind.AGE, granted=True, ip=client_ip.kept_of(request))


def is_asked_of(user: User) -> bool:
    """Whether a page that makes people accept a policy has to ask this person too: nobody has, or could keep it."""
    return policies.in_force(_NAMED_BY) and not is_confirmed(user)


def is_confirmed(user: User) -> bool:
    return Consent.objects.filter(user=user, kind=Consent.Kind.AGE, granted=True).exists()

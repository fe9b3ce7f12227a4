"""What somebody who agrees to a new version of the policy may be asked beside it."""

from __future__ import annotations

from django import forms

from accounts.people.age import AgeField


class AgeForm(forms.Form):
    """For people whose account was made without this question: before there was one, or in another way."""

    age = AgeField()

"""The form of somebody new who comes from Google or GitHub."""

from __future__ import annotations

from accounts.forms import AcceptingForm, NameField


class FinishForm(AcceptingForm):
    """A name, the age and the policy; the address is the one that the provider verified."""

    field_order = ["name", "age", "policy", "policy_version"]

    name = NameField()

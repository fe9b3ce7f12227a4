"""Every model that belongs to somebody says who may see it, and the query shows it to nobody else."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from image2.lib.owned import OwnedQuerySet

OUR_APPS = ("accounts", "billing", "generation", "editor", "privacy")
# Reached only through what they are a part of, which has visible_to; or written and read by staff only.
EXEMPT = {
    "accounts.Preferences": "read by accounts.people.preferences.of(user) only",
    "accounts.AuditLine": "shown to staff only",
    "privacy.PolicyNotice": "shown to nobody",
}


def owned_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OUR_APPS
        and any(
            field.related_model is User and not field.name.startswith("by") for field in model._meta.fields
        )
    ]


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.label)
def test_an_owned_model_has_visible_to(model: type[models.Model]) -> None:
    label = model._meta.label
    assert isinstance(model._default_manager.all(), OwnedQuerySet) or label in EXEMPT, (
        f"{label}: its queryset is to be an OwnedQuerySet"
    )


@pytest.mark.parametrize(
    "model",
    [model for model in owned_models() if model._meta.label not in EXEMPT],
    ids=lambda model: model._meta.label,
)
@pytest.mark.django_db
def test_nobody_sees_nothing(model: type[models.Model]) -> None:
    assert list(model._default_manager.visible_to(AnonymousUser())) == []  # type: ignore[attr-defined]


def test_the_exemptions_are_still_needed() -> None:
    labels = {model._meta.label for model in owned_models()}
    for label in EXEMPT:
        assert label in labels
        assert not hasattr(apps.get_model(label)._default_manager, "visible_to")

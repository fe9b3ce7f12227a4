"""The data map is complete: a field that nobody declared fails here, and so does a declaration of nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from django.apps import apps
from django.db import models

from image2.lib.personal_data import Basis, Category, Kept, ModelData, declarations

# Tables of frameworks that hold names of tables and rights, nothing of people.
NOT_ABOUT_PEOPLE = {"auth.Permission", "auth.Group", "contenttypes.ContentType"}

MODELS = [model for model in apps.get_models() if model._meta.label not in NOT_ABOUT_PEOPLE]


def fields_of(model: type[models.Model]) -> set[str]:
    return {field.name for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many)}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_of_every_model_is_declared(model: type[models.Model]) -> None:
    found = [declared for declared in declarations() if declared.model == model._meta.label]

    assert len(found) == 1, f"declare {model._meta.label} once in its app's personal_data.py"
    declared = set(found[0].declared_fields())
    assert fields_of(model) - declared == set(), "say in personal_data.py what is personal about these fields"
    assert declared - fields_of(model) == set(), "these fields do not exist (any more)"


def test_nothing_is_declared_about_models_that_do_not_exist() -> None:
    assert {declared.model for declared in declarations()} <= {model._meta.label for model in MODELS}


@pytest.mark.parametrize("declared", list(declarations()), ids=lambda declared: declared.model)
@pytest.mark.django_db
def test_the_lookup_of_the_owner_leads_to_people(declared: ModelData) -> None:
    if declared.owner:
        user = apps.get_model("accounts.User")()
        list(apps.get_model(declared.model)._default_manager.filter(declared.owned_by(user))[:1])


def test_lists_of_the_export_have_names_of_their_own() -> None:
    exported = [declared for declared in declarations() if declared.exported_fields()]

    names = Counter(declared.export_name for declared in exported)
    assert "" not in names
    assert max(names.values()) == 1


def test_a_storage_key_is_a_declared_field() -> None:
    for declared in declarations():
        assert not declared.storage_key or declared.storage_key in declared.declared_fields()


def test_a_field_that_is_not_exported_says_why() -> None:
    with pytest.raises(ValueError, match="say why"):
        Kept(
            fields=("password",),
            category=Category.ACCOUNT,
            purpose="to check",
            basis=Basis.CONTRACT,
            retention="always",
            exported=False,
        )


def test_personal_fields_without_an_owner_are_refused() -> None:
    kept = Kept(fields=("x",), category=Category.ACCOUNT, purpose="p", basis=Basis.CONTRACT, retention="r")
    with pytest.raises(ValueError, match="owner"):
        ModelData(model="accounts.User", kept=(kept,))

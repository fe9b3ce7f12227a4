"""Every declared field of a person is deleted, emptied or kept as its declaration says, and nothing of anybody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import CASCADE, Model

from accounts.models import User
from billing.ledger import verification
from image2.lib.personal_data import Erased, ModelData, declarations
from privacy.erasure import steps
from tests.generation.files.conftest import NewPicture, keys, local_storage, new_picture
from tests.privacy import erasing
from tests.privacy.everything import somebody, word

__all__ = ["keys", "local_storage", "new_picture"]

STAYS = (Erased.LATER, Erased.PSEUDONYM)
OWNED = [declared for declared in declarations() if declared.owner]


def model_of(declared: ModelData) -> type[Model]:
    return apps.get_model(declared.model)


def everything_of(person: User) -> dict[str, list[dict[str, Any]]]:
    return {declared.model: list(declared.rows_of(person).order_by("pk").values()) for declared in OWNED}


def words_of(model: type[Model], fields: list[str]) -> str:
    rows = [
        {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
        for row in model._default_manager.values(*fields)
    ]
    return json.dumps(rows, cls=DjangoJSONEncoder, default=repr)


@pytest.mark.django_db
@pytest.mark.both_databases
def test_every_table_is_left_as_its_declaration_says(
    local_storage: Path, new_picture: NewPicture, keys: Callable[[], set[str]]
) -> None:
    ben = somebody("Ben", new_picture)
    objects_of_ben = keys()
    ann = somebody("Ann", new_picture)
    objects_of_ann = keys() - objects_of_ben
    mine = {declared.model: list(declared.rows_of(ann).values_list("pk", flat=True)) for declared in OWNED}
    bens = everything_of(ben)

    erasing.erase(ann)

    for declared in OWNED:
        rows = model_of(declared)._default_manager.filter(pk__in=mine[declared.model])
        if steps.goes(declared):
            assert not rows.exists(), f"{declared.model} isn't reached by the erasure"
            continue
        assert mine[declared.model], f"the test has nothing of {declared.model}: add it to everything.py"
        assert rows.count() == len(mine[declared.model]), f"{declared.model} stays, by its declaration"
        cleared = [name for group in declared.kept if group.erased is Erased.CLEARED for name in group.fields]
        for row in rows.values(*cleared) if cleared else ():
            assert not any(row.values()), (declared.model, row)

    assert everything_of(ben) == bens
    assert objects_of_ann, "the test has objects of hers"
    assert not objects_of_ann & keys()
    assert objects_of_ben <= keys()
    assert verification.verify() == [], "the ledger still adds up"


@pytest.mark.django_db
def test_her_words_are_nowhere_but_where_the_law_keeps_them(
    local_storage: Path, new_picture: NewPicture
) -> None:
    erasing.erase(somebody("Ann", new_picture))
    # The books keep references to payments (here they have her word in them), and the audit log what staff did.
    stays = {
        declared.model for declared in declarations() if any(group.erased in STAYS for group in declared.kept)
    }
    for model in apps.get_models():
        if model._meta.label not in stays:
            fields = [field.attname for field in model._meta.concrete_fields]
            assert word("Ann") not in words_of(model, fields), model._meta.label
    assert {model.split(".")[0] for model in stays} == {"accounts", "billing", "privacy"}
    assert {model for model in stays if not model.startswith("billing.")} == {
        "accounts.AuditLine",
        "privacy.Erasure",
    }


def test_rows_go_as_a_whole_or_stay_as_a_whole() -> None:
    for declared in declarations():
        ways = {group.erased for group in declared.kept}
        assert ways == {Erased.WITH_ROW} or Erased.WITH_ROW not in ways, declared.model


def test_what_belongs_to_a_person_by_a_foreign_key_is_reached() -> None:
    """A row that would go by the database's cascade alone would leave its objects in storage."""
    reached = {declared.model for declared in OWNED}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            on_delete = getattr(field.remote_field, "on_delete", None)
            if field.is_relation and field.related_model is User and on_delete is CASCADE:
                assert model._meta.label in reached, model._meta.label


def test_every_stored_object_is_declared() -> None:
    with_objects = {declared.model for declared in declarations() if declared.storage_key}
    assert {"generation.File", "editor.Asset", "privacy.ExportPart", "privacy.ExportDraft"} <= with_objects
    first = [declared.model for declared in steps.going()][: len(with_objects)]
    assert set(first) == with_objects, "objects go before the rows that lead to them"

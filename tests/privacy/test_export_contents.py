"""A copy holds every personal field that is declared, of its own person and of nobody else."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from pytest_django.fixtures import Settings

from accounts.models import User
from billing.payments import Refused
from editor.models import Asset, Operation
from generation.models import File, Picture
from image2.lib.personal_data import ModelData, declarations, lists_elsewhere
from privacy.export import plan, words
from privacy.models import Export
from tests.billing.stripe_fixtures import buy, deliver, stripe_fake
from tests.fakes.stripe import FakeStripe
from tests.generation.files.conftest import NewPicture, local_storage, new_picture
from tests.privacy import copies
from tests.privacy.everything import somebody, word
from tests.services.processes import free_port

__all__ = ["local_storage", "new_picture", "stripe_fake"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

NAMES = ("Ann", "Ben")


def as_json(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def in_the_database(declared: ModelData, person: User) -> list[dict[str, Any]]:
    fields = declared.exported_fields()
    rows = declared.rows_of(person).order_by("pk").values(*fields)
    return [{name: as_json(row[name]) for name in fields} for row in rows]


def test_every_personal_field_of_every_list_is_there_and_nothing_of_anybody_else(
    local_storage: Path, new_picture: NewPicture
) -> None:
    ann, ben = (somebody(name, new_picture) for name in NAMES)
    # The copy itself changes while it is made.
    expected = {
        declared.export_name: in_the_database(declared, ann)
        for declared in plan.lists()
        if declared.model != "privacy.Export"
    }
    export = copies.make(ann)
    found = copies.lists(export)

    assert {declared.export_name for declared in plan.lists()} | {"invoices"} == set(found)
    for name, rows in expected.items():
        assert rows, f"the test has nothing of {name}: add it to tests/privacy/everything.py"
        assert found[name] == rows, name
    assert {row["id"] for row in found["copies"]} == {
        str(each.pk) for each in Export.objects.filter(user=ann)
    }
    for declared in plan.lists():
        for group in declared.kept:
            for field in group.fields:
                assert all((field in row) == group.exported for row in found[declared.export_name]), field

    whole = b"\n".join(path.encode() + content for path, content in copies.files(export).items())
    assert word("Ann").encode() in whole
    assert word("Ben").encode() not in whole
    assert str(ben.pk).encode() not in whole
    assert ben.email.encode() not in whole
    for theirs in Picture.objects.filter(owner=ben):
        assert str(theirs.pk).encode() not in whole


def test_the_bytes_behind_the_lists_are_there(local_storage: Path, new_picture: NewPicture) -> None:
    ann, _ben = (somebody(name, new_picture) for name in NAMES)
    files = copies.files(copies.make(ann))

    hashes = {hashlib.sha256(content).hexdigest() for content in files.values()}
    for upload in File.objects.filter(upload__owner=ann, role=File.Role.MASTER):
        assert upload.sha256 in hashes
    pictures = Asset.objects.filter(document__owner=ann, role=Asset.Role.PICTURE)
    assert pictures.exists()
    for asset in pictures:
        path = f"documents/{asset.document_id}/{asset.sha256}.png"
        assert hashlib.sha256(files[path]).hexdigest() == asset.sha256
    strokes = Operation.objects.filter(document__owner=ann, kind="stroke")
    blobs = {row["blob"] for row in json.loads(files["data/document_operations.json"])}
    assert {base64.b64encode(stroke.blob).decode() for stroke in strokes} <= blobs
    for picture in Picture.objects.filter(owner=ann):
        beside = next(path for path in files if str(picture.pk) in path and path.endswith(".recipe.json"))
        assert json.loads(files[beside]) == as_json(picture.recipe)


def test_every_field_of_every_list_is_explained(alice: User) -> None:
    schema = words.schema(plan.lists(), list(lists_elsewhere()))["lists"]
    for declared in plan.lists():
        explained = schema[declared.export_name]
        assert explained["what"]
        assert list(explained["fields"]) == declared.exported_fields()
        for field in explained["fields"].values():
            assert all(field[name] for name in ("what", "kept_for", "kept_until", "category", "type"))
    assert set(schema["invoices"]["fields"]) == {"number", "issued_at", "amount", "currency", "status", "url"}


def test_a_stored_object_that_is_exported_says_how() -> None:
    for declared in declarations():
        if declared.storage_key in declared.exported_fields():
            assert declared.copied, declared.model


def test_a_long_list_goes_on_in_further_files(
    alice: User, local_storage: Path, new_picture: NewPicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [str(new_picture(alice).pk) for _n in range(5)]
    monkeypatch.setattr(plan, "ROWS", 2)
    export = copies.make(alice)
    names = {path for path in copies.files(export) if path.startswith("data/pictures")}
    assert names == {"data/pictures.json", "data/pictures-2.json", "data/pictures-3.json"}
    assert [row["id"] for row in copies.lists(export)["pictures"]] == sorted(made)


def test_invoices_are_asked_for_at_stripe(
    alice: User, bob: User, stripe_fake: FakeStripe, local_storage: Path
) -> None:
    for person in (alice, bob):
        buy(person, stripe_fake, "pro_monthly")
    deliver(stripe_fake)
    found = copies.lists(copies.make(alice))["invoices"]
    mine = [
        invoice["number"]
        for invoice in stripe_fake.world.all("invoice")
        if invoice["customer"] == alice.stripe_customers.get().stripe_id
    ]
    assert [invoice["number"] for invoice in found] == mine
    assert found[0]["amount"] > 0


def test_invoices_that_stripe_refuses_are_listed_as_left_out(
    alice: User, stripe_fake: FakeStripe, local_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(alice, stripe_fake, "pack_small")

    def refuses(_customer: str) -> None:
        raise Refused("no")

    monkeypatch.setattr("billing.stripe_gateway.invoices_of", refuses)
    export = copies.make(alice)
    assert export.state == Export.State.DONE
    assert copies.left_out(export) == [{"path": "data/invoices.json", "because": plan.REFUSED}]


def test_stripe_that_does_not_answer_costs_time(
    alice: User, stripe_fake: FakeStripe, local_storage: Path, settings: Settings
) -> None:
    buy(alice, stripe_fake, "pack_small")
    settings.STRIPE_API_BASE = f"http://127.0.0.1:{free_port()}"
    export = copies.make(alice)
    assert (export.state, export.refusals) == (Export.State.QUEUED, 1)

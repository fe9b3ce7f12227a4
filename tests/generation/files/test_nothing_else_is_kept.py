"""Nothing of an upload is stored but its pixels: every stored and every served byte is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from accounts.models import User
from generation.files import sweeping
from generation.models import File, StorageDeletion, Upload
from tests.generation.files import specimens, stuffed
from tests.generation.files.conftest import NewPicture, ingest, master_of

Keys = Callable[[], set[str]]
CASES = Path(__file__).parent / "cases"
NOTES = {"PNG": {"srgb"}, "WEBP": {"background", "loop", "timestamp", "duration"}}


def has_place(form: str) -> list[str]:
    """The places that this format has."""
    missing = {
        "PNG": {"iptc", "second"},
        "JPEG": {"packed"},
        "WEBP": {"iptc", "comment", "text", "packed", "second"},
        "AVIF": {"iptc", "comment", "text", "packed", "second", "tail"},
    }
    return [place for place in stuffed.PLACES if place not in missing[form]] + ["profile", "place"]


@pytest.mark.parametrize("form", specimens.FORMATS)
def test_the_specimens_hide_what_they_are_meant_to(form: str) -> None:
    assert stuffed.found_in(stuffed.MAKERS[form]()) == has_place(form)


@pytest.mark.django_db
@pytest.mark.parametrize("form", specimens.FORMATS)
def test_no_stored_and_no_served_byte_says_more_than_the_pixels(
    alice: User, local_storage: Path, keys: Keys, client: Client, form: str
) -> None:
    upload = ingest(alice, stuffed.MAKERS[form](), "holiday")
    stored = [path for path in local_storage.rglob("*") if path.is_file()]
    assert len(stored) == len(keys()) == upload.files.count() == 3
    client.force_login(alice)
    addresses = [f"/files/{file.pk}" for file in upload.files.all()]
    addresses += [f"/files/upload/{upload.pk}/{role}" for role in ("master", "thumb256", "thumb512")]
    served = [client.get(address) for address in addresses]
    for content in [path.read_bytes() for path in stored] + [answer.getvalue() for answer in served]:
        assert stuffed.found_in(content) == []
        notes = stuffed.notes_of(content)
        assert notes.pop("exif") == {}
        assert notes.keys() <= NOTES["PNG"] | NOTES["WEBP"]
    assert client.get(f"/files/upload/{upload.pk}/original").status_code == 404


@pytest.mark.django_db
def test_a_photo_with_its_place_is_kept_upright_without_it(alice: User, local_storage: Path) -> None:
    upload = ingest(alice, (CASES / "exif-orientation-6-gps.jpg").read_bytes())
    assert set(upload.files.values_list("role", flat=True)) == {"master", "thumb256", "thumb512"}
    assert master_of(upload).size == (upload.width, upload.height)
    assert b"Exif" not in b"".join(path.read_bytes() for path in local_storage.rglob("*") if path.is_file())


def an_original(upload: Upload) -> File:
    """As the version before kept it."""
    key = f"original/{datetime.now(UTC):%Y%m%d/%H}/upload-{upload.pk.hex}.jpeg"
    default_storage.save(key, ContentFile(stuffed.jpeg(), name=key))
    return File.objects.create(
        upload=upload,
        role="original",
        format="jpeg",
        key=key,
        sha256="0" * 64,
        bytes=9,
        width=upload.width,
        height=upload.height,
    )


@pytest.mark.few(1)
@pytest.mark.django_db(transaction=True)
def test_the_migration_deletes_every_original_and_nothing_else(
    alice: User, new_picture: NewPicture, any_storage: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib import import_module

    migration = import_module("generation.migrations.0005_no_originals")
    monkeypatch.setattr(migration, "BATCH", 2)
    new_picture(alice)
    uploads = [ingest(alice, specimens.encoded(specimens.drawing(8, 8), "PNG")) for _n in range(5)]
    kept = {file.key for file in File.objects.all()}
    originals = {an_original(upload).key for upload in uploads}
    StorageDeletion.objects.create(
        key=min(originals)
    )  # a run that was killed between the two would leave none
    executor = MigrationExecutor(connection)
    apps = executor.loader.project_state([("generation", "0004_picture_end")]).apps
    with connection.schema_editor(atomic=False) as editor:
        migration.discard_originals(apps, editor)
        migration.discard_originals(apps, editor)
    assert {file.key for file in File.objects.all()} == kept
    assert set(StorageDeletion.objects.values_list("key", flat=True)) == originals
    assert sweeping.delete_due() == 5
    assert keys() == kept
    assert not any(default_storage.exists(key) for key in originals)


@pytest.mark.few(1)
@pytest.mark.django_db
def test_an_original_that_an_old_process_stored_during_the_update_is_swept(
    alice: User, any_storage: str
) -> None:
    upload = ingest(alice, specimens.encoded(specimens.drawing(8, 8), "PNG"))
    original = an_original(upload)
    sweeping.sweep_unreferenced(now=timezone.now() + timedelta(days=2))
    assert StorageDeletion.objects.get().key == original.key
    assert sweeping.delete_due() == 1
    assert not default_storage.exists(original.key)
    assert upload.files.count() == 3

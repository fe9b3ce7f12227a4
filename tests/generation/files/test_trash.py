"""Delete, restore, purge: purged rows and objects are gone, the lineage stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from generation.files import sweeping
from generation.models import File, Lineage, Picture, StorageDeletion, Upload
from generation.pictures import trash
from image2.lib.ids import new_id
from tests.generation.files import specimens
from tests.generation.files.conftest import NewPicture, ingest

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
Keys = Callable[[], set[str]]


@pytest.fixture(autouse=True)
def _storage(local_storage: Path) -> None:
    """Every test of this module has an empty folder."""


def test_a_picture_goes_to_the_trash_and_comes_back(alice: User, new_picture: NewPicture) -> None:
    picture = new_picture(alice)
    assert trash.delete(user=alice, pictures=[picture.pk]) == 1
    assert trash.delete(user=alice, pictures=[picture.pk]) == 0
    assert not Picture.objects.visible_to(alice).exists()
    assert trash.restore(user=alice, pictures=[picture.pk]) == 1
    assert trash.restore(user=alice, pictures=[picture.pk]) == 0
    assert Picture.objects.visible_to(alice).get() == picture


def test_nobody_touches_the_pictures_of_somebody_else(
    alice: User, bob: User, new_picture: NewPicture
) -> None:
    picture, upload = new_picture(alice), ingest(alice, specimens.encoded(specimens.drawing(), "PNG"))
    ids = [picture.pk, new_id()]
    assert trash.delete(user=bob, pictures=ids) == 0
    assert trash.delete_uploads(user=bob, uploads=[upload.pk]) == 0
    trash.delete(user=alice, pictures=ids)
    assert (
        trash.restore(user=bob, pictures=ids),
        trash.purge(user=bob, pictures=ids),
        trash.empty(user=bob),
    ) == (0, 0, 0)
    assert Picture.objects.in_trash_of(alice).get() == picture


def test_after_thirty_days_a_picture_and_all_its_files_are_gone(
    alice: User, new_picture: NewPicture, keys: Keys
) -> None:
    kept, thrown = new_picture(alice), new_picture(alice)
    trash.delete(user=alice, pictures=[thrown.pk])
    now = timezone.now()
    assert trash.purge_due(now + timedelta(days=29, hours=23)) == 0
    assert trash.purge_due(now + timedelta(days=30, minutes=1)) == 1
    assert list(Picture.objects.all()) == [kept]
    assert StorageDeletion.objects.count() == 4
    assert len(keys()) == 8
    assert sweeping.delete_due() == 4
    assert keys() == {file.key for file in kept.files.all()}
    assert trash.purge_due(now + timedelta(days=31)) == 0


def test_a_restored_picture_is_not_purged(alice: User, new_picture: NewPicture) -> None:
    picture = new_picture(alice)
    trash.delete(user=alice, pictures=[picture.pk])
    trash.restore(user=alice, pictures=[picture.pk])
    assert trash.purge_due(timezone.now() + timedelta(days=400)) == 0
    assert trash.purge(user=alice, pictures=[picture.pk]) == 0


def test_the_trash_is_emptied_at_once_when_asked(alice: User, bob: User, new_picture: NewPicture) -> None:
    mine, theirs = [new_picture(alice) for _n in range(3)], new_picture(bob)
    kept = mine.pop()
    trash.delete(user=alice, pictures=[picture.pk for picture in mine])
    trash.delete(user=bob, pictures=[theirs.pk])
    assert trash.purge(user=alice, pictures=[mine[0].pk, kept.pk]) == 1
    assert trash.empty(user=alice) == 1
    assert set(Picture.objects.all()) == {kept, theirs}


def test_batches_come_to_the_same(
    alice: User, new_picture: NewPicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "BATCH", 2)
    monkeypatch.setattr(sweeping, "BATCH", 3)
    pictures = [new_picture(alice) for _n in range(5)]
    assert trash.delete(user=alice, pictures=[picture.pk for picture in pictures]) == 5
    late = timezone.now() + timedelta(days=31)
    assert trash.purge_due(late, limit=3) == 3
    assert trash.purge_due(late) == 2
    assert sweeping.delete_due(limit=7) == 7
    assert sweeping.delete_due() == 13
    assert not File.objects.exists()


def test_a_picture_made_from_a_purged_one_keeps_the_fact_that_it_had_a_parent(
    alice: User, new_picture: NewPicture
) -> None:
    parent, child = new_picture(alice), new_picture(alice)
    upload = ingest(alice, specimens.encoded(specimens.drawing(), "PNG"))
    Lineage.objects.create(child=child, parent=parent, role=Lineage.Role.REFERENCE)
    Lineage.objects.create(child=child, upload=upload, role=Lineage.Role.REFERENCE)
    trash.delete(user=alice, pictures=[parent.pk])
    trash.delete_uploads(user=alice, uploads=[upload.pk])
    assert trash.purge_due(timezone.now() + timedelta(days=31)) == 2
    assert not Upload.objects.exists()
    assert [(line.parent_id, line.upload_id) for line in child.parents.all()] == [(None, None)] * 2


def test_downloads_are_deleted_with_their_picture(alice: User, new_picture: NewPicture, keys: Keys) -> None:
    from generation.files import downloads

    picture = new_picture(alice)
    downloads.with_recipe(picture, "jpeg")
    trash.delete(user=alice, pictures=[picture.pk])
    trash.empty(user=alice)
    assert sweeping.delete_due() == 5
    assert keys() == set()


# --- the outbox ----------------------------------------------------------------------------------------------------


def test_a_failed_deletion_is_retried_with_growing_delays(
    local_storage: Path,
) -> None:
    """A folder can't be unlinked: the kernel refuses, as a broken disk would."""
    key = "master/20260101/00/stuck"
    (local_storage / key).mkdir(parents=True)
    StorageDeletion.objects.create(key=key)
    pauses = []
    for turn in range(4):
        now = timezone.now()
        assert sweeping.delete_due() == 0
        row = StorageDeletion.objects.get()
        assert row.attempts == turn + 1
        pauses.append(round((row.due_at - now) / timedelta(minutes=1)))
        assert sweeping.delete_due() == 0
        StorageDeletion.objects.update(due_at=now)
    assert pauses == [1, 2, 4, 8]
    StorageDeletion.objects.update(attempts=900)
    sweeping.delete_due()
    assert StorageDeletion.objects.get().due_at - timezone.now() <= timedelta(days=1)
    (local_storage / key).rmdir()
    StorageDeletion.objects.update(due_at=timezone.now())
    assert sweeping.delete_due() == 1


def test_one_that_fails_does_not_hold_up_the_others(local_storage: Path) -> None:
    (local_storage / "master/stuck").mkdir(parents=True)
    for key in ("master/stuck", "master/gone", "master/gone2"):
        StorageDeletion.objects.create(key=key)
    assert sweeping.delete_due() == 2
    assert StorageDeletion.objects.get().key == "master/stuck"


def test_what_is_not_due_waits(local_storage: Path) -> None:
    StorageDeletion.objects.create(key="master/x", due_at=timezone.now() + timedelta(hours=1))
    assert sweeping.delete_due() == 0


def test_a_deletion_that_was_killed_after_the_object_is_finished_by_the_next(
    alice: User, new_picture: NewPicture, keys: Keys
) -> None:
    picture = new_picture(alice)
    trash.delete(user=alice, pictures=[picture.pk])
    trash.empty(user=alice)
    default_storage.delete(StorageDeletion.objects.earliest("pk").key)
    assert sweeping.delete_due() == 4
    assert keys() == set()

"""Objects that no row publishes are found, once they are old enough, however old they are."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from generation.files import storing, sweeping
from generation.models import StorageDeletion
from tests.generation.files.conftest import NewPicture

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
Keys = Callable[[], set[str]]


def stored_ago(**ago: float) -> str:
    with time_machine.travel(datetime.now(UTC) - timedelta(**ago), tick=True):
        return storing.store(b"x", kind="master", attempt="job-1", suffix="png").key


def test_only_old_objects_without_a_row_are_swept(
    alice: User, new_picture: NewPicture, local_storage: object, keys: Keys
) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(days=2), tick=True):
        published = {file.key for file in new_picture(alice).files.all()}
    old, young = stored_ago(days=2), stored_ago(hours=20)
    assert sweeping.sweep_unreferenced() == 1
    assert StorageDeletion.objects.get().key == old
    assert sweeping.sweep_unreferenced() == 0
    assert sweeping.delete_due() == 1
    assert keys() == published | {young}


def test_on_s3_too(s3_storage: str) -> None:
    key = storing.new_key(kind="thumb", attempt="job-1", suffix="webp")
    assert sweeping.sweep_unreferenced() == 0
    kept = storing.store(b"x", kind="thumb", attempt="job-1").key
    assert key != kept
    later = timezone.now() + timedelta(days=2)
    assert sweeping.sweep_unreferenced(now=later) == 1
    assert sweeping.delete_due() == 1
    assert sweeping.sweep_unreferenced(now=later) == 0


def test_an_object_of_any_age_is_found_within_a_month(local_storage: object) -> None:
    keys = {stored_ago(days=days) for days in (5, 40, 400)}
    now = timezone.now()
    assert sum(sweeping.sweep_unreferenced(now=now + timedelta(days=day)) for day in range(30)) == 3
    assert set(StorageDeletion.objects.values_list("key", flat=True)) == keys


def test_the_operator_can_sweep_everything_at_once(local_storage: object) -> None:
    keys = {stored_ago(days=days) for days in (2, 5, 40, 400)}
    young = stored_ago(hours=1)
    assert sweeping.sweep_everything() == 4
    assert set(StorageDeletion.objects.values_list("key", flat=True)) == keys
    assert young not in keys


def test_strange_folders_are_left_alone(local_storage: object) -> None:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    for name in ("master/notes/x", "master/20260101/99/x", "master/20261399/00/x", "other/20260101/00/x"):
        default_storage.save(name, ContentFile(b"x"))
    assert sweeping.sweep_everything() == 0


def test_the_command_counts_and_then_deletes(local_storage: object, keys: Keys) -> None:
    old, young = stored_ago(days=40), stored_ago(minutes=1)
    assert ordered("sweep_storage", "--keep") == "1 objects belong to nothing\n"
    assert keys() == {old, young}
    assert ordered("sweep_storage") == "1 objects belonged to nothing; 1 deleted\n"
    assert ordered("sweep_storage", "--older-than-hours", "0") == "0 objects belonged to nothing; 0 deleted\n"
    assert keys() == {young}


def ordered(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()

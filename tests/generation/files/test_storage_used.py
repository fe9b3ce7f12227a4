"""Storage used, and the plan's limit, which holds for simultaneous uploads too."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from generation.files import sweeping
from generation.models import File, StorageDeletion, Upload
from generation.pictures import trash
from generation.uploads import intake, storage_used
from generation.uploads.storage_used import StorageUsedUp
from tests.generation.files import specimens
from tests.generation.files.conftest import NewPicture, ingest
from tests.services.racing import answer_of

pytestmark = pytest.mark.both_databases

ROOT = Path(__file__).parents[3]
MB = 2**20


@pytest.fixture(autouse=True)
def _storage(local_storage: Path) -> None:
    """Every test of this module has an empty folder."""


@pytest.fixture
def plans(settings: Settings, tmp_path: Path) -> None:
    """A free plan with the least there is."""
    path = tmp_path / "plans.toml"
    path.write_text(
        'currency = "usd"\n[[plans]]\nkey = "free"\nname = "Free"\nsummary = "x"\n'
        "credits = 0\nweight = 1\nstorage_mb = 128\n"
    )
    settings.PLANS_FILE = str(path)


def kept(user: User, megabytes: float, **fields: object) -> Upload:
    """An upload that says of itself that it takes so much."""
    upload = Upload.objects.create(owner=user, name="big.png", width=8, height=8, **fields)
    File.objects.create(
        upload=upload,
        role=File.Role.MASTER,
        format="png",
        key=f"master/{upload.pk}",
        sha256="0" * 64,
        bytes=int(megabytes * MB),
        width=8,
        height=8,
    )
    return upload


@pytest.mark.django_db
def test_each_kind_says_what_it_takes(alice: User, bob: User, new_picture: NewPicture) -> None:
    upload = ingest(alice, specimens.encoded(specimens.drawing(), "PNG"))
    picture, thrown = new_picture(alice), new_picture(alice)
    trash.delete(user=alice, pictures=[thrown.pk])
    ingest(bob, specimens.encoded(specimens.drawing(300, 200), "PNG"))
    expected = {
        "uploads": sum(file.bytes for file in upload.files.all()),
        "pictures": sum(file.bytes for file in picture.files.all()),
        "trash": sum(file.bytes for file in thrown.files.all()),
        "documents": 0,
    }
    assert {part.kind.name: part.bytes for part in storage_used.parts(alice)} == expected
    assert storage_used.used(alice) == expected["uploads"]
    assert storage_used.limit_of(alice) == 1024 * MB


@pytest.mark.django_db
@pytest.mark.usefixtures("plans")
def test_without_space_an_upload_is_refused_before_it_is_read(alice: User, bob: User) -> None:
    kept(alice, 128)
    # Nothing that could be read: had anything looked at it, it would be refused for that.
    with pytest.raises(intake.Refused) as refused:
        intake.ingest(user=alice, file=SimpleUploadedFile("x.png", b"no picture at all"))
    assert refused.value.cause == "full"
    assert refused.value.sentence.replace("\xa0", " ") == (
        "There is no room for this picture: 0 bytes of your 128.0 MB are left. Delete uploads that you don't need on "
        "the page “Uploads”, or choose a larger plan."
    )
    assert ingest(bob, specimens.encoded(specimens.drawing(), "PNG")).owner == bob


@pytest.mark.django_db
@pytest.mark.usefixtures("plans")
def test_a_picture_that_turns_out_too_large_is_refused_and_its_objects_are_deleted(alice: User) -> None:
    content = specimens.encoded(specimens.photo(), "JPEG", quality=30)
    room = len(content) + 2000
    kept(alice, 128 - room / MB)
    with pytest.raises(intake.Refused) as refused:
        intake.ingest(user=alice, file=SimpleUploadedFile("x.jpg", content))
    assert refused.value.cause == "full"
    assert refused.value.sentence.startswith("Kept without loss, this picture takes ")
    assert Upload.objects.count() == 1
    assert StorageDeletion.objects.count() == sweeping.delete_due()


@pytest.mark.django_db
@pytest.mark.usefixtures("plans")
def test_deleted_uploads_make_room_at_once_and_can_be_restored_until_then(alice: User) -> None:
    first, second = kept(alice, 100), kept(alice, 20)
    now = timezone.now()
    trash.delete_uploads(user=alice, uploads=[first.pk], at=now)
    assert storage_used.used(alice) == 20 * MB
    with transaction.atomic():
        storage_used.claim(user=alice, needed=5 * MB)  # fits beside it, so it stays
    assert Upload.objects.filter(pk=first.pk).exists()
    with transaction.atomic():
        storage_used.claim(user=alice, needed=50 * MB)
    assert list(Upload.objects.all()) == [second]
    assert StorageDeletion.objects.filter(key=f"master/{first.pk}").exists()
    assert trash.undo_uploads(user=alice, act=trash.act_at(now)) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("plans")
def test_a_person_over_the_limit_keeps_everything_and_adds_nothing(alice: User) -> None:
    """After a change to a smaller plan."""
    kept(alice, 500)
    with pytest.raises(StorageUsedUp) as full, transaction.atomic():
        storage_used.claim(user=alice, needed=1)
    assert (full.value.limit, full.value.left) == (128 * MB, 0)
    assert Upload.objects.visible_to(alice).count() == 1


@pytest.mark.django_db
def test_what_is_deleted_leaves_storage_after_an_hour(alice: User) -> None:
    upload = kept(alice, 1)
    trash.delete_uploads(user=alice, uploads=[upload.pk])
    now = timezone.now()
    assert trash.purge_due(now + timedelta(minutes=59)) == 0
    assert trash.purge_due(now + timedelta(minutes=61)) == 1
    assert StorageDeletion.objects.get().key == f"master/{upload.pk}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    url = f"sqlite:///{tmp_path / 'race.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    return {
        **os.environ,
        "DATABASE_URL": url,
        "IMAGE2_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "image2.settings",
    }


def race(environment: dict[str, str], what: str) -> dict[str, int]:
    answer: dict[str, int] = answer_of("tests.generation.files.racer", what, environment=environment)
    return answer


def test_processes_that_upload_at_once_never_keep_more_than_the_plan_allows(
    environment: dict[str, str],
) -> None:
    """1024 MB, pieces of 100 MB: ten find room, however the processes meet."""
    assert race(environment, "quota") == {"kept": 10, "refused": 14, "used": 1000}


@pytest.mark.long
def test_one_person_decodes_one_picture_at_a_time_in_all_processes(environment: dict[str, str]) -> None:
    """And a process that is killed in the middle keeps them out for as long as a turn lasts, no longer."""
    after = race(environment, "turns")
    assert after["most_at_once"] == 1
    assert after["taken"] > 0
    assert (after["while_dead"], after["after_its_time"]) == (0, 1)

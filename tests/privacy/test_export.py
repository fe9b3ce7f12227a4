"""A copy of a person's data: ordered on its page, made in turns, downloaded in parts, and gone after its days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Preferences, User
from generation.files import storing, sweeping
from generation.models import File
from generation.requests import marking
from privacy.export import housekeeping, making, plan, queue
from privacy.models import Export, ExportDraft, ExportPart, ExportPlan
from tests.examples import few_of
from tests.factories import PASSWORD
from tests.generation.files.conftest import (
    NewPicture,
    any_storage,
    keys,
    local_storage,
    new_picture,
    s3_storage,
    use_s3,
)
from tests.privacy import copies

__all__ = ["any_storage", "keys", "local_storage", "new_picture", "s3_storage", "use_s3"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

PAGE = "/privacy/export/"


@pytest.fixture
def hers(client: Client, alice: User) -> Client:
    """Signed in, and not asked for the password lately."""
    client.force_login(alice)
    return client


@pytest.fixture
def one_unit_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "TURN_SECONDS", 0.0)


def confirm(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def body_of(response: Any) -> bytes:
    body: bytes = b"".join(response.streaming_content) if response.streaming else response.content
    return body


def clean_up() -> None:
    """What the beat does with copies, and with objects that wait to be deleted."""
    housekeeping.sweep()
    sweeping.delete_due()


def leftovers(keys: Callable[[], set[str]]) -> set[str]:
    """What is left of copies in storage: objects, and pieces of unfinished ones."""
    left = {key for key in keys() if key.startswith("export/")}
    if hasattr(default_storage, "location") and not hasattr(default_storage, "bucket"):
        return left | {str(path) for path in Path(default_storage.location).rglob(".*")}
    client = default_storage.connection.meta.client  # type: ignore[attr-defined]  # S3's
    listed = client.list_multipart_uploads(Bucket=default_storage.bucket_name)  # type: ignore[attr-defined]  # S3's
    return left | {upload["Key"] for upload in listed.get("Uploads", [])}


# --- the whole way by its page ---------------------------------------------------------------------------


def test_a_copy_is_ordered_made_announced_and_downloaded(
    hers: Client, alice: User, local_storage: Path, new_picture: NewPicture
) -> None:
    new_picture(alice)
    assert "Make a copy" in hers.get(PAGE).text
    asked_who = hers.post(PAGE)
    assert asked_who.headers["Location"].startswith("/accounts/reauthenticate/?next=")
    assert not Export.objects.exists()

    # What was asked for is done once the password was typed.
    after = hers.post(asked_who.headers["Location"], {"password": PASSWORD, "next": PAGE})
    assert after.headers["Location"] == PAGE
    export = Export.objects.get()
    page = hers.get(PAGE).text
    assert "Your copy is being made" in page
    assert 'hx-trigger="every 3s"' in page
    assert '<meta http-equiv="refresh"' in page
    assert "<html" not in hers.get(PAGE, headers={"hx-request": "true"}).text

    while making.work():
        pass
    housekeeping.sweep()
    housekeeping.sweep()
    export.refresh_from_db()
    assert (export.state, export.done) == (Export.State.DONE, export.of)
    assert [message.subject for message in mail.outbox] == ["The copy of your data is ready"]
    assert f"http://127.0.0.1:8000{PAGE}" in str(mail.outbox[0].body)
    assert mail.outbox[0].to == [alice.email]
    page = hers.get(PAGE).text
    assert "Your copy is ready" in page
    assert f"{PAGE}{export.pk}/1/" in page
    assert not ExportPlan.objects.exists()
    assert not ExportDraft.objects.exists()


def test_there_is_one_copy_at_a_time(hers: Client, alice: User, bob: User, local_storage: Path) -> None:
    confirm(hers)
    for _tab in range(2):
        assert hers.post(PAGE).headers["Location"] == PAGE
    assert Export.objects.count() == 1
    assert queue.start(bob).user == bob, "another person has one of their own"
    while making.work():
        pass
    hers.post(PAGE)
    assert Export.objects.filter(user=alice).count() == 1, "one that is ready has to be deleted first"


def test_parts_are_downloaded_after_confirming_and_resumed_without(
    hers: Client, alice: User, bob: User, local_storage: Path, new_picture: NewPicture
) -> None:
    new_picture(alice)
    export = copies.make(alice)
    part = export.parts.get()
    url = f"{PAGE}{export.pk}/1/"
    stranger = Client()
    stranger.force_login(bob)
    assert stranger.get(url).status_code == HTTPStatus.NOT_FOUND
    assert hers.get(url).headers["Location"].startswith("/accounts/reauthenticate/")

    confirm(hers)
    whole = hers.get(url)
    content = body_of(whole)
    with storing.opened(part.key) as file:
        assert content == file.read()
    assert whole.headers["Content-Type"] == "application/zip"
    assert "attachment" in whole.headers["Content-Disposition"]
    assert "1-of-1.zip" in whole.headers["Content-Disposition"]
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        half = hers.get(
            url, headers={"range": f"bytes={part.bytes - 100}-", "if-range": whole.headers["ETag"]}
        )
        assert half.status_code == HTTPStatus.PARTIAL_CONTENT
        assert body_of(half) == content[-100:]
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        assert hers.get(url).status_code == HTTPStatus.FOUND


def test_on_s3_a_part_is_a_link_that_downloads(
    hers: Client, alice: User, s3_storage: str, new_picture: NewPicture
) -> None:
    export = copies.make(alice)
    confirm(hers)
    answer = hers.get(f"{PAGE}{export.pk}/1/")
    assert answer.status_code == HTTPStatus.FOUND
    assert "Signature" in answer.headers["Location"]
    assert "application%2Fzip" in answer.headers["Location"]


@pytest.mark.few(1)
def test_after_its_days_it_is_gone_and_the_page_says_so(
    hers: Client, alice: User, any_storage: str, keys: Callable[[], set[str]], settings: Settings
) -> None:
    export = copies.make(alice)
    clean_up()
    assert len(leftovers(keys)) == 1
    # Not the clock but the row is moved: S3 refuses who is days ahead.
    its_days = timedelta(days=settings.EXPORT_DAYS, minutes=1)
    Export.objects.update(finished_at=timezone.now() - its_days)
    clean_up()
    assert leftovers(keys) == set()
    text = hers.get(PAGE).text
    assert "was deleted" in text
    assert "Make a copy" in text
    Export.objects.update(finished_at=timezone.now() - 2 * its_days)
    clean_up()
    assert not Export.objects.filter(pk=export.pk).exists()


# --- what is in it ---------------------------------------------------------------------------


def test_pictures_carry_the_recipe_as_their_owner_chose_and_always_beside_them(
    alice: User, local_storage: Path, new_picture: NewPicture
) -> None:
    made = [new_picture(alice), new_picture(alice, is_old=True)]
    for wanted in (True, False):
        Preferences.objects.update_or_create(user=alice, defaults={"recipe_in_downloads": wanted})
        files = copies.files(copies.make(alice))
        for picture in made:
            path = next(path for path in files if str(picture.pk) in path and path.endswith(".png"))
            recipe = marking.read_png(BytesIO(files[path]))
            assert (recipe is not None) == wanted
            assert ("sailboat" in path) == wanted
            assert f"{path.removesuffix('.png')}.recipe.json" in files
        Export.objects.all().delete()


@pytest.mark.few(1)
def test_parts_stay_below_their_size(
    alice: User, any_storage: str, new_picture: NewPicture, settings: Settings
) -> None:
    for _n in range(6):
        new_picture(alice)
    whole = copies.files(copies.make(alice))
    Export.objects.all().delete()
    settings.EXPORT_PART_BYTES = 100_000
    export = copies.make(alice)
    assert export.parts.count() > 1
    assert all(part.bytes <= settings.EXPORT_PART_BYTES for part in export.parts.all())
    parts = copies.files(export)
    assert {path for path in whole if not path.startswith("manifest")} == {
        path for path in parts if not path.startswith("manifest")
    }


# --- what goes wrong ---------------------------------------------------------------------------


@pytest.mark.few(1)
def test_a_worker_that_died_costs_the_part_in_hand_and_nothing_else(
    alice: User,
    any_storage: str,
    keys: Callable[[], set[str]],
    new_picture: NewPicture,
    one_unit_a_turn: None,
) -> None:
    new_picture(alice)
    export = queue.start(alice)
    for _n in range(8):
        making.work()
    before = ExportDraft.objects.get()
    assert before.is_paused
    assert queue.claim() is not None
    Export.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    ExportDraft.objects.update(is_paused=False)
    housekeeping.sweep()
    export.refresh_from_db()
    assert (export.state, export.attempts) == (Export.State.QUEUED, 1)
    making.work()
    assert ExportDraft.objects.get().key != before.key
    while making.work():
        pass
    export.refresh_from_db()
    assert export.state == Export.State.DONE
    assert "README.txt" in copies.files(export)
    clean_up()
    assert leftovers(keys) == {export.parts.get().key}


def test_the_third_death_without_progress_ends_it_with_a_sentence(
    alice: User, local_storage: Path, keys: Callable[[], set[str]]
) -> None:
    export = queue.start(alice)
    for _n in range(3):
        assert queue.claim() is not None
        Export.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        housekeeping.sweep()
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert "stopped several times" in export.sentence
    housekeeping.sweep()
    assert [message.subject for message in mail.outbox] == ["The copy of your data wasn't made"]


@pytest.mark.few(1)
@pytest.mark.parametrize("turns", few_of([1, 9, 10**6], [9]))
def test_a_cancelled_or_deleted_copy_leaves_nothing(
    hers: Client,
    alice: User,
    any_storage: str,
    keys: Callable[[], set[str]],
    new_picture: NewPicture,
    settings: Settings,
    one_unit_a_turn: None,
    turns: int,
) -> None:
    settings.EXPORT_PART_BYTES = 200_000
    for _n in range(3):
        new_picture(alice)
    export = queue.start(alice)
    for _n in range(turns):
        if not making.work():
            break
    for _tab in range(2):
        assert hers.post(f"{PAGE}{export.pk}/remove/").headers["Location"] == PAGE
    clean_up()
    assert leftovers(keys) == set()
    assert not ExportPart.objects.exists()
    assert not making.work()
    assert "Make a copy" in hers.get(PAGE).text


def test_without_room_there_is_one_sentence_and_nothing_in_storage(
    hers: Client, alice: User, local_storage: Path, keys: Callable[[], set[str]], settings: Settings
) -> None:
    settings.EXPORT_SPARE_BYTES = 2**62
    export = copies.make(alice)
    assert export.state == Export.State.FAILED
    assert "enough free space" in hers.get(PAGE).text
    clean_up()
    assert leftovers(keys) == set()


def test_storage_that_does_not_answer_costs_time(
    alice: User, local_storage: Path, new_picture: NewPicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_picture(alice)

    def unavailable(*_arguments: Any) -> None:
        raise storing.StorageUnavailable("for a moment")

    with monkeypatch.context() as broken:
        broken.setattr(storing, "opened", unavailable)
        export = copies.make(alice)
    assert (export.state, export.refusals) == (Export.State.QUEUED, 1)
    assert export.not_before > timezone.now()
    # A second ago: a database's clock that counts milliseconds may still be before this one's microseconds.
    Export.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    while making.work():
        pass
    export.refresh_from_db()
    assert export.state == Export.State.DONE
    assert copies.files(export)


def test_a_full_disk_ends_it_with_a_sentence(
    alice: User, local_storage: Path, keys: Callable[[], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> None:
        raise storing.StorageFull("no space left")

    with monkeypatch.context() as broken:
        broken.setattr("image2.lib.storage.pieces.LocalPieces.write", full)
        export = copies.make(alice)
    assert (export.state, "ran out of space" in export.sentence) == (Export.State.FAILED, True)
    clean_up()
    assert leftovers(keys) == set()


def test_what_is_gone_when_its_turn_comes_is_listed_as_left_out(
    alice: User, local_storage: Path, new_picture: NewPicture, one_unit_a_turn: None
) -> None:
    stays, goes, lost = (new_picture(alice) for _n in range(3))
    export = queue.start(alice)
    making.work()
    gone = str(goes.pk)
    goes.delete()
    default_storage.delete(lost.files.get(role=File.Role.MASTER).key)
    while making.work():
        pass
    export.refresh_from_db()
    files = copies.files(export)
    assert export.left_out == 2
    reasons = {each["path"]: each["because"] for each in copies.left_out(export)}
    assert [reasons[path] for path in reasons if gone in path] == [plan.GONE]
    assert [reasons[path] for path in reasons if str(lost.pk) in path] == [plan.LOST]
    assert [path for path in files if gone in path] == []
    assert [path for path in files if str(stays.pk) in path and path.endswith(".png")]


@pytest.mark.few(1)
@pytest.mark.parametrize("turns", few_of([0, 9, 10**6], [9]))
def test_when_the_account_is_deleted_the_copy_goes_with_it(
    alice: User, any_storage: str, keys: Callable[[], set[str]], one_unit_a_turn: None, turns: int
) -> None:
    queue.start(alice)
    for _n in range(turns):
        if not making.work():
            break
    alice.delete()
    assert not making.work()
    for _n in range(2):
        clean_up()
    assert leftovers(keys) == set()
    assert not Export.objects.exists()

"""/uploads/ and /storage/: what a person brought is seen, started from, deleted, restored; how much room it takes."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from generation import tasks
from generation.jobs import claim
from generation.models import File, Job, Lineage, StorageDeletion, Upload
from generation.pictures import trash
from generation.pictures.history import PAGE_SIZE
from generation.uploads import storage_used
from generation.uploads import unused as unused_uploads
from generation.uploads.storage_used import Kind
from generation.worker import attempt as attempts
from generation.worker.run_clock import RunClock
from image2.celery import app
from tests.generation.files.conftest import local_storage
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import make_job, make_picture
from tests.generation.web.test_creating import TYPED, a_file, value_of

__all__ = ["local_storage"]

UPLOADS = "/uploads/"


def make_upload(owner: User, *, minutes: int = 0, **fields: Any) -> Upload:
    """An upload that is so many minutes younger than the oldest, with a master's row of 3 MB and a thumbnail's."""
    values = {
        "name": "cat.png",
        "width": 40,
        "height": 30,
        "created_at": timezone.now() + timedelta(minutes=minutes),
    }
    upload = Upload.objects.create(owner=owner, **values | fields)
    for role, size in ((File.Role.MASTER, 3 * 2**20), (File.Role.THUMB_256, 1000)):
        form = "png" if role is File.Role.MASTER else "webp"
        key = f"{role}/{upload.pk}"
        File.objects.create(
            upload=upload, role=role, format=form, key=key, sha256="0" * 64, bytes=size, width=40, height=30
        )
    return upload


def shown(page: str) -> list[str]:
    return re.findall(r'id="picture-([0-9a-f-]{36})"', page)


def ordered(owner: User, upload: Upload, state: Job.State = Job.State.QUEUED) -> Job:
    job = make_job(owner, state)
    job.request |= {"kind": "image_to_image", "reference": f"upload:{upload.pk}", "strength": 0.5}
    job.save(update_fields=["request"])
    return job


# --- seeing ----------------------------------------------------------------------------------------------------------


def test_pages_put_together_are_all_uploads_newest_first_and_nobody_elses(
    hers: Client, alice: User, bob: User
) -> None:
    made = [str(make_upload(alice, minutes=minute).pk) for minute in range(PAGE_SIZE + 3)]
    make_upload(bob)
    make_upload(alice, deleted_at=timezone.now())
    first = hers.get(UPLOADS).content.decode()
    following = re.search(rf'href="({UPLOADS}\?after=[^"]+)"', first)
    assert following
    rest = hers.get(following.group(1), headers=FRAGMENT).content.decode()
    assert "<html" not in rest
    assert shown(first) + shown(rest) == made[::-1]
    assert "3.0\xa0MB · cat.png" in first


def test_the_page_says_how_much_is_used_and_when_unused_ones_go(hers: Client, alice: User) -> None:
    make_upload(alice)
    page = hers.get(UPLOADS).content.decode().replace("\xa0", " ")
    assert "3.0 MB of 1.0 GB used" in page
    assert "is deleted 30 days after it was last used." in page
    assert re.search(r'href="/uploads/"\s+aria-current="page"', page)


def test_an_upload_has_a_page_with_what_was_made_from_it_and_when_it_goes(hers: Client, alice: User) -> None:
    used, unused = make_upload(alice), make_upload(alice, name="<b>dog.png")
    child = make_picture(alice)
    Lineage.objects.create(child=child, upload=used, role=Lineage.Role.REFERENCE)
    page = hers.get(f"{UPLOADS}{used.pk}/").content.decode()
    assert f"/pictures/{child.pk}/" in page
    assert f"/files/upload/{used.pk}/master" in page
    assert f"/create/?reference=upload:{used.pk}" in page
    assert "It is kept as long as a picture" in page
    page = hers.get(f"{UPLOADS}{unused.pk}/").content.decode()
    assert "It will be deleted on" in page
    assert "&lt;b&gt;dog.png" in page


def test_an_upload_is_put_into_the_form_to_start_from(hers: Client, alice: User) -> None:
    upload = make_upload(alice)
    page = hers.get(f"/create/?reference=upload:{upload.pk}").content.decode()
    assert value_of(page, "reference") == f"upload:{upload.pk}"


# --- adding ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("local_storage")
def test_a_picture_is_uploaded_from_the_page(hers: Client, alice: User) -> None:
    answer = hers.post(f"{UPLOADS}add/", {"file": a_file("holiday.png")})
    upload = Upload.objects.visible_to(alice).get()
    assert answer.headers["Location"] == f"{UPLOADS}#picture-{upload.pk}"
    assert upload.name == "holiday.png"


@pytest.mark.parametrize("sent", [{}, {"file": b"nothing that is a picture"}], ids=["none", "wrong"])
def test_an_unusable_file_is_reported_on_the_page(hers: Client, alice: User, sent: dict[str, Any]) -> None:
    upload = make_upload(alice)
    if sent:
        file = a_file("x.png")
        file.truncate(0)
        file.seek(0)
        file.write(sent["file"])
        file.seek(0)
        sent = {"file": file}
    answer = hers.post(f"{UPLOADS}add/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Not uploaded." in page
    assert shown(page) == [str(upload.pk)]


# --- deleting --------------------------------------------------------------------------------------------------------


def test_an_upload_is_deleted_and_comes_back(hers: Client, alice: User) -> None:
    upload = make_upload(alice)
    answer = hers.post(f"{UPLOADS}{upload.pk}/delete/", headers=FRAGMENT)
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["message"] == "Upload deleted."
    assert not Upload.objects.visible_to(alice).exists()
    assert hers.get(f"/files/upload/{upload.pk}/master").status_code == 404
    back = hers.post(toast["undo"], headers=FRAGMENT)
    assert json.loads(back.headers["HX-Trigger"])["toast"]["restored"] == str(upload.pk)
    assert Upload.objects.visible_to(alice).get() == upload
    assert "nothing to restore" in hers.post(toast["undo"], follow=True).text


def test_several_are_deleted_in_one_act_which_can_be_undone(hers: Client, alice: User, bob: User) -> None:
    first, second, his = make_upload(alice), make_upload(alice), make_upload(bob)
    page = hers.post(f"{UPLOADS}selection/", {"picture": [first.pk, second.pk, his.pk, "x"]}, follow=True)
    text = page.content.decode()
    assert "2 uploads deleted." in text
    undo = re.search(r'action="(/uploads/undo/\d+/)"', text)
    assert undo
    assert Upload.objects.visible_to(bob).get() == his
    assert "2 uploads restored." in hers.post(undo.group(1), follow=True).content.decode()
    assert Upload.objects.visible_to(alice).count() == 2


def test_an_empty_selection_is_reported(hers: Client) -> None:
    assert "Select some uploads first." in hers.post(f"{UPLOADS}selection/", follow=True).content.decode()


def test_the_files_of_a_deleted_upload_go_and_the_recipe_says_so(hers: Client, alice: User) -> None:
    upload, child = make_upload(alice), make_picture(alice)
    Lineage.objects.create(child=child, upload=upload, role=Lineage.Role.REFERENCE)
    assert "The reference was deleted." not in hers.get(f"/pictures/{child.pk}/").content.decode()
    hers.post(f"{UPLOADS}{upload.pk}/delete/")
    assert "The reference was deleted." in hers.get(f"/pictures/{child.pk}/").content.decode()
    assert trash.purge_due(timezone.now() + timedelta(hours=1, minutes=1)) == 1
    assert not Upload.objects.exists()
    assert set(StorageDeletion.objects.values_list("key", flat=True)) == {
        f"master/{upload.pk}",
        f"thumb256/{upload.pk}",
    }
    assert "The reference was deleted." in hers.get(f"/pictures/{child.pk}/").content.decode()


def test_a_job_that_was_ordered_before_still_gets_its_reference(hers: Client, alice: User) -> None:
    upload = make_upload(alice)
    ordered(alice, upload)
    hers.post(f"{UPLOADS}{upload.pk}/delete/")
    assert trash.purge_due(timezone.now() + timedelta(days=2)) == 0
    job = claim.claim(lane="gpu", worker="w")
    assert job is not None
    attempt = attempts.Attempt(job, RunClock({str(job.pk): job.count}))
    assert attempt.orders()
    assert list(attempt.origins.values()) == [upload]
    job.finish(Job.State.FAILED, error_code="model")
    assert trash.purge_due(timezone.now() + timedelta(days=2)) == 1


# --- unused ones -----------------------------------------------------------------------------------------------------


def test_only_what_nothing_uses_goes_after_thirty_days(alice: User, bob: User) -> None:
    long_ago = timezone.now() - timedelta(days=30, minutes=1)
    unused, his = make_upload(alice, used_at=long_ago), make_upload(bob, used_at=long_ago)
    drawn, waiting, fresh, failed = (make_upload(alice, used_at=long_ago) for _n in range(4))
    Lineage.objects.create(child=make_picture(alice), upload=drawn, role=Lineage.Role.REFERENCE)
    ordered(alice, waiting)
    ordered(alice, failed, Job.State.FAILED)
    Upload.objects.filter(pk=fresh.pk).update(used_at=timezone.now() - timedelta(days=29, hours=23))
    assert unused_uploads.expire(timezone.now()) == 3
    left = set(Upload.objects.filter(deleted_at=None).values_list("pk", flat=True))
    assert left == {drawn.pk, waiting.pk, fresh.pk}
    trash.purge_due(timezone.now() + timedelta(hours=2))
    assert {unused.pk, his.pk, failed.pk}.isdisjoint(Upload.objects.values_list("pk", flat=True))


def test_using_it_or_losing_its_last_picture_restarts_the_days(hers: Client, alice: User) -> None:
    long_ago = timezone.now() - timedelta(days=100)
    asked, drawn = make_upload(alice, used_at=long_ago), make_upload(alice, used_at=long_ago)
    sent = TYPED | {"reference": f"upload:{asked.pk}", "strength": "0.5"}
    assert hers.post("/create/", sent).status_code == 302
    picture = make_picture(alice, deleted_at=timezone.now())
    Lineage.objects.create(child=picture, upload=drawn, role=Lineage.Role.REFERENCE)
    trash.empty(user=alice)
    Job.objects.all().delete()
    assert unused_uploads.expire(timezone.now()) == 0
    assert unused_uploads.expire(timezone.now() + timedelta(days=30, minutes=1)) == 2


def test_the_task_of_the_beat_deletes_what_is_due(alice: User) -> None:
    upload = make_upload(alice, used_at=timezone.now() - timedelta(days=31))
    assert app.conf.beat_schedule["generation.expire_uploads"]["task"] == tasks.expire_uploads.name
    tasks.expire_uploads()
    upload.refresh_from_db()
    assert upload.deleted_at is not None


# --- storage ---------------------------------------------------------------------------------------------------------


def test_storage_shows_each_kind_and_counts_what_one_brings(hers: Client, alice: User, bob: User) -> None:
    make_upload(alice)
    make_picture(alice)
    make_picture(alice, deleted_at=timezone.now())
    make_upload(bob)
    page = hers.get("/storage/").content.decode().replace("\xa0", " ")
    assert "<strong>3.0 MB</strong>" in page
    assert "of 1.0 GB" in page
    parts = re.findall(
        r'<a class="link" href="([^"]+)">(\w+)</a>\s*<span class="numbers">([^<]+)</span>', page
    )
    assert parts == [
        ("/uploads/", "Uploads", "3.0 MB"),
        ("/editor/", "Documents", "0 bytes"),
        ("/history/", "Pictures", "2.9 KB"),
        ("/history/trash/", "Trash", "2.9 KB"),
    ]


def test_a_kind_that_is_registered_is_shown_and_counted(
    hers: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_upload(alice)
    documents = Kind(
        name="documents",
        label="Documents",
        symbol="layers",
        route="generation:create",
        measure=lambda _user: 2**30,
        is_limited=True,
    )
    monkeypatch.setattr(storage_used, "_KINDS", dict(storage_used._KINDS))
    storage_used.register(documents)
    page = hers.get("/storage/").content.decode().replace("\xa0", " ")
    assert "Documents</a>" in page
    assert "Your storage is full." in page
    assert "Your storage is full." in hers.get(UPLOADS).content.decode()
    with pytest.raises(storage_used.StorageUsedUp):
        storage_used.check(user=alice)


def test_the_prices_say_how_much_room_a_plan_has(client: Client) -> None:
    page = client.get("/pricing/").content.decode().replace("\xa0", " ")
    found = re.findall(r"([\d.]+ GB) of storage for uploads", page)
    assert found == ["1.0 GB", "10.0 GB", "50.0 GB", "200.0 GB"]

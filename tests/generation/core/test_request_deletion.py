"""A job's request is deleted with its last picture; what accounting needs stays."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing import ledger
from generation import housekeeping
from generation.files import downloads
from generation.jobs import cancellation, failures
from generation.models import Job, JobPreview, Picture
from generation.pictures import request_deletion, trash
from generation.worker import run

from .conftest import Submit

MARK = "zanzibarquokka"
FRAGMENT = {"HX-Request": "true"}

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


# --- everywhere a prompt could be --------------------------------------------------------------------------


def places_of(mark: str) -> set[str]:
    """Every column of every table, and every file of the data folder and the storage, that holds the mark."""
    return {*_tables_with(mark), *_files_with(mark.encode())}


def _tables_with(mark: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    if mark in _as_text(table, name, value):
                        yield f"{table}.{name}"


def _as_text(table: str, column: str, value: object) -> str:
    if (table, column) == ("django_session", "session_data"):
        value = json.dumps(SessionStore().decode(str(value)))
    if isinstance(value, memoryview | bytes):
        return bytes(value).decode("latin-1")
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _files_with(mark: bytes) -> Iterator[str]:
    # The database's own files are searched as tables above.
    folders = {Path(settings.HOME), Path(default_storage.path(""))}
    for path in {path for folder in folders for path in folder.rglob("*")}:
        if not path.is_file() or "sqlite3" in path.name:
            continue
        with contextlib.suppress(FileNotFoundError):
            if mark in path.read_bytes():
                yield str(path)


@pytest.mark.django_db(transaction=True)
@pytest.mark.few(1)
def test_no_table_and_no_file_holds_a_prompt_whose_pictures_were_deleted_for_good(
    alice: User, submit: Submit, caplog: pytest.LogCaptureFixture
) -> None:
    """The whole life: typed on the site, drawn, looked at, downloaded, started from, repeated, deleted, purged."""
    client = Client()
    client.force_login(alice)
    form = {
        "prompt": f"a red house {MARK}",
        "negative_prompt": f"no {MARK}",
        "model": "bundled",
        "shape": "1:1",
        "size": "1k",
        "count": "2",
        "seed": "3",
        "steps": "4",
        "key": "a-key-of-the-form",
    }
    assert client.post("/start/", {"prompt": f"a red house {MARK}"}).status_code == 302
    answer = client.post("/create/", form)
    assert answer.status_code == 302, answer.content.decode()
    run.run("gpu")
    job = Job.objects.get()
    pictures = list(Picture.objects.all())
    assert len(pictures) == 2
    for picture in pictures:
        for kind in ("png", "jpeg", "webp"):
            downloads.with_recipe(picture, kind)
    assert MARK in client.get("/create/").content.decode(), "the settings used last are offered again"
    for address in ("/credits/", "/history/", f"/pictures/{pictures[0].pk}/"):
        assert MARK in client.get(address).content.decode(), address
    assert client.get("/history/", {"q": MARK}).status_code == 200
    client.post(f"/pictures/{pictures[0].pk}/favourite/")
    found = places_of(MARK)
    assert {"generation_job.request", "generation_picture.prompt", "generation_picture.recipe"} <= found
    assert any(place.endswith(".png") for place in found)

    trash.delete(user=alice, pictures=[picture.pk for picture in pictures])
    assert trash.purge(user=alice, pictures=[pictures[0].pk]) == 1
    assert "generation_job.request" in places_of(MARK), "the other picture still needs it"
    assert trash.empty(user=alice) == 1
    housekeeping.clean_up()
    assert places_of(MARK) == set()
    written = caplog.text
    assert "job.ended" in written
    assert MARK not in written, "the log lives longer"

    job.refresh_from_db()
    assert (job.state, job.model, job.size, job.count, job.request) == ("done", "bundled", "1k", 2, {})
    assert (job.price > 0, job.finished_at is not None, job.request_deleted_at is not None) == (
        True,
        True,
        True,
    )
    assert ledger.balance(alice).available == 1000 - job.price
    page = client.get(f"/jobs/{job.pk}/")
    assert "prompt and settings were deleted" in page.content.decode()
    assert client.get("/create/", {"job": str(job.pk)}).status_code == 200


# --- the rule, case by case ----------------------------------------------------------------------------------------


def ended(job: Job, state: Job.State, *, days_ago: float = 0) -> Job:
    """Move a queued job to an end, as a worker would have left it."""
    code = failures.Failure.MODEL if state == Job.State.FAILED else ""
    finished = timezone.now() - timedelta(days=days_ago)
    Job.objects.filter(pk=job.pk).update(state=state, error_code=code, finished_at=finished)
    job.refresh_from_db()
    return job


def picture_of(job: Job, index: int = 0) -> Picture:
    request = job.parsed_request
    return Picture.objects.create(
        owner=job.owner,
        job=job,
        index=index,
        prompt=request.prompt,
        recipe={"request": request.to_json()},
        model=job.model,
        width=1,
        height=1,
    )


def has_words(job: Job) -> bool:
    job.refresh_from_db()
    assert bool(job.request) == (job.request_deleted_at is None)
    return bool(job.request)


def test_the_request_stays_until_the_last_picture_is_purged(alice: User, submit: Submit) -> None:
    job = ended(submit(alice, count=2), Job.State.DONE)
    first, second = picture_of(job, 0), picture_of(job, 1)
    trash.delete(user=alice, pictures=[first.pk, second.pk])
    trash.purge(user=alice, pictures=[first.pk])
    assert has_words(job)
    trash.restore(user=alice, pictures=[second.pk])
    assert has_words(job)
    trash.delete(user=alice, pictures=[second.pk])
    assert trash.purge_due(timezone.now() + timedelta(days=31)) == 1
    assert not has_words(job)


def test_a_failed_job_loses_its_request_with_the_retry_that_made_the_picture(
    alice: User, submit: Submit
) -> None:
    first = ended(submit(alice), Job.State.FAILED)
    second = ended(submit(alice, key=first.retry_key), Job.State.FAILED)
    third = ended(submit(alice, key=second.retry_key), Job.State.DONE)
    other = ended(submit(alice), Job.State.FAILED)
    picture = picture_of(third)
    trash.delete(user=alice, pictures=[picture.pk])
    trash.empty(user=alice)
    assert [has_words(job) for job in (first, second, third, other)] == [False, False, False, True]


def test_nobody_deletes_the_request_of_somebody_elses_job_by_naming_it(
    alice: User, bob: User, submit: Submit
) -> None:
    hers = ended(submit(alice), Job.State.FAILED)
    his = ended(submit(bob, key=hers.retry_key), Job.State.FAILED)
    request_deletion.delete_job(user=bob, job=his)
    assert (has_words(his), has_words(hers)) == (False, True)


def test_a_job_that_made_nothing_is_deleted_by_its_button(alice: User, bob: User, submit: Submit) -> None:
    job = ended(submit(alice), Job.State.FAILED)
    JobPreview.objects.create(job=job, index=0, image=b"half a picture")
    client, stranger = Client(), Client()
    client.force_login(alice)
    stranger.force_login(bob)
    address = f"/jobs/{job.pk}/delete/"
    assert address in client.get("/create/").content.decode()
    assert stranger.post(address).status_code == 404
    assert client.get(address).status_code == 405
    assert has_words(job)
    answer = client.post(address, headers=FRAGMENT)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "deleted" in answer["HX-Trigger"]
    assert not has_words(job)
    assert not JobPreview.objects.exists()
    assert str(job.pk) not in client.get("/create/").content.decode()
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert address not in page
    assert "sailboat" not in page
    assert client.post(address).status_code == 302, "deleting it once more is no error"


def test_a_job_that_waits_or_has_pictures_is_not_deleted_and_says_what_to_do(
    alice: User, submit: Submit
) -> None:
    client = Client()
    client.force_login(alice)
    live = submit(alice)
    answer = client.post(f"/jobs/{live.pk}/delete/", follow=True)
    assert "Cancel it first" in answer.content.decode()
    cancellation.cancel(user=alice, job=live)
    assert f"/jobs/{live.pk}/delete/" in client.get(f"/jobs/{live.pk}/").content.decode()
    made = ended(submit(alice), Job.State.DONE)
    picture = picture_of(made)
    assert trash.delete(user=alice, pictures=[picture.pk]) == 1
    page = client.get(f"/jobs/{made.pk}/").content.decode()
    assert "Delete for good" in page, "its page deletes it with its pictures"
    answer = client.post(f"/jobs/{made.pk}/delete/", follow=True)
    assert "Delete them" in answer.content.decode()
    assert has_words(live)
    assert has_words(made)


def test_a_job_is_deleted_with_its_pictures_from_its_page(alice: User, bob: User, submit: Submit) -> None:
    made = ended(submit(alice), Job.State.DONE)
    picture = picture_of(made)
    live = submit(alice)
    client, stranger = Client(), Client()
    client.force_login(alice)
    stranger.force_login(bob)
    address, pictures_too = f"/jobs/{made.pk}/delete/", {"with_pictures": "on"}
    assert "Delete for good" in client.get(f"/jobs/{made.pk}/").content.decode()
    assert stranger.post(address, pictures_too).status_code == 404
    answer = client.post(f"/jobs/{live.pk}/delete/", pictures_too, follow=True)
    assert "Cancel it first" in answer.content.decode()
    assert has_words(made)
    assert has_words(live)

    assert client.post(address, pictures_too).status_code == 302
    assert not Picture.objects.filter(pk=picture.pk).exists()
    assert not has_words(made)
    assert "Delete for good" not in client.get(f"/jobs/{made.pk}/").content.decode()
    assert client.post(address, pictures_too).status_code == 302, "once more is no error"


def test_retrying_a_job_whose_retry_was_deleted_is_no_error(alice: User, submit: Submit) -> None:
    first = ended(submit(alice), Job.State.FAILED)
    second = ended(submit(alice, key=first.retry_key), Job.State.FAILED)
    Job.objects.filter(pk=second.pk).update(request={}, request_deleted_at=timezone.now())
    client = Client()
    client.force_login(alice)
    answer = client.post(f"/jobs/{first.pk}/again/")
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{second.pk}/")


def test_jobs_without_pictures_lose_their_request_after_thirty_days(alice: User, submit: Submit) -> None:
    failed, young = (ended(submit(alice), Job.State.FAILED, days_ago=days) for days in (31, 29))
    cancelled = ended(submit(alice), Job.State.CANCELLED, days_ago=31)
    partly = ended(submit(alice), Job.State.CANCELLED, days_ago=31)
    picture_of(partly)
    done = ended(submit(alice), Job.State.DONE, days_ago=31)
    picture_of(done)
    assert request_deletion.delete_due(timezone.now()) == 2
    assert request_deletion.delete_due(timezone.now()) == 0
    assert [has_words(job) for job in (failed, cancelled, young, partly, done)] == [
        *(False, False),
        *(True, True, True),
    ]


@contextlib.contextmanager
def column_named(model: type[Model], now: str, *, then: str) -> Iterator[None]:
    """Give a column the name that it had when a migration was written."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME COLUMN {now} TO {then}")
        yield
        cursor.execute(f"ALTER TABLE {table} RENAME COLUMN {then} TO {now}")


def test_the_migration_empties_jobs_whose_pictures_were_purged_before(alice: User, submit: Submit) -> None:
    gone, kept = (ended(submit(alice), Job.State.DONE) for _n in range(2))
    picture_of(kept)
    charged, uncharged = (submit(alice) for _n in range(2))
    ledger.capture(ref=charged.hold_ref, amount=charged.price)
    for job in (charged, uncharged):
        ended(job, Job.State.CANCELLED)
    failed, live = ended(submit(alice), Job.State.FAILED), submit(alice)
    session = SessionStore()
    session["create"] = {"negative_prompt": "no boats", "size": "1k"}
    session.save()
    ends = Session.objects.get().expire_date
    migration = import_module("generation.migrations.0007_words_of_purged_jobs")
    editor = SimpleNamespace(connection=connection)
    then = MigrationLoader(connection).project_state(("generation", "0007_words_of_purged_jobs")).apps
    with column_named(Job, "request_deleted_at", then="words_deleted_at"):
        for step in (migration.forget, migration.drop_copies, migration.forget, migration.drop_copies):
            step(then, editor)
    assert [has_words(job) for job in (gone, kept, charged, uncharged, failed, live)] == [
        *(False, True, False),
        *(True, True, True),
    ]
    assert SessionStore(session.session_key)["create"] == {"size": "1k"}
    assert Session.objects.get().expire_date == ends


@pytest.mark.django_db(transaction=True)
def test_two_purges_of_the_last_two_pictures_at_once_leave_no_request(alice: User, submit: Submit) -> None:
    job = ended(submit(alice, count=2), Job.State.DONE)
    pictures = [picture_of(job, index) for index in (0, 1)]
    trash.delete(user=alice, pictures=[picture.pk for picture in pictures])
    together = threading.Barrier(2)

    def purge(picture: Picture) -> None:
        try:
            together.wait()
            trash.purge(user=alice, pictures=[picture.pk])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=purge, args=(picture,)) for picture in pictures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not Picture.objects.exists()
    assert not has_words(job)

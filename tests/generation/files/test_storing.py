"""Objects in storage, on a folder and on a real S3 API: kept whole, found again, and every failure by its name."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import resource
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from generation.files import storing, sweeping
from generation.models import File, Picture, StorageDeletion
from image2.lib.storage.s3 import PrivateS3Storage
from image2.lib.storage.s3_origin import s3_origin
from tests.generation.files.conftest import NewPicture, UseS3, s3_options
from tests.services.processes import free_port
from tests.services.s3 import S3

pytestmark = pytest.mark.both_databases

Keys = Callable[[], set[str]]


def test_what_is_stored_is_read_again(any_storage: str, tmp_path: Path) -> None:
    path = tmp_path / "some.png"
    path.write_bytes(os.urandom(700_000))
    for content in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        stored = storing.store(content, kind="master", attempt="job-7", suffix="png")
        assert (stored.bytes, stored.sha256) == (700_000, hashlib.sha256(path.read_bytes()).hexdigest())
        with storing.opened(stored.key) as file:
            assert file.read() == path.read_bytes()
        assert storing.fetch(stored.key, tmp_path / "copy").read_bytes() == path.read_bytes()


def test_names_hold_the_attempt_and_cannot_be_guessed(any_storage: str, keys: Keys) -> None:
    made = {storing.store(b"x", kind="thumb", attempt="Job 1/../2", suffix="webp").key for _turn in range(20)}
    assert len(made) == 20
    assert keys() == made
    for key in made:
        assert key.startswith("thumb/")
        assert "/job-1-2-" in key
        assert key.endswith(".webp")
        assert len(key) < 200


def test_a_missing_object_is_reported_as_missing(any_storage: str) -> None:
    with pytest.raises(storing.ObjectMissing) as missing, storing.opened("master/20260101/00/nothing"):
        pass
    assert not missing.value.transient
    default_storage.delete("master/20260101/00/nothing")
    assert default_storage.listdir("master/20260101") == ([], [])


def test_names_never_leave_the_folder(local_storage: Path) -> None:
    from django.core.exceptions import SuspiciousOperation

    with pytest.raises(SuspiciousOperation), storing.opened("../secret_key"):
        pass


def test_a_file_is_whole_and_private_or_not_there(local_storage: Path, keys: Keys) -> None:
    class Breaks(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            if self.reads > 8:
                raise RuntimeError("the source went away")
            return super().read(size)

    with pytest.raises(RuntimeError):
        storing.store(Breaks(bytes(1_200_000)), kind="master", attempt="1", suffix="png")
    assert keys() == set()
    assert not [path for path in local_storage.rglob("*") if path.is_file()]
    key = storing.store(b"x", kind="master", attempt="1").key
    assert (local_storage / key).stat().st_mode & 0o777 == 0o600


def test_a_full_disk_is_reported_and_leaves_nothing(local_storage: Path, keys: Keys) -> None:
    """The kernel refuses to let a file grow, as it does when the disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(storing.StorageFull) as full:
            storing.store(bytes(300_000), kind="master", attempt="1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not full.value.transient
    assert not [path for path in local_storage.rglob("*") if path.is_file()]


def test_a_folder_without_write_permission_is_a_configuration_error(local_storage: Path) -> None:
    (local_storage / "master").write_text("in the way")
    with pytest.raises(storing.StorageRefused):
        storing.store(b"x", kind="master", attempt="1")


# --- S3 ----------------------------------------------------------------------------------------------------------


def test_a_store_that_is_down_is_a_transient_error(use_s3: UseS3, s3: S3) -> None:
    use_s3(s3_options(s3, "any", endpoint_url=f"http://127.0.0.1:{free_port()}"))
    for call in (
        lambda: storing.store(b"x", kind="master", attempt="1"),
        lambda: default_storage.delete("master/x"),
        lambda: default_storage.exists("master/x"),
        lambda: default_storage.listdir("master"),
    ):
        with pytest.raises(storing.StorageUnavailable) as down:
            call()
        assert down.value.transient


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "wrong", [{"secret_key": "wrong"}, {"bucket_name": "no-such-bucket"}, {"access_key": "x:y"}]
)
def test_a_store_that_refuses_our_key_is_a_configuration_error(
    use_s3: UseS3, s3: S3, s3_bucket: str, wrong: dict[str, str]
) -> None:
    use_s3(s3_options(s3, s3_bucket, **wrong))
    with pytest.raises(storing.StorageRefused) as refused:
        storing.store(b"x", kind="master", attempt="1")
    assert not refused.value.transient


@pytest.mark.parametrize(
    ("endpoint_url", "style", "expected"),
    [
        ("https://s3.example.org", "path", "https://s3.example.org"),
        ("http://127.0.0.1:9000/", "path", "http://127.0.0.1:9000"),
        ("https://s3.example.org", "virtual", "https://pictures.s3.example.org"),
        ("", "path", "https://s3.eu-central-1.amazonaws.com"),
        ("", "virtual", "https://pictures.s3.eu-central-1.amazonaws.com"),
    ],
)
def test_pages_may_show_pictures_from_where_links_point(endpoint_url: str, style: str, expected: str) -> None:
    storage = PrivateS3Storage(
        bucket_name="pictures",
        endpoint_url=endpoint_url or None,
        region_name="eu-central-1",
        access_key="a",
        secret_key="b",
        addressing_style=style,
    )
    link = storage.link("master/x.png", headers={})
    storage.connection.meta.client.close()
    origin = s3_origin(
        endpoint_url=endpoint_url, bucket="pictures", region="eu-central-1", addressing_style=style
    )
    assert origin == expected
    assert link.startswith(f"{origin}/")


def test_a_link_gives_one_object_under_fixed_headers_for_a_short_time(s3_storage: str) -> None:
    key = storing.store(b"pixels", kind="master", attempt="1", suffix="png").key
    storage = default_storage._wrapped if hasattr(default_storage, "_wrapped") else default_storage
    assert isinstance(storage, PrivateS3Storage)
    headers = {"Content-Type": "image/png", "Content-Disposition": 'attachment; filename="boat.png"'}
    link = storage.link(key, headers=headers, seconds=60)
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"pixels"
        assert {name: answer.headers[name] for name in headers} == headers
    for forged in (
        link.partition("?")[0],
        link.replace("image%2Fpng", "text%2Fhtml"),
        link.replace("Expires=60", "Expires=6000"),
    ):
        assert forged != link
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(forged)
        with refused.value as answer:
            assert answer.code in {400, 403}


def test_objects_and_links_of_the_former_key_stay_good_beside_the_next_one(
    use_s3: UseS3, s3: S3, s3_bucket: str
) -> None:
    with contextlib.closing(s3.client()) as former:
        former.put_object(Bucket=s3_bucket, Key="master/boat.png", Body=b"pixels")
        link = former.generate_presigned_url(
            "get_object", Params={"Bucket": s3_bucket, "Key": "master/boat.png"}
        )
    account = s3.access_key.partition(":")[0]
    use_s3(s3_options(s3, s3_bucket, access_key=f"{account}:next", secret_key=f"{s3.secret}-next"))

    with storing.opened("master/boat.png") as file:
        assert file.read() == b"pixels"
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"pixels"
    assert default_storage.exists(storing.store(b"more", kind="master", attempt="1").key)


def test_all_threads_of_a_process_share_one_client(s3_storage: str) -> None:
    key = storing.store(b"pixels", kind="master", attempt="1").key
    clients: set[int] = set()
    read: list[bytes] = []

    def work() -> None:
        clients.add(id(default_storage.connection.meta.client))  # type: ignore[attr-defined]  # S3's
        for _turn in range(5):
            with storing.opened(key) as file:
                read.append(file.read())

    threads = [threading.Thread(target=work) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [b"pixels"] * 30
    assert len(clients) == 1


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("method", "key", "expected"),
    [
        ("", "", {}),
        ("AES256", "", {"x-amz-server-side-encryption": "AES256"}),
        (
            "aws:kms",
            "alias/pictures",
            {
                "x-amz-server-side-encryption": "aws:kms",
                "x-amz-server-side-encryption-aws-kms-key-id": "alias/pictures",
            },
        ),
    ],
)
def test_every_object_asks_for_the_encryption_of_the_settings(
    s3: S3, s3_storage: str, method: str, key: str, expected: dict[str, str]
) -> None:
    """The test's store has no keys of its own: what is asked for is read from the requests and taken out of them."""
    storage = PrivateS3Storage(**s3_options(s3, s3_storage), encryption=method, encryption_key=key)
    asked: list[dict[str, str]] = []

    def read(request: Any, **_event: object) -> None:
        wanted = {name.lower(): name for name in request.headers if "server-side-encryption" in name.lower()}
        asked.append({lower: str(request.headers[name]) for lower, name in wanted.items()})
        for name in wanted.values():
            del request.headers[name]

    events = storage.connection.meta.client.meta.events
    for operation in ("PutObject", "CreateMultipartUpload"):
        events.register(f"before-sign.s3.{operation}", read)
    storage.save("whole", ContentFile(b"pixels"))
    pieces = storage.begin("in-pieces")
    pieces.write(b"pixels")
    pieces.finish()
    assert asked == [expected, expected]
    with storage.open("in-pieces") as file:
        assert file.read() == b"pixels"


@pytest.mark.long
def test_a_large_master_streams_to_s3_and_back(s3: S3, s3_storage: str, tmp_path: Path) -> None:
    """The peak of a process that moves 24 MB against one that moves nothing."""
    program = """
import pathlib, re, sys, django
django.setup()
from generation.files import storing
path = pathlib.Path(sys.argv[1])
key = storing.store(path, kind="master", attempt="1").key
assert storing.fetch(key, path.with_suffix(".copy")).stat().st_size == path.stat().st_size
print(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""
    environment = {
        **os.environ,
        **s3.environment(s3_storage),
        "DJANGO_SETTINGS_MODULE": "image2.settings",
        "IMAGE2_HOME": str(tmp_path / "home"),
    }
    peaks = []
    for size in (10, 24 * 1024 * 1024):
        path = tmp_path / f"{size}.png"
        path.write_bytes(os.urandom(size))
        done = subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < 8 * 1024, peaks


# --- rows --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_committed_row_publishes_a_picture(
    alice: User, new_picture: NewPicture, local_storage: Path
) -> None:
    picture = new_picture(alice)
    assert {file.role for file in picture.files.all()} == {"master", "thumb256", "thumb512", "thumb1024"}
    for file in picture.files.all():
        assert default_storage.size(file.key) == file.bytes
        assert hashlib.sha256((local_storage / file.key).read_bytes()).hexdigest() == file.sha256


@pytest.mark.django_db
@pytest.mark.few(1)
def test_what_is_discarded_is_deleted_and_what_is_published_is_not(
    alice: User, new_picture: NewPicture, any_storage: str, keys: Keys
) -> None:
    picture = new_picture(alice)
    published = {file.key for file in picture.files.all()}
    lost = storing.store_rendition(
        b"x", role=File.Role.MASTER, form="png", width=1, height=1, attempt="job-1"
    )
    storing.discard(storing.StoredPicture((lost,)))
    storing.discard(storing.StoredPicture((lost,)))
    storing.discard_keys(published)
    assert sweeping.delete_due() == len(published) + 1
    assert keys() == published
    assert not StorageDeletion.objects.exists()


@pytest.mark.django_db
def test_files_that_fail_half_way_are_discarded(local_storage: Path) -> None:
    keys: list[str] = []

    def store_one_and_fail() -> None:
        with storing.discarding_on_error() as stored:
            stored.append(
                storing.store_rendition(
                    b"x", role=File.Role.MASTER, form="png", width=1, height=1, attempt="1"
                )
            )
            keys.append(stored[0].stored.key)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store_one_and_fail()
    assert StorageDeletion.objects.get().key == keys[0]


@pytest.mark.django_db(transaction=True)
def test_rows_and_outbox_are_written_together_or_not_at_all(
    alice: User, new_picture: NewPicture, local_storage: Path
) -> None:
    picture = new_picture(alice)

    def discard_and_fail() -> None:
        with transaction.atomic():
            storing.discard_files(picture.files.all())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        discard_and_fail()
    assert picture.files.count() == 4
    assert not StorageDeletion.objects.exists()
    assert Picture.objects.exists()

"""Objects in pieces, on a folder and on a real S3 API: paused, resumed, finished, abandoned; a copy in many turns."""

from __future__ import annotations

import random

import pytest

from accounts.models import User
from generation.files import storing
from image2.lib.storage import s3_pieces
from privacy.export import making, plan, queue
from privacy.models import Export
from tests.generation.files.conftest import (
    NewPicture,
    any_storage,
    local_storage,
    new_picture,
    s3_storage,
    use_s3,
)
from tests.privacy import copies

__all__ = ["any_storage", "local_storage", "new_picture", "s3_storage", "use_s3"]

KEY = "export/20260101/00/some.zip"


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_pieces, "PIECE", 40_000)


def test_what_was_written_in_several_turns_is_one_object(any_storage: str) -> None:
    content = random.Random(7).randbytes(420_000)
    storage = queue.storage()
    pieces, at = storage.begin(KEY), 0
    for size in (10, 120_000, 30_000, 200_001, 69_989):
        pieces.write(content[at : at + size])
        at += size
        tail = pieces.pause()
        assert pieces.written == at
        pieces = storage.resume(KEY, written=at, tail=tail)
    pieces.finish()
    with storing.opened(KEY) as file:
        assert file.read() == content


def test_what_was_written_after_the_pause_is_cut_off(any_storage: str) -> None:
    storage = queue.storage()
    pieces = storage.begin(KEY)
    pieces.write(b"a" * 120_000)
    tail = pieces.pause()
    killed = storage.resume(KEY, written=120_000, tail=tail)
    killed.write(b"x" * 90_000)
    killed.close()
    again = storage.resume(KEY, written=120_000, tail=tail)
    again.write(b"b" * 10)
    again.finish()
    with storing.opened(KEY) as file:
        assert file.read() == b"a" * 120_000 + b"b" * 10


def test_an_abandoned_object_is_not_there_and_can_be_abandoned_twice(any_storage: str) -> None:
    storage = queue.storage()
    pieces = storage.begin(KEY)
    pieces.write(b"a" * 120_000)
    tail = pieces.pause()
    for _twice in range(2):
        storage.abandon(KEY)
    with pytest.raises(storing.ObjectMissing):
        storage.resume(KEY, written=120_000, tail=tail)
    with pytest.raises(storing.ObjectMissing), storing.opened(KEY):
        pass


def test_an_empty_object_is_an_object(any_storage: str) -> None:
    queue.storage().begin(KEY).finish()
    with storing.opened(KEY) as file:
        assert file.read() == b""


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_a_copy_of_many_turns_is_the_same_as_one_of_one_turn(
    alice: User,
    any_storage: str,
    new_picture: NewPicture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _n in range(3):
        new_picture(alice)
    once = copies.files(copies.make(alice))
    Export.objects.all().delete()
    monkeypatch.setattr(making, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(plan, "ROWS", 2)
    export = copies.make(alice)
    many = copies.files(export)
    assert export.fence > 30, "each turn is a claim"
    assert many.keys() >= once.keys()
    for path, content in once.items():
        if path.startswith("pictures/"):
            assert many[path] == content

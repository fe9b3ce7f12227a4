"""The list of erased accounts in a bucket, beside which a restored database is looked at again."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from privacy.erasure import replaying, tombstones
from privacy.models import Erasure
from tests.factories import make_person
from tests.generation.files.conftest import NewPicture, new_picture, s3_storage, use_s3
from tests.privacy import erasing

__all__ = ["new_picture", "s3_storage", "use_s3"]

pytestmark = pytest.mark.django_db


def test_who_comes_back_with_a_backup_is_found_by_the_list_in_the_bucket(
    s3_storage: str, alice: User, bob: User, new_picture: NewPicture
) -> None:
    assert list(tombstones.every()) == []  # the folder isn't there yet
    key, theirs = (new_picture(person).files.first().key for person in (alice, bob))  # type: ignore[union-attr]
    erasure = erasing.erase(alice)
    assert list(tombstones.every()) == [erasure.account_hash]
    assert len(default_storage.listdir(tombstones.FOLDER)[1]) == 2  # with its receipt
    tombstones.write(erasure.account_hash)  # once more changes nothing
    assert list(tombstones.every()) == [erasure.account_hash]
    assert (default_storage.exists(key), default_storage.exists(theirs)) == (False, True)

    # The backup knows her account, and nothing of its end.
    Erasure.objects.all().delete()
    again = make_person("Alice", pk=alice.pk)
    assert replaying.replay() == replaying.Found(again=1, known=0)
    again.refresh_from_db()
    assert not again.is_active
    assert replaying.replay() == replaying.Found(again=0, known=0)
    erasing.finish(Erasure.objects.get())
    assert not User.objects.filter(pk=alice.pk).exists()
    assert User.objects.filter(pk=bob.pk).exists()

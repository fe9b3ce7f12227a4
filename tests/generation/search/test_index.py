"""The search index is built in the background, may be interrupted anywhere, and drops what is deleted."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from generation.models import Picture, SearchSegment, SearchToken
from generation.pictures import favourites, history, trash
from generation.search import index, postings
from generation.search.listings import NEWEST
from tests.examples import examples
from tests.factories import make_person
from tests.generation.web.makers import LONG_AGO, make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def alice() -> User:
    return make_person("Alice")


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "SIZE", 4)


def make(owner: User, prompts: list[str]) -> list[Picture]:
    return [
        make_picture(owner, minutes=minute, prompt=prompt, thumbnails=False)
        for minute, prompt in enumerate(prompts)
    ]


def words_in_the_index() -> str:
    return " ".join(bytes(token).decode() for token in SearchToken.objects.values_list("token", flat=True))


def walk(user: User, words: str, size: int, *, of_favourites: bool = False) -> list[Picture]:
    read = history.favourites if of_favourites else history.newest
    found: list[Picture] = []
    page = read(user=user, words=words, size=size)
    while True:
        found += page.pictures
        if page.after is None:
            return found
        page = read(user=user, words=words, size=size, after=page.after)


@example(made=[(0, "red")] * 6, sealed=6, late=[0, 0, 0, 1], size=1, query="red")
@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    made=st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from(["red", "red sea", "sea", "blue"])), max_size=24
    ),
    sealed=st.integers(0, 24),
    late=st.lists(st.integers(0, 6), max_size=4),
    size=st.integers(1, 5),
    query=st.sampled_from(["red", "re", "sea red", "blue", "none"]),
)
def test_pages_put_together_are_all_that_is_found_in_order(
    alice: User, made: list[tuple[int, str]], sealed: int, late: list[int], size: int, query: str
) -> None:
    Picture.objects.all().delete()
    SearchSegment.objects.all().delete()
    for minute, prompt in made[:sealed]:  # many share a moment
        make_picture(alice, minutes=minute, prompt=prompt, thumbnails=False)
    index.seal(seconds=60)
    for minute in late:  # into the middle of what is indexed
        make_picture(alice, minutes=minute, prompt="red sea", thumbnails=False)
    index.seal(seconds=60)
    for minute, prompt in made[sealed:]:
        make_picture(alice, minutes=minute, prompt=prompt, thumbnails=False)
    everything = Picture.objects.filter(owner=alice).newest_first()
    expected = [
        picture
        for picture in everything
        if all(any(word.startswith(part) for word in picture.prompt.split()) for part in query.split())
    ]
    assert walk(alice, query, size) == expected


def test_only_full_stretches_are_indexed_the_oldest_first(alice: User) -> None:
    made = make(alice, ["red"] * 11)
    assert index.seal(seconds=60) == 2
    segments = dict(Picture.objects.values_list("pk", "search_segment"))
    held = [segments[picture.pk] for picture in made]
    assert held[0] == held[3] != held[4] == held[7]
    assert held[8:] == [None] * 3
    assert index.seal(seconds=60) == 0
    assert walk(alice, "red", 5) == made[::-1]


def test_the_search_sees_only_ones_own_in_the_index_too(alice: User) -> None:
    bob = make_person("Bob")
    make(bob, ["a red sailboat"] * 4)
    index.seal(seconds=60)
    assert walk(alice, "red", 5) == []
    assert len(walk(bob, "red", 5)) == 4


def test_what_is_in_the_trash_is_not_found_and_comes_back(alice: User) -> None:
    made = make(alice, ["red"] * 4)
    index.seal(seconds=60)
    trash.delete(user=alice, pictures=[made[1].pk])
    assert walk(alice, "red", 5) == [made[3], made[2], made[0]]
    trash.restore(user=alice, pictures=[made[1].pk])
    assert walk(alice, "red", 5) == made[::-1]


def test_a_purged_picture_leaves_the_index(alice: User) -> None:
    made = make(alice, ["a red house", "a secret garden", "a red tree", "a red sea"])
    favourites.mark(user=alice, ids=[picture.pk for picture in made])
    index.seal(seconds=60)
    assert "secret" in words_in_the_index()
    trash.delete(user=alice, pictures=[made[1].pk])
    trash.purge(user=alice, pictures=[made[1].pk])
    assert index.renew(seconds=60) == 2
    assert "secret" not in words_in_the_index()
    assert "house" in words_in_the_index()
    assert len(walk(alice, "red", 5)) == len(walk(alice, "red", 5, of_favourites=True)) == 3
    assert index.renew(seconds=60) == 0


def test_a_segment_that_lost_most_of_its_pictures_is_dissolved(alice: User) -> None:
    made = make(alice, ["red"] * 4)
    index.seal(seconds=60)
    ids = [picture.pk for picture in made[:3]]
    trash.delete(user=alice, pictures=ids)
    trash.purge(user=alice, pictures=ids)
    index.renew(seconds=60)
    assert not SearchSegment.objects.exists()
    assert not SearchToken.objects.exists()
    assert walk(alice, "red", 5) == [made[3]]


def test_a_deleted_account_leaves_no_index(alice: User) -> None:
    make(alice, ["red"] * 4)
    index.seal(seconds=60)
    alice.delete()
    assert not SearchToken.objects.exists()


def test_a_favourite_that_is_removed_and_added_again_is_found_once_at_its_new_place(alice: User) -> None:
    made = make(alice, ["red"] * 4)
    for picture in made:
        favourites.mark(user=alice, ids=[picture.pk])
    index.seal(seconds=60)
    favourites.unmark(user=alice, ids=[made[0].pk, made[1].pk])
    assert walk(alice, "red", 2, of_favourites=True) == [made[3], made[2]]
    favourites.mark(user=alice, ids=[made[0].pk])
    assert walk(alice, "red", 2, of_favourites=True) == [made[0], made[3], made[2]]
    assert walk(alice, "red", 3) == made[::-1]


def test_a_picture_that_changed_between_reading_and_writing_is_left_for_the_next_run(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(alice, ["red"] * 4)
    favourites.mark(user=alice, ids=[picture.pk for picture in made])
    reading = index._tokens

    def interrupted(texts: list[str]) -> list[tuple[bytes, bytes]]:
        favourites.unmark(user=alice, ids=[made[0].pk])
        Picture.objects.filter(pk=made[1].pk).delete()
        return reading(texts)

    monkeypatch.setattr(index, "_tokens", interrupted)
    assert index.seal(seconds=60) == 0
    assert not SearchSegment.objects.exists()
    assert len(walk(alice, "red", 5)) == 3
    assert len(walk(alice, "red", 5, of_favourites=True)) == 2


def test_preparing_can_be_interrupted_and_continues(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BATCH", 3)
    made = make(alice, ["a 1.5 red house"] * 8)
    Picture.objects.update(search_text=None)
    assert walk(alice, "red", 5) == made[::-1]
    assert index.prepare(seconds=0) == 0
    update, calls = Picture.objects.bulk_update, iter(range(9))

    def killed(*args: object, **options: object) -> int:
        if next(calls):
            raise KeyboardInterrupt
        return update(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(
            type(Picture.objects), "bulk_update", lambda _self, *args, **options: killed(*args, **options)
        )
        with pytest.raises(KeyboardInterrupt):
            index.prepare(seconds=60)
    assert Picture.objects.filter(search_text__isnull=True).count() == 5
    assert index.seal(seconds=60) == 0  # the oldest are not prepared: nothing is indexed out of order
    assert index.prepare(seconds=60) == 5
    assert index.seal(seconds=60) == 2
    assert walk(alice, "5 red", 5) == made[::-1]


def test_published_pictures_are_already_prepared(alice: User) -> None:
    made = make_picture(alice, prompt="a red_house")
    assert made.search_text == "\n a\n red _ house"


@given(st.sets(st.integers(0, 5000), min_size=1))
def test_positions_come_back_as_they_were(positions: set[int]) -> None:
    bits = sum(1 << position for position in positions)
    assert postings.unpack(postings.pack(bits)) == bits
    assert list(postings.positions_of(bits)) == sorted(positions)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=20))
def test_entries_are_ordered_as_the_list_is(minutes: list[int]) -> None:
    pictures = [Picture(created_at=LONG_AGO + timedelta(minutes=minute)) for minute in minutes]
    listed = sorted(pictures, key=lambda picture: (picture.created_at, picture.pk), reverse=True)
    entries = [postings.entry(picture.created_at, picture.pk) for picture in listed]
    assert entries == sorted(entries, reverse=True)
    for position, entry in enumerate(entries):
        assert postings.first_older(b"".join(entries), entry) == position + 1
        assert (postings.moment_of(entry), postings.id_of(entry)) == (
            listed[position].created_at,
            listed[position].pk,
        )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="plans of PostgreSQL")
def test_reading_what_is_not_indexed_walks_its_own_index(alice: User) -> None:
    make(alice, ["red"] * 4)
    index.seal(seconds=60)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE generation_picture")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = NEWEST.unindexed(NEWEST.pictures_of(alice)).order_by("-created_at", "-id")[:41].explain()
    assert "picture_unindexed" in plan, plan


def test_the_indexes_of_the_migration_are_those_of_the_model() -> None:
    migration = import_module("generation.migrations.0010_search_indexes").Migration
    built = {operation.index.name for operation in migration.operations if hasattr(operation, "index")}
    assert built <= {model_index.name for model_index in apps.get_model("generation.Picture")._meta.indexes}
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "generation_picture")
    assert built <= set(constraints)
    assert "picture_words" not in constraints

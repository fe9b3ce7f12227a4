"""The history: keyset pages are complete and in order while pictures are added; search, favourites, trash."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from generation.models import Job, Picture
from generation.models.pictures import Picture as PictureModel
from generation.pictures import favourites, history, trash
from generation.pictures.history import BadCursor, Cursor
from tests.examples import examples
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import LONG_AGO, make_job, make_picture

PROMPTS = ["a red sailboat", "Red mushrooms", "a 100% blue sky", "äpfel im schnee", "قارب أحمر", "it's a cat"]


def walk(user: User, size: int, meanwhile: object = None) -> list[PictureModel]:
    found: list[PictureModel] = []
    after = None
    while True:
        page = history.newest(user=user, after=after, size=size)
        found += page.pictures
        if page.after is None:
            return found
        # What an address carries, there and back.
        after = Cursor.parse(str(page.after))
        if callable(meanwhile):
            meanwhile()


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 5), max_size=20), size=st.integers(1, 7))
def test_pages_put_together_are_the_whole_history(alice: User, minutes: list[int], size: int) -> None:
    Picture.objects.all().delete()
    for minute in minutes:  # many share a moment
        make_picture(alice, minutes=minute, thumbnails=False)
    assert walk(alice, size) == list(Picture.objects.filter(owner=alice).newest_first())


def test_pictures_that_are_added_meanwhile_repeat_and_hide_nothing(alice: User) -> None:
    there = [make_picture(alice, minutes=minute // 3, thumbnails=False) for minute in range(20)]
    fresh = iter(range(100, 200))
    found = walk(alice, 3, lambda: make_picture(alice, minutes=next(fresh), thumbnails=False))
    assert len(found) == len(set(found))
    assert set(there) <= set(found)


def test_pictures_that_are_deleted_meanwhile_repeat_and_hide_nothing(alice: User) -> None:
    there = [make_picture(alice, minutes=minute // 3, thumbnails=False) for minute in range(20)]
    gone = iter(there)
    found = walk(alice, 3, lambda: trash.delete(user=alice, pictures=[next(gone).pk]))
    assert len(found) == len(set(found))


@pytest.mark.parametrize("text", ["", "x", "AAAA", "é", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "\x00", "../.."])
def test_a_broken_cursor_is_recognised(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.parse(text)


def test_a_broken_page_address_shows_the_first_page(hers: Client, alice: User) -> None:
    picture = make_picture(alice)
    assert str(picture.pk) in hers.get("/history/?after=nonsense").content.decode()


def test_endless_scroll_has_a_real_link_to_the_next_page(hers: Client, alice: User) -> None:
    for minute in range(history.PAGE_SIZE + 5):
        make_picture(alice, minutes=minute, thumbnails=False)
    page = hers.get("/history/").content.decode()
    link = re.search(r'<a class="button" href="(/history/\?after=[^"]+)"', page)
    assert link
    assert page.count('class="picture-tile') == history.PAGE_SIZE
    following = hers.get(link.group(1)).content.decode()
    assert following.count('class="picture-tile') == 5
    assert "<html" in following
    fragment = hers.get(link.group(1), headers=FRAGMENT).content.decode()
    assert fragment.count('class="picture-tile') == 5
    assert "<html" not in fragment


def test_the_number_of_queries_does_not_grow_with_the_pictures(hers: Client, alice: User) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert hers.get(path).status_code == 200
        return len(seen)

    make_picture(alice, minutes=1)
    hers.get("/history/")  # what is made at the first visit
    paths = ["/history/", "/create/", "/history/?show=favourites", "/history/?q=red", "/history/trash/"]
    few = {path: queries(path) for path in paths}
    for minute in range(2, 30):
        picture = make_picture(alice, minutes=minute)
        favourites.mark(user=alice, ids=[picture.pk])
        if minute % 3 == 0:
            trash.delete(user=alice, pictures=[picture.pk])
    for path in paths:
        # One more is fine: the thumbnails, where there was no picture before. A search reads in a few larger and
        # larger pieces, however many pictures there are.
        assert queries(path) <= few[path] + (4 if "q=" in path else 1), path
    assert all(number < 20 for number in few.values()), few


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("sailboat", {"a red sailboat"}),
        ("RED", {"a red sailboat", "Red mushrooms"}),
        ("red mountain", set()),
        ("red sailboat", {"a red sailboat"}),
        ("sail", {"a red sailboat"}),
        ("100%", {"a 100% blue sky"}),
        ("%", None),
        ("_", None),
        ("ÄPFEL", {"äpfel im schnee"}),
        ("قارب", {"قارب أحمر"}),
        ("it's", {"it's a cat"}),
        ("' | !x & (", None),
        ("a\\", None),
        ("\x00", None),
        ("x " * 500, set()),
    ],
)
def test_the_search_finds_every_word_and_survives_any_text(
    alice: User, search: str, found: set[str] | None
) -> None:
    for minute, prompt in enumerate(PROMPTS):
        make_picture(alice, minutes=minute, prompt=prompt, thumbnails=False)
    pictures = history.newest(user=alice, words=search).pictures
    if found is not None:
        assert {picture.prompt for picture in pictures} == found


def test_the_search_sees_only_ones_own(alice: User, bob: User) -> None:
    make_picture(bob, prompt="a red sailboat", thumbnails=False)
    assert history.newest(user=alice, words="red").pictures == []


def test_live_jobs_stand_on_top_and_failures_say_that_nothing_was_charged(
    hers: Client, alice: User, bob: User
) -> None:
    live = make_job(alice)
    failed = make_job(alice, Job.State.FAILED)
    old = make_job(alice, Job.State.FAILED, finished_at=LONG_AGO)
    his = make_job(bob)
    page = hers.get("/history/").content.decode()
    assert f'id="job-{live.pk}"' in page
    assert f'id="job-{failed.pk}"' in page
    assert f'id="job-{old.pk}"' not in page
    assert f'id="job-{his.pk}"' not in page
    assert "You were not charged" in page
    assert f'id="job-{live.pk}"' not in hers.get("/history/?q=red").content.decode()


def test_favourites_are_listed_by_when_they_were_chosen(alice: User) -> None:
    pictures = [make_picture(alice, minutes=minute, thumbnails=False) for minute in range(4)]
    for picture in (pictures[2], pictures[0], pictures[3]):
        favourites.mark(user=alice, ids=[picture.pk])
    chosen = history.favourites(user=alice, size=2)
    rest = history.favourites(user=alice, after=chosen.after, size=2)
    assert [*chosen.pictures, *rest.pictures] == [pictures[3], pictures[0], pictures[2]]


def test_the_neighbours_of_a_picture_are_those_beside_it(alice: User, bob: User) -> None:
    pictures = [make_picture(alice, minutes=minute // 2, thumbnails=False) for minute in range(6)]
    make_picture(bob, minutes=1, thumbnails=False)
    listed = list(Picture.objects.visible_to(alice).newest_first())
    assert set(listed) == set(pictures)
    for left, right in itertools.pairwise(listed):
        assert history.older(user=alice, than=left) == right
        assert history.newer(user=alice, than=right) == left
    assert history.newer(user=alice, than=listed[0]) is None
    assert history.older(user=alice, than=listed[-1]) is None


@pytest.mark.parametrize(
    "path", ["/history/", "/history/?show=favourites", "/history/?q=zebra", "/history/trash/", "/create/"]
)
def test_an_empty_page_says_what_to_do_next(hers: Client, path: str) -> None:
    page = hers.get(path).content.decode()
    assert 'class="empty"' in page or "create-empty" in page


def test_many_pictures_are_deleted_and_restored_at_once(hers: Client, alice: User, bob: User) -> None:
    mine = [make_picture(alice, minutes=minute) for minute in range(3)]
    his = make_picture(bob)
    ids = [str(picture.pk) for picture in [*mine, his]]
    hers.post("/history/selection/", {"action": "delete", "picture": [*ids, "nonsense"]}, follow=True)
    assert not Picture.objects.visible_to(alice).exists()
    assert Picture.objects.visible_to(bob).exists()
    assert hers.get("/history/trash/").content.decode().count('class="picture-tile') == 3
    hers.post("/history/selection/", {"action": "restore", "picture": ids[:2]})
    assert Picture.objects.visible_to(alice).count() == 2
    hers.post("/history/selection/", {"action": "purge", "picture": ids})
    assert Picture.objects.filter(owner=alice).count() == 2
    assert Picture.objects.visible_to(bob).exists()


def test_emptying_the_trash_purges_only_ones_own_pictures(hers: Client, alice: User, bob: User) -> None:
    mine, his = make_picture(alice), make_picture(bob)
    trash.delete(user=alice, pictures=[mine.pk])
    trash.delete(user=bob, pictures=[his.pk])
    hers.post("/history/trash/empty/")
    assert not Picture.objects.filter(pk=mine.pk).exists()
    assert Picture.objects.filter(pk=his.pk).exists()


def test_a_cursor_keeps_microseconds() -> None:
    moment = LONG_AGO + timedelta(microseconds=123457)
    cursor = Cursor(moment, Picture().pk)
    assert Cursor.parse(str(cursor)) == cursor


def test_pictures_deleted_together_are_restored_together(hers: Client, alice: User, bob: User) -> None:
    before, *chosen = [make_picture(alice, minutes=minute) for minute in range(4)]
    his = make_picture(bob)
    trash.delete(user=alice, pictures=[before.pk])
    trash.delete(user=bob, pictures=[his.pk])
    ids = [str(picture.pk) for picture in chosen]
    page = hers.post(
        "/history/selection/", {"action": "delete", "picture": ids}, follow=True
    ).content.decode()
    undo = re.search(r'action="(/history/trash/undo/\d+/)"', page)
    assert undo
    back = hers.post(undo.group(1), follow=True).content.decode()
    assert "3 pictures restored." in back
    assert set(Picture.objects.visible_to(alice)) == set(chosen)
    assert not Picture.objects.visible_to(bob).exists()
    assert "nothing to restore" in hers.post(undo.group(1), follow=True).text


@pytest.mark.parametrize("act", [0, 1, 2**63, 10**40])
def test_an_act_that_never_was_restores_nothing(hers: Client, alice: User, act: int) -> None:
    trash.delete(user=alice, pictures=[make_picture(alice).pk])
    assert "nothing to restore" in hers.post(f"/history/trash/undo/{act}/", follow=True).text
    assert not Picture.objects.visible_to(alice).exists()


def test_a_selection_of_nothing_of_ones_own_offers_no_undo(hers: Client, bob: User) -> None:
    his = make_picture(bob)
    page = hers.post("/history/selection/", {"action": "delete", "picture": [str(his.pk)]}, follow=True)
    assert "0 pictures moved" in page.content.decode()
    assert "/undo/" not in page.content.decode()

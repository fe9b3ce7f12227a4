"""One picture: recipe, lineage, neighbours; favourite, delete, restore; only for its owner."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.models import User
from generation.models import File, Job, Lineage, Picture, Upload
from generation.pictures import trash
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import make_job, make_picture


def test_the_page_shows_the_whole_recipe_and_each_part_can_be_used_again(hers: Client, alice: User) -> None:
    picture = make_picture(alice, seed=99)
    page = hers.get(f"/pictures/{picture.pk}/").content.decode()
    for said in (
        "a red sailboat on a calm sea",
        "Image 2 Poster",
        "3:2",
        "1024×682",
        "99",
        "lanczos",
        "192×128",
        "2.13.0",
    ):
        assert said in page
    assert f"/create/?from={picture.pk}&amp;take=seed" in page
    assert f"/create/?reference=picture:{picture.pk}" in page


def test_a_recipe_of_a_later_version_is_shown_as_far_as_it_is_understood(hers: Client, alice: User) -> None:
    picture = make_picture(alice, recipe={"version": 9, "request": {"version": 9}, "something": "new"})
    assert hers.get(f"/pictures/{picture.pk}/").status_code == 200
    assert hers.get(f"/create/?from={picture.pk}").status_code == 200


def test_lineage_is_shown_in_both_directions_and_only_what_is_ones_own(
    hers: Client, alice: User, bob: User
) -> None:
    parent, child = make_picture(alice, minutes=1), make_picture(alice, minutes=2)
    his = make_picture(bob, minutes=3)
    upload = Upload.objects.create(owner=alice, name="mine.png", width=10, height=10)
    Lineage.objects.create(child=child, parent=parent, role=Lineage.Role.REFERENCE)
    Lineage.objects.create(child=child, upload=upload, role=Lineage.Role.EDIT)
    Lineage.objects.create(child=his, parent=parent, role=Lineage.Role.REFERENCE)
    below = hers.get(f"/pictures/{child.pk}/").content.decode()
    assert "Made from" in below
    assert f"/pictures/{parent.pk}/" in below
    assert f"/uploads/{upload.pk}/" in below
    above = hers.get(f"/pictures/{parent.pk}/").content.decode()
    assert "Used in" in above
    assert f"/pictures/{child.pk}/" in above
    assert str(his.pk) not in above


@pytest.mark.parametrize("who", ["bob", "carol"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/pictures/{picture}/"),
        ("post", "/pictures/{picture}/favourite/"),
        ("post", "/pictures/{picture}/delete/"),
        ("post", "/pictures/{thrown}/restore/"),
        ("get", "/pictures/{thrown}/"),
        ("get", "/jobs/{job}/"),
        ("post", "/jobs/{job}/cancel/"),
        ("post", "/jobs/{failed}/again/"),
        ("get", "/jobs/{job}/preview/0/1/"),
    ],
)
def test_a_stranger_and_staff_find_nothing(
    alice: User, request: pytest.FixtureRequest, who: str, method: str, path: str
) -> None:
    thrown = make_picture(alice)
    trash.delete(user=alice, pictures=[thrown.pk])
    things = {
        "picture": make_picture(alice).pk,
        "thrown": thrown.pk,
        "job": make_job(alice).pk,
        "failed": make_job(alice, Job.State.FAILED).pk,
    }
    client = Client()
    client.force_login(request.getfixturevalue(who))
    before = list(Picture.objects.values()), list(Job.objects.values())
    # To a stranger, purged pictures and other people's are the same: there is nothing to delete.
    expected = 302 if path.endswith("/delete/") else 404
    assert getattr(client, method)(path.format(**things)).status_code == expected
    assert (list(Picture.objects.values()), list(Job.objects.values())) == before


@pytest.mark.parametrize(
    "path", ["/create/", "/history/", "/history/trash/", "/pictures/{id}/", "/jobs/{id}/"]
)
def test_anonymous_people_are_sent_to_the_log_in_page(db: None, alice: User, path: str) -> None:
    answer = Client().get(path.format(id=make_picture(alice).pk))
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


@pytest.mark.parametrize("path", ["favourite", "delete", "restore"])
def test_changes_are_not_made_by_following_a_link(hers: Client, alice: User, path: str) -> None:
    assert hers.get(f"/pictures/{make_picture(alice).pk}/{path}/").status_code == 405


def test_a_favourite_is_added_and_removed(hers: Client, alice: User) -> None:
    picture = make_picture(alice)
    pressed = hers.post(f"/pictures/{picture.pk}/favourite/", {"favourite": "yes"}, headers=FRAGMENT)
    assert 'aria-pressed="true"' in pressed.content.decode()
    assert Picture.objects.get().favourite_at is not None
    let_go = hers.post(f"/pictures/{picture.pk}/favourite/", {"favourite": "no"}, headers=FRAGMENT)
    assert 'aria-pressed="false"' in let_go.content.decode()
    assert Picture.objects.get().favourite_at is None
    assert hers.post(f"/pictures/{picture.pk}/favourite/", {"favourite": "yes"}).status_code == 302


def test_a_picture_in_the_trash_offers_only_restoring(hers: Client, alice: User) -> None:
    picture = make_picture(alice)
    assert hers.post(f"/pictures/{picture.pk}/delete/").status_code == 302
    page = hers.get(f"/pictures/{picture.pk}/").content.decode()
    assert f"/pictures/{picture.pk}/restore/" in page
    assert "/download/" not in page
    assert "Run again" not in page
    hers.post(f"/pictures/{picture.pk}/restore/")
    assert Picture.objects.visible_to(alice).exists()


def test_a_picture_without_thumbnails_is_still_listed(hers: Client, alice: User) -> None:
    make_picture(alice, thumbnails=False)
    assert "picture-missing" in hers.get("/history/").content.decode()
    assert not File.objects.exists()


def test_after_a_delete_the_message_offers_undo(hers: Client, alice: User) -> None:
    picture = make_picture(alice)
    page = hers.post(f"/pictures/{picture.pk}/delete/", follow=True).content.decode()
    assert f'<form method="post" action="/pictures/{picture.pk}/restore/">' in page
    hers.post(f"/pictures/{picture.pk}/restore/")
    thrown = hers.post(f"/pictures/{picture.pk}/delete/", headers=FRAGMENT)
    said = json.loads(thrown.headers["HX-Trigger"])["toast"]
    assert said["undo"] == f"/pictures/{picture.pk}/restore/"
    back = hers.post(said["undo"], headers=FRAGMENT)
    assert json.loads(back.headers["HX-Trigger"])["toast"]["restored"] == str(picture.pk)
    assert Picture.objects.visible_to(alice).get() == picture

"""A picture that staff took down: reached by nobody, explained to its owner, brought back after an appeal."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import AuditLine, User
from generation import housekeeping
from generation.models import File, Picture, TakeDown, Upload
from generation.pictures import take_downs, trash
from generation.pictures.references import ReferenceGone, find, find_for_job
from generation.uploads import storage_used, unused
from tests.architecture.owned import a_picture, an_upload
from tests.factories import log_in_staff, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
WORDS = {
    "ground": "rights",
    "statement": "It copies the painting “Boats” by Dana, who told us so.",
    "reason": "Report 17 of this morning",
}


@pytest.fixture
def picture(alice: User) -> Picture:
    return Picture.objects.get(pk=a_picture(alice))


@pytest.fixture
def operator(client: Client, carol: User) -> Client:
    return log_in_staff(client, carol)


def down(carol: User, picture: Picture) -> TakeDown:
    return take_downs.take_down(actor=carol, on=picture, **WORDS)


def test_staff_take_it_down_with_a_line_in_the_audit_log(
    operator: Client, picture: Picture, carol: User
) -> None:
    answer = operator.post(f"/admin/generation/takedown/of/{picture.pk}/", WORDS)

    assert answer.status_code == HTTPStatus.FOUND
    picture.refresh_from_db()
    assert picture.taken_down_at
    line = AuditLine.objects.get()
    assert (line.actor, line.action, line.object_id) == (carol, "picture.taken_down", str(picture.pk))
    assert (line.subject_id, line.reason) == (picture.owner_id, WORDS["reason"])
    assert str(picture.pk) in operator.get("/admin/generation/takedown/").text
    assert "taken down" in operator.get("/admin/generation/picture/").text


@pytest.mark.parametrize("changed", [{"statement": "No."}, {"reason": " "}, {"ground": "taste"}])
def test_without_a_statement_or_a_reason_nothing_happens(
    operator: Client, picture: Picture, changed: dict[str, str]
) -> None:
    answer = operator.post(f"/admin/generation/takedown/of/{picture.pk}/", WORDS | changed)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not TakeDown.objects.exists()
    assert not AuditLine.objects.exists()


def test_staff_without_that_right_get_no_page(client: Client, picture: Picture) -> None:
    dora = make_person("Dora", is_staff=True)
    dora.user_permissions.add(Permission.objects.get(codename="view_picture"))
    log_in_staff(client, dora)

    assert client.get(f"/admin/generation/takedown/of/{picture.pk}/").status_code == HTTPStatus.NOT_FOUND


def test_nobody_reaches_it_any_more(hers: Client, alice: User, carol: User, picture: Picture) -> None:
    file = File.objects.get(picture=picture)
    addresses = [
        f"/files/{file.pk}",
        f"/files/picture/{picture.pk}/master",
        f"/files/picture/{picture.pk}/download/png",
        f"/create/reference/{picture.pk}/",
    ]
    assert hers.get(addresses[0]).status_code == HTTPStatus.OK
    down(carol, picture)

    for address in addresses:
        assert hers.get(address).status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED), address
    for page in (
        "/history/",
        "/create/",
        "/history/?q=sailboat",
        "/create/reference/pictures/",
        "/history/trash/",
    ):
        assert str(picture.pk) not in hers.get(page).text, page
    for action in ("delete", "favourite", "change", "restore"):
        hers.post(f"/pictures/{picture.pk}/{action}/", {"choice": "larger 1", "key": "x"})
    trash.restore(user=alice, pictures=[picture.pk])
    with pytest.raises(ReferenceGone):
        find(user=alice, reference=f"picture:{picture.pk}")
    picture.refresh_from_db()
    assert (picture.deleted_at, picture.favourite_at) == (None, None)


def test_its_owner_reads_why_and_how_to_appeal(
    hers: Client, alice: User, bob: User, carol: User, picture: Picture
) -> None:
    down(carol, picture)
    housekeeping.clean_up()
    housekeeping.clean_up()

    (message,) = mail.outbox
    assert message.to == [alice.email]
    for said in ("copyright", "“Boats” by Dana", "appeal within 180 days", "/pictures/taken-down/"):
        assert said in message.body
    assert WORDS["reason"] not in message.body
    page = hers.get(f"/pictures/{picture.pk}/", follow=True)
    assert page.redirect_chain == [("/pictures/taken-down/", HTTPStatus.FOUND)]
    assert "“Boats” by Dana" in page.text
    assert "?category=objection" in page.text
    assert carol.email not in page.text + message.body
    stranger = Client()
    stranger.force_login(bob)
    assert stranger.get(f"/pictures/{picture.pk}/").status_code == HTTPStatus.NOT_FOUND
    assert "Boats" not in stranger.get("/pictures/taken-down/").text


def test_an_appeal_brings_it_back_where_it_was(
    operator: Client, hers: Client, carol: User, picture: Picture
) -> None:
    decision = down(carol, picture)
    take_downs.send_notices()

    page = f"/admin/generation/takedown/{decision.pk}/lift/"
    assert operator.post(page, {"reason": "short"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert operator.post(page, {"reason": "She painted it herself."}).status_code == HTTPStatus.FOUND
    assert operator.post(page, {"reason": "She painted it herself."}).status_code == HTTPStatus.NOT_FOUND

    assert hers.get(f"/pictures/{picture.pk}/").status_code == HTTPStatus.OK
    assert "Lifted" in hers.get("/pictures/taken-down/").text
    take_downs.send_notices()
    assert [message.subject for message in mail.outbox] == [
        "We took down one of your pictures",
        "Your picture is back",
    ]
    actions = AuditLine.objects.order_by("at", "pk").values_list("action", flat=True)
    assert list(actions) == ["picture.taken_down", "take_down.lifted"]


def test_twice_is_once(carol: User, picture: Picture) -> None:
    down(carol, picture)
    with pytest.raises(take_downs.AlreadyDown):
        down(carol, picture)

    assert TakeDown.objects.count() == 1
    assert AuditLine.objects.count() == 1


def test_after_the_time_for_an_appeal_it_is_deleted_with_its_files_and_the_decision_stays(
    hers: Client, carol: User, picture: Picture
) -> None:
    decision = down(carol, picture)
    take_downs.delete_due(timezone.now() + timedelta(days=settings.TAKE_DOWN_DAYS - 1))
    assert Picture.objects.filter(pk=picture.pk).exists()

    take_downs.delete_due(timezone.now() + timedelta(days=settings.TAKE_DOWN_DAYS + 1))
    assert not Picture.objects.filter(pk=picture.pk).exists()
    assert not File.objects.exists()
    assert "“Boats” by Dana" in hers.get("/pictures/taken-down/").text
    with pytest.raises(take_downs.Gone):
        take_downs.lift(actor=carol, decision=decision, reason="She painted it herself.")
    with time_machine.travel(timezone.now() + timedelta(days=settings.AUDIT_DAYS + 1)):
        take_downs.delete_due(timezone.now())
    assert not TakeDown.objects.exists()


@pytest.fixture
def upload(alice: User) -> Upload:
    return Upload.objects.get(pk=an_upload(alice))


def test_an_upload_is_taken_down_as_a_picture_is(
    operator: Client, hers: Client, alice: User, carol: User, upload: Upload
) -> None:
    file = File.objects.get(upload=upload)
    addresses = (f"/files/{file.pk}", f"/files/upload/{upload.pk}/master", f"/uploads/{upload.pk}/")
    assert [hers.get(address).status_code for address in addresses] == [HTTPStatus.OK] * 3
    page = operator.get("/admin/generation/upload/").text
    assert f"/admin/generation/takedown/of-upload/{upload.pk}/" in page
    assert upload.name not in page

    answer = operator.post(f"/admin/generation/takedown/of-upload/{upload.pk}/", WORDS)

    assert answer.status_code == HTTPStatus.FOUND
    line = AuditLine.objects.get()
    assert (line.actor, line.action, line.object_id) == (carol, "upload.taken_down", str(upload.pk))
    assert "taken down" in operator.get("/admin/generation/upload/").text
    assert [hers.get(address).status_code for address in addresses[:2]] == [HTTPStatus.NOT_FOUND] * 2
    assert hers.get(addresses[2], follow=True).redirect_chain == [("/pictures/taken-down/", HTTPStatus.FOUND)]
    for listed in ("/uploads/", "/create/", "/create/reference/pictures/"):
        assert str(upload.pk) not in hers.get(listed).text, listed
    hers.post(f"/uploads/{upload.pk}/delete/")
    for search in (find, find_for_job):  # a waiting job doesn't draw from it either
        with pytest.raises(ReferenceGone):
            search(user=alice, reference=f"upload:{upload.pk}")
    assert storage_used.used(alice) == 0
    upload.refresh_from_db()
    assert upload.deleted_at is None


def test_a_taken_down_upload_comes_back_after_an_appeal_or_is_deleted_with_its_files(
    hers: Client, alice: User, carol: User, upload: Upload
) -> None:
    decision = take_downs.take_down(actor=carol, on=upload, **WORDS)
    later = timezone.now() + timedelta(days=settings.UPLOAD_UNUSED_DAYS + 1)
    assert unused.expire(later) == 0  # not while an appeal is open
    take_downs.lift(actor=carol, decision=decision, reason="She painted it herself.")
    take_downs.send_notices()
    assert [message.subject for message in mail.outbox] == ["Your upload is back"]
    assert "brought the upload back" in mail.outbox[0].body
    assert hers.get(f"/uploads/{upload.pk}/").status_code == HTTPStatus.OK
    assert f"/uploads/{upload.pk}/" in hers.get("/pictures/taken-down/").text

    again = take_downs.take_down(actor=carol, on=upload, **WORDS)
    with pytest.raises(take_downs.AlreadyDown):
        take_downs.take_down(actor=carol, on=upload, **WORDS)
    take_downs.send_notices()
    assert mail.outbox[1].subject == "We took down one of your uploads"
    take_downs.delete_due(timezone.now() + timedelta(days=settings.TAKE_DOWN_DAYS + 1))
    assert not Upload.objects.exists()
    assert not File.objects.exists()
    with pytest.raises(take_downs.Gone):
        take_downs.lift(actor=carol, decision=again, reason="She painted it herself.")

"""A person is notified when staff opened a picture of theirs: by mail and on the site, or after a legal hold."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from accounts.models import AuditLine, StaffAccess, User
from accounts.staff import access as staff_access
from generation.models import Picture
from privacy import tasks
from tests.factories import log_in_staff, make_person
from tests.generation.web.makers import make_picture

pytestmark = pytest.mark.django_db
HOLD = "Order 12 of the court of Anytown"
BANNER = "Our staff opened one of your pictures"


@pytest.fixture
def picture(alice: User) -> Picture:
    return make_picture(alice)


@pytest.fixture
def operator(client: Client, carol: User) -> Client:
    return log_in_staff(client, carol)


@pytest.fixture
def hers(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def open_it(operator: Client, picture: Picture, **more: str) -> str:
    wanted = {"ground": "report", "reason": "Report 17 by a neighbour"} | more
    response = operator.post(f"/admin/generation/picture/{picture.pk}/open/", wanted)
    assert response.status_code == HTTPStatus.OK, response.text
    return response.text


def test_the_owner_gets_one_mail_that_says_when_and_why(
    operator: Client, picture: Picture, alice: User
) -> None:
    open_it(operator, picture)
    open_it(operator, picture, ground="help")
    tasks.sweep()
    tasks.sweep()

    (message,) = mail.outbox
    assert message.to == [alice.email]
    assert message.subject == "Our staff opened one of your pictures"
    assert "We looked into a report about it" in message.body
    assert "You asked us for help with it" in message.body
    assert "/account/staff-access/" in message.body
    assert "neighbour" not in message.body, "the reason may name others; it is for staff"


def test_the_owner_sees_it_on_the_site_until_they_looked(
    operator: Client, hers: Client, picture: Picture, bob: User
) -> None:
    assert BANNER not in hers.get("/history/").text
    open_it(operator, picture)

    assert BANNER in hers.get("/history/").text
    assert "New" in hers.get("/account/").text
    page = hers.get("/account/staff-access/").text
    assert "We looked into a report about it" in page
    assert f"/pictures/{picture.pk}/" in page
    assert "neighbour" not in page
    assert "carol" not in page.lower()
    assert BANNER not in hers.get("/history/").text

    other = Client()
    other.force_login(bob)
    assert "No access by our staff" in other.get("/account/staff-access/").text


def test_under_a_legal_hold_the_owner_is_notified_only_after_it_is_lifted(
    operator: Client, hers: Client, picture: Picture, alice: User, carol: User
) -> None:
    assert "notified when the legal hold is lifted" in open_it(operator, picture, ground="law", hold=HOLD)
    staff_access.send_notices()
    assert mail.outbox == []
    assert BANNER not in hers.get("/history/").text
    assert "No access by our staff" in hers.get("/account/staff-access/").text
    access = StaffAccess.objects.get()
    assert access.seen_at is None

    assert HOLD not in operator.get("/admin/accounts/staffaccess/").text
    lift = f"/admin/accounts/staffaccess/{access.pk}/lift/"
    assert HOLD in operator.get(lift).text
    assert operator.post(lift, {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    for _double_click in range(2):
        operator.post(lift, {"reason": "The order ended on Friday"})

    assert staff_access.send_notices() == 1
    assert mail.outbox[0].to == [alice.email]
    assert BANNER in hers.get("/history/").text
    lines = AuditLine.objects.order_by("pk").values_list("action", "reason", "actor", "subject_id")
    assert list(lines) == [
        ("picture.opened", "Report 17 by a neighbour", carol.pk, alice.pk),
        ("legal_hold.set", HOLD, carol.pk, alice.pk),
        ("legal_hold.lifted", "The order ended on Friday", carol.pk, alice.pk),
    ]


def test_only_who_has_every_right_may_hold_or_lift(client: Client, picture: Picture, alice: User) -> None:
    helper = make_person("Helen", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__in=["view_picture", "view_staffaccess"]))
    log_in_staff(client, helper)
    url = f"/admin/generation/picture/{picture.pk}/open/"
    assert 'name="hold"' not in client.get(url).text
    open_it(client, picture, hold=HOLD)
    access = StaffAccess.objects.get()
    assert not access.is_held

    StaffAccess.objects.update(held_because=HOLD)
    assert client.get("/admin/accounts/staffaccess/").status_code == HTTPStatus.OK
    lift = client.post(f"/admin/accounts/staffaccess/{access.pk}/lift/", {"reason": "because I can, easily"})
    assert lift.status_code == HTTPStatus.NOT_FOUND
    for act in (
        lambda: staff_access.lift(actor=helper, access=access, reason="x"),
        lambda: staff_access.record(
            actor=helper, on=picture, person=alice, ground="law", reason="x", hold_because=HOLD
        ),
    ):
        with pytest.raises(staff_access.MayNotHold):
            act()


def test_people_without_a_verified_address_are_notified_once_they_have_one(
    operator: Client, picture: Picture, alice: User
) -> None:
    EmailAddress.objects.filter(user=alice).update(verified=False)
    open_it(operator, picture)
    assert staff_access.send_notices() == 0
    EmailAddress.objects.filter(user=alice).update(verified=True)
    assert staff_access.send_notices() == 1


def test_nothing_is_shown_that_could_not_be_written_down(operator: Client, picture: Picture) -> None:
    for wrong in ({"ground": ""}, {"ground": "curiosity"}, {"hold": "short"}, {"reason": " "}):
        wanted = {"ground": "report", "reason": "Report 17 by a neighbour"} | wrong
        response = operator.post(f"/admin/generation/picture/{picture.pk}/open/", wanted)
        assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert picture.prompt not in response.text
    assert not StaffAccess.objects.exists()

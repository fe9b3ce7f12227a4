"""The operator and other people's accounts: every act has a reason and leaves a line."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import AuditLine, User
from accounts.staff import audit
from generation.models import Picture
from privacy.models import Erasure
from tests.factories import PASSWORD, log_in_staff, make_person
from tests.generation.web.makers import make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client, carol: User) -> Client:
    return log_in_staff(client, carol)


def act(client: Client, on: User, what: str, reason: str = "Asked by e-mail on Monday.") -> HTTPStatus:
    response = client.post(f"/admin/accounts/user/{on.pk}/act/", {"act": what, "reason": reason})
    return HTTPStatus(response.status_code)


def test_a_line_says_who_did_what_to_what_and_why(alice: User, carol: User) -> None:
    line = audit.record(
        actor=carol, action="picture.opened", on=alice, reason=" Complaint 7 ", subject_id=alice.pk
    )

    assert (line.actor_label, line.object_type, line.object_id) == (carol.email, "User", str(alice.pk))
    assert line.reason == "Complaint 7"


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_without_a_reason_nothing_is_done(alice: User, carol: User, reason: str) -> None:
    with pytest.raises(audit.ReasonMissing):
        audit.record(actor=carol, action="picture.opened", on=alice, reason=reason)


def test_people_are_found_by_address_and_shown_without_secrets(operator: Client, alice: User) -> None:
    assert "alice@example.test" in operator.get("/admin/accounts/user/?q=alice@exam").text

    page = operator.get(f"/admin/accounts/user/{alice.pk}/change/").text
    assert alice.password not in page
    assert "password" not in page.lower().replace("password_change", "").replace("change password", "")


def test_switching_off_logs_out_and_says_why(operator: Client, alice: User, carol: User) -> None:
    hers = Client()
    hers.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    assert act(operator, alice, "switch-off") == HTTPStatus.FOUND

    assert hers.get("/account/").status_code == HTTPStatus.FOUND
    line = AuditLine.objects.get()
    assert (line.actor, line.action, line.subject_id) == (carol, "account.switched_off", alice.pk)
    assert act(operator, alice, "switch-on") == HTTPStatus.FOUND
    alice.refresh_from_db()
    assert alice.is_active


def test_an_act_without_a_reason_is_refused(operator: Client, alice: User) -> None:
    assert act(operator, alice, "switch-off", reason=" ") == HTTPStatus.UNPROCESSABLE_ENTITY

    alice.refresh_from_db()
    assert alice.is_active
    assert not AuditLine.objects.exists()


@pytest.mark.parametrize("what", ["switch-off", "end-staff", "delete", "remove-second-factors"])
def test_nobody_locks_themself_out(operator: Client, carol: User, what: str) -> None:
    assert act(operator, carol, what) == HTTPStatus.UNPROCESSABLE_ENTITY

    carol.refresh_from_db()
    assert carol.is_active
    assert carol.is_staff
    assert not AuditLine.objects.exists()


def test_lost_second_factors_are_removed(operator: Client, alice: User) -> None:
    Authenticator.objects.create(user=alice, type="totp", data={"secret": "x"})

    act(operator, alice, "remove-second-factors")

    assert not Authenticator.objects.filter(user=alice).exists()


def test_deleting_closes_the_account_as_its_owner_would_and_leaves_a_line(
    operator: Client, alice: User
) -> None:
    make_picture(alice)

    assert act(operator, alice, "delete") == HTTPStatus.FOUND

    alice.refresh_from_db()
    assert alice.closed_at is not None
    assert not alice.is_active
    erasure = Erasure.objects.get(user=alice)
    assert (erasure.state, erasure.cause) == (Erasure.State.CLOSED, Erasure.Cause.OPERATOR)
    assert Picture.objects.exists(), "it can be reopened"
    assert AuditLine.objects.get().subject_id == alice.pk
    assert act(operator, alice, "switch-on") == HTTPStatus.UNPROCESSABLE_ENTITY
    assert act(operator, alice, "switch-off") == HTTPStatus.UNPROCESSABLE_ENTITY

    assert act(operator, alice, "reopen") == HTTPStatus.FOUND
    assert User.objects.get(pk=alice.pk).is_active
    assert act(operator, alice, "reopen") == HTTPStatus.UNPROCESSABLE_ENTITY


def test_reopening_gives_back_no_more_than_there_was(operator: Client, alice: User) -> None:
    act(operator, alice, "switch-off")
    act(operator, alice, "delete")
    act(operator, alice, "reopen")

    alice.refresh_from_db()
    assert (alice.is_active, alice.closed_at) == (False, None)


def test_staff_without_all_rights_cannot_give_rights(client: Client, alice: User, carol: User) -> None:
    helper = make_person("Helen", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    log_in_staff(client, helper)

    assert act(client, alice, "make-staff") == HTTPStatus.UNPROCESSABLE_ENTITY
    assert act(client, carol, "switch-off") == HTTPStatus.NOT_FOUND
    assert act(client, alice, "switch-off") == HTTPStatus.FOUND


def test_staff_without_the_right_do_not_find_the_page(client: Client, alice: User) -> None:
    log_in_staff(client, make_person("Helen", is_staff=True))

    assert act(client, alice, "switch-off") == HTTPStatus.NOT_FOUND


def test_the_log_is_only_read(operator: Client, alice: User, carol: User) -> None:
    line = audit.record(actor=carol, action="picture.opened", on=alice, reason="Complaint 7")

    assert "Complaint 7" in operator.get("/admin/accounts/auditline/").text
    assert operator.post(f"/admin/accounts/auditline/{line.pk}/delete/").status_code == HTTPStatus.FORBIDDEN
    assert operator.post(f"/admin/accounts/auditline/{line.pk}/change/").status_code == HTTPStatus.FORBIDDEN
    assert operator.get("/admin/accounts/auditline/add/").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "table",
    ["mfa/authenticator", "usersessions/usersession", "account/emailaddress", "socialaccount/socialaccount"],
)
def test_tables_with_secrets_are_not_shown(operator: Client, table: str) -> None:
    assert operator.get(f"/admin/{table}/").status_code == HTTPStatus.NOT_FOUND


def test_a_person_is_not_deleted_by_the_ordinary_button(operator: Client, alice: User) -> None:
    assert operator.get(f"/admin/accounts/user/{alice.pk}/delete/").status_code == HTTPStatus.FORBIDDEN

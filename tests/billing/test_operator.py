"""The operator reads the ledger, gives credits with a reason, and is output when something does not add up."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditLine, User
from billing import ledger
from billing.ledger import verification
from billing.models import Account, Transaction
from tests import factories

pytestmark = pytest.mark.django_db
GIVE = "/admin/billing/account/give/"


@pytest.fixture
def alice(db: None) -> User:
    return factories.make_alice()


@pytest.fixture
def carol(db: None) -> User:
    return factories.make_carol()


@pytest.fixture
def operators(carol: User) -> Client:
    return factories.log_in_staff(Client(), carol)


def test_credits_are_given_with_a_reason_and_with_who_did_it(
    alice: User, carol: User, operators: Client
) -> None:
    given = {"email": alice.email, "amount": 25, "reason": "an hour of outage", "token": "once"}
    for _double_click in range(2):
        assert operators.post(GIVE, given).status_code == 302
    assert ledger.balance(alice).available == 25
    line = Transaction.objects.get()
    assert (line.by, line.reason) == (carol, "an hour of outage")
    written = AuditLine.objects.get(action="credits.given")
    assert (written.actor, written.subject_id, written.reason) == (carol, alice.pk, "an hour of outage")


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"amount": 0}, {"amount": -5}, {"email": "nobody@example.org"}, {"token": ""}]
)
def test_a_gift_without_reason_amount_or_person_is_refused(
    alice: User, operators: Client, wrong: dict[str, object]
) -> None:
    given = {"email": alice.email, "amount": 25, "reason": "because", "token": "once", **wrong}
    assert operators.post(GIVE, given).status_code == 422
    assert not Transaction.objects.exists()


def test_nobody_else_can_give_credits(alice: User) -> None:
    hers = Client()
    hers.force_login(alice)
    for client in (hers, factories.log_in_staff(Client(), factories.make_person("Sam", is_staff=True))):
        given = {"email": alice.email, "amount": 25, "reason": "because", "token": "once"}
        assert client.post(GIVE, given).status_code == 404
    assert not Transaction.objects.exists()


@pytest.mark.parametrize("table", ["account", "grant", "hold", "freeze", "transaction"])
def test_the_ledger_can_be_read_and_not_edited(alice: User, operators: Client, table: str) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="p")
    ledger.hold(user=alice, amount=4, ref="job:1")
    ledger.freeze(user=alice, ref="dp")
    assert operators.get(f"/admin/billing/{table}/?q=alice").status_code == 200
    assert operators.get(f"/admin/billing/{table}/add/").status_code == 403
    row = next(iter(Account._meta.apps.get_model("billing", table)._default_manager.all()))
    assert operators.get(f"/admin/billing/{table}/{row.pk}/change/").status_code == 200
    assert operators.post(f"/admin/billing/{table}/{row.pk}/change/", {"amount": 1}).status_code == 403
    assert operators.post(f"/admin/billing/{table}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_ledger_that_adds_up_alerts_nobody(alice: User) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="p")
    assert verification.verify() == []
    assert mail.outbox == []
    call_command("ledger")


def test_a_balance_that_was_edited_by_hand_is_found(alice: User) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="p")
    Account.objects.update(available=1000)
    problems = verification.verify()
    assert any("available shows 1000, the entries say 10" in problem for problem in problems)
    assert "available shows 1000" in mail.outbox[0].body
    with pytest.raises(CommandError, match="available shows 1000"):
        call_command("ledger")

"""The audit log notices what was changed, taken out or slipped in, and forgets what it may forget."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from io import StringIO

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts import retention
from accounts.models import AuditLine, AuditLink, User
from accounts.staff import audit, audit_chain

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(alice: User, carol: User) -> list[AuditLine]:
    """Five lines."""
    return [write(carol, alice, f"Complaint {number}") for number in range(1, 6)]


def write(actor: User, on: User, reason: str) -> AuditLine:
    return audit.record(actor=actor, action="picture.opened", on=on, reason=reason, subject_id=on.pk)


def sentences(head: str = "") -> list[str]:
    return [fault.sentence for fault in audit_chain.verify(head).faults]


def change(number: int, **fields: object) -> None:
    AuditLine.objects.filter(number=number).update(**fields)


def rebuild(first: int, **fields: object) -> None:
    """As somebody does who can write to the database and knows how hashes are made."""
    change(first, **fields)
    before = AuditLink.objects.get(number=first - 1).chain_hash
    for link in AuditLink.objects.filter(number__gte=first).order_by("number"):
        link.line_hash = audit_chain.line_hash(AuditLine.objects.get(number=link.number))
        link.chain_hash = audit_chain.chain_hash(before, link.number, link.at, link.line_hash)
        link.save()
        before = link.chain_hash


def test_an_untouched_log_is_whole(log: list[AuditLine]) -> None:
    found = audit_chain.verify()
    assert (found.lines, found.deleted, found.faults) == (5, 0, [])
    assert found.head == str(AuditLink.objects.get(number=5))


def test_an_empty_log_is_whole() -> None:
    assert audit_chain.verify().faults == []


CHANGES: dict[str, tuple[Callable[[], object], list[str]]] = {
    "another reason": (lambda: change(3, reason="Bored"), ["Line 3 was changed."]),
    "another actor": (lambda: change(1, actor_label="bob@example.test"), ["Line 1 was changed."]),
    "another time": (lambda: change(5, at=timezone.now() - timedelta(days=9)), ["Line 5 was changed."]),
    "another salt": (lambda: change(2, salt="0" * 32), ["Line 2 was changed."]),
    "taken out": (
        lambda: AuditLine.objects.filter(number=4).delete(),
        ["Line 4 was deleted before its time."],
    ),
    "taken out with its link": (
        lambda: (
            AuditLine.objects.filter(number=3).delete(),
            AuditLink.objects.filter(number=3).delete(),
        ),
        ["Links 3 to 3 are missing.", "Link 4 doesn't follow from the one before it."],
    ),
    "another link": (
        lambda: AuditLink.objects.filter(number=2).update(line_hash="f" * 64),
        ["Link 2 doesn't follow from the one before it.", "Line 2 was changed."],
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_named(log: list[AuditLine], what: str) -> None:
    change_it, expected = CHANGES[what]
    change_it()
    assert sentences() == expected


@pytest.mark.parametrize("number", [None, 77])
def test_what_was_slipped_in_is_named(log: list[AuditLine], carol: User, number: int | None) -> None:
    line = AuditLine.objects.create(actor=carol, actor_label="x", action="x", reason="x", number=number)
    assert sentences() == [f"Line {line.pk} of {line.at:%Y-%m-%d %H:%M} isn't part of the chain."]


def test_a_chain_that_was_made_anew_is_told_from_the_old_by_a_head_that_was_kept(
    log: list[AuditLine],
) -> None:
    head = audit_chain.verify().head
    rebuild(2, reason="Nothing to see")
    assert sentences() == []
    assert sentences(head) == [f"The head {head} isn't in the log: links were taken out or made anew."]


def test_a_head_that_was_kept_stays_in_a_log_that_grows(
    log: list[AuditLine], alice: User, carol: User
) -> None:
    head = audit_chain.verify().head
    write(carol, alice, "Complaint 6")
    assert sentences(head) == []


def test_the_end_that_was_cut_off_is_noticed_by_a_head(log: list[AuditLine]) -> None:
    head = audit_chain.verify().head
    AuditLine.objects.filter(number=5).delete()
    AuditLink.objects.filter(number=5).delete()
    assert sentences() == []
    assert len(sentences(head)) == 1


def test_lines_whose_time_is_over_go_and_the_chain_holds(
    log: list[AuditLine], alice: User, carol: User
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=settings.AUDIT_DAYS + 1)):
        write(carol, alice, "Complaint 6")
        retention.sweep()
        found = audit_chain.verify()
    assert (found.lines, found.deleted, found.faults) == (1, 5, [])


def test_a_deleted_line_cannot_be_guessed_from_its_link(log: list[AuditLine]) -> None:
    """Its fields may be few and known; the salt that went with it isn't."""
    kept = AuditLink.objects.get(number=3)
    line = AuditLine.objects.get(number=3)
    line.salt = ""
    assert audit_chain.line_hash(line) != kept.line_hash
    assert len({line.salt for line in log}) == len(log)


def test_the_account_of_who_acted_may_go(log: list[AuditLine], carol: User) -> None:
    carol.delete()
    assert AuditLine.objects.filter(actor=None).count() == 5
    assert sentences() == []


def test_nothing_is_written_when_the_act_is_undone(alice: User, carol: User) -> None:
    with transaction.atomic():
        write(carol, alice, "Complaint")
        transaction.set_rollback(True)
    write(carol, alice, "Complaint")
    assert (audit_chain.verify().lines, sentences()) == (1, [])


def test_earlier_lines_join_the_chain(alice: User, carol: User) -> None:
    for number in range(3):
        AuditLine.objects.create(actor=carol, actor_label=carol.email, action="x", reason=f"Reason {number}")
    import_module("accounts.migrations.0013_chain_of_earlier_lines").join(apps, None)
    write(carol, alice, "Complaint")
    assert sentences() == []
    assert [line.reason for line in AuditLine.objects.order_by("number")][:2] == ["Reason 0", "Reason 1"]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_lines_that_are_written_at_once_form_one_chain(alice: User, carol: User) -> None:
    def work(_writer: int) -> None:
        for number in range(5):
            write(carol, alice, f"Complaint {number}")
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    found = audit_chain.verify()
    assert (found.lines, found.faults) == (20, [])


def test_the_command_says_it_in_one_line_and_fails_when_something_is_wrong(log: list[AuditLine]) -> None:
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert f"Head: {AuditLink.objects.get(number=5)}" in out.getvalue()

    change(3, reason="Bored")
    with pytest.raises(CommandError, match="isn't as it was written"):
        call_command("audit", "verify", stdout=out)
    assert "Line 3 was changed." in out.getvalue()


def test_each_line_of_the_log_of_processes_carries_the_head(
    alice: User, carol: User, caplog: pytest.LogCaptureFixture
) -> None:
    write(carol, alice, "Complaint")
    assert str(AuditLink.objects.get(number=1)) in caplog.text

"""Rows that the operator's first page and its lists count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import StaffAccess, User
from billing import ledger
from billing.models import Customer, PlanEnding, StripeEvent, Subscription
from generation.models import StorageDeletion
from image2.lib.ids import new_id
from image2.lib.mail import failures as mail_failures
from image2.lib.observing import last_checks
from privacy.models import Erasure, PolicyVersion, Ticket, TicketMessage

NOW = timezone.now()


def ticket(**fields: Any) -> Ticket:
    return Ticket.objects.create(**{"email": "a@example.test", "category": "billing", **fields})


def late_event(alice: User) -> None:
    StripeEvent.objects.create(stripe_id="evt_1", type="invoice.paid", body={})
    StripeEvent.objects.create(stripe_id="evt_2", type="invoice.paid", body={}, handled_at=NOW)
    StripeEvent.objects.update(received_at=NOW - timedelta(hours=1))


def unsent_answer(alice: User) -> None:
    TicketMessage.objects.create(ticket=ticket(user=alice), author="staff", text="x", mail_due_at=NOW)


def unannounced_access(alice: User) -> None:
    StaffAccess.objects.create(person=alice, picture_id=new_id(), ground="help")
    StaffAccess.objects.create(person=alice, picture_id=new_id(), ground="help", notified_at=NOW)
    StaffAccess.objects.create(person=alice, picture_id=new_id(), ground="law", held_because="order 7")


def unsent_receipt(alice: User) -> None:
    done = {"state": "done", "finished_at": NOW - timedelta(hours=2), "due_at": NOW}
    Erasure.objects.create(account_hash="a", address="a@example.test", **done)
    Erasure.objects.create(account_hash="b", **done)


def refused_mails(alice: User) -> None:
    mail_failures.count()
    mail_failures.count()


def late_deletion(alice: User) -> None:
    StorageDeletion.objects.create(key="k", due_at=NOW - timedelta(hours=2))


def unpaid_plan(alice: User) -> None:
    customer = Customer.objects.create(user=alice, stripe_id="cus_1")
    for number, status in enumerate(["active", "past_due", "unpaid", "canceled"]):
        Subscription.objects.create(
            customer=customer, stripe_id=f"sub_{number}", lookup_key="plus", status=status, asked_at=NOW
        )


def credits_of_alice(alice: User) -> None:
    ledger.grant(user=alice, amount=1500, source="pack", source_ref="p")
    ledger.hold(user=alice, amount=40, ref="job:1")
    ledger.hold(user=alice, amount=60, ref="job:2")
    ledger.capture(ref="job:2", amount=50)


def a_refund(alice: User) -> None:
    """Of a hundred credits sixty were spent, so they are owed now."""
    ledger.grant(user=alice, amount=100, source="pack", source_ref="p")
    ledger.hold(user=alice, amount=60, ref="job:1")
    ledger.capture(ref="job:1", amount=60)
    ledger.refund(source_ref="p", amount=100, ref="re_1")


def an_ending(alice: User) -> None:
    unpaid_plan(alice)
    one, other = Subscription.objects.order_by("stripe_id")[:2]
    PlanEnding.objects.create(subscription=one)
    PlanEnding.objects.create(subscription=other, finished_at=NOW)


def rights_and_reports(alice: User) -> None:
    ticket(category="erasure", due_at=NOW - timedelta(days=1))
    ticket(category="restriction", due_at=NOW + timedelta(days=3), state="waiting")
    ticket(category="access", due_at=NOW + timedelta(days=20))
    ticket(category="abuse")
    ticket(category="abuse", state="closed", closed_at=NOW)


def comparisons(alice: User) -> None:
    last_checks.record("ledger", 0)
    last_checks.record("jobs", 3)


def a_draft(alice: User) -> None:
    PolicyVersion.objects.create(version="9", effective_at=NOW + timedelta(days=99), summary="s", body="b")


def late_erasure(alice: User) -> None:
    Erasure.objects.create(user=alice, account_hash="a", due_at=NOW - timedelta(days=1))

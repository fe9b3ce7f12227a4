"""What is past its time goes, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import retention, usage
from accounts.models import AuditLine, StaffAccess, UsageEvent, User
from accounts.staff import audit
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def later(days: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(days=days))


def test_usage_events_go_after_180_days(alice: User) -> None:
    usage.record(user=alice, event="picture.submitted")

    with later(179):
        retention.sweep()
        assert UsageEvent.objects.exists()
    with later(181):
        assert retention.sweep()["usage_events"] == 1
        assert not UsageEvent.objects.exists()


def test_audit_lines_go_after_two_years(alice: User, carol: User) -> None:
    audit.record(actor=carol, action="picture.opened", on=alice, reason="Complaint 7")

    with later(729):
        retention.sweep()
        assert AuditLine.objects.exists()
    with later(731):
        retention.sweep()
        assert not AuditLine.objects.exists()


def test_a_sign_up_that_was_never_confirmed_goes_after_a_week(alice: User) -> None:
    never = User.objects.create_user("never@example.test", PASSWORD, name="Never")
    EmailAddress.objects.create(user=never, email=never.email, primary=True)

    with later(6):
        retention.sweep()
        assert User.objects.filter(pk=never.pk).exists()
    with later(8):
        assert retention.sweep()["unverified_accounts"] == 1
        assert list(User.objects.all()) == [alice]


def test_sessions_that_ended_leave_the_list_of_devices(alice: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD, "remember": "on"})
    assert UserSession.objects.count() == 1

    retention.sweep()
    assert UserSession.objects.count() == 1
    with later(31):
        retention.sweep()
        assert not UserSession.objects.exists()


def test_the_operator_is_never_swept(carol: User) -> None:
    EmailAddress.objects.filter(user=carol).update(verified=False)

    with later(1000):
        retention.sweep()
    assert User.objects.filter(pk=carol.pk).exists()


def test_accesses_by_staff_go_after_two_years_and_never_under_a_legal_hold(alice: User) -> None:
    now = timezone.now()
    long_ago = now - timedelta(days=3000)

    def opened(at: datetime, **fields: Any) -> StaffAccess:
        return StaffAccess.objects.create(
            person=alice, picture_id=alice.pk, ground="help", opened_at=at, **fields
        )

    opened(now - timedelta(days=settings.AUDIT_DAYS + 1))
    opened(long_ago, held_because="an order", lifted_at=now - timedelta(days=settings.AUDIT_DAYS + 1))
    kept = {
        opened(now - timedelta(days=settings.AUDIT_DAYS - 1)),
        opened(long_ago, held_because="an order"),
        opened(long_ago, held_because="an order", lifted_at=now),
    }
    assert retention.sweep()["staff_accesses"] == 2
    assert set(StaffAccess.objects.all()) == kept

"""Publishing a version ahead of its day, and telling everybody once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from privacy.models import PolicyNotice, PolicyVersion
from privacy.policy import publishing, versions
from tests.factories import log_in_staff, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def draft(days: int = 30) -> PolicyVersion:
    return PolicyVersion.objects.create(
        version="next",
        effective_at=timezone.now() + timedelta(days=days),
        summary="Shorter times.",
        body="New text.",
    )


def test_people_are_notified_once_with_date_and_summary(alice: User, bob: User) -> None:
    publishing.publish(version=draft())

    assert publishing.send_notices() == 2
    assert publishing.send_notices() == 0
    assert {message.to[0] for message in mail.outbox} == {alice.email, bob.email}
    assert "Shorter times." in mail.outbox[0].body
    assert "/privacy/versions/next/changes/" in mail.outbox[0].body


def test_a_draft_is_announced_to_nobody(alice: User) -> None:
    draft()

    assert publishing.send_notices() == 0


def test_what_would_hold_too_soon_is_refused(alice: User) -> None:
    version = draft(days=3)

    with pytest.raises(publishing.TooSoon, match="14 days"):
        publishing.publish(version=version)
    assert not PolicyVersion.objects.get(pk=version.pk).is_published


def test_publishing_twice_changes_nothing(alice: User) -> None:
    version = draft()
    publishing.publish(version=version)
    version.refresh_from_db()
    first = version.published_at

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        publishing.publish(version=version)
    version.refresh_from_db()
    assert version.published_at == first


def test_many_people_are_notified_in_batches(db: None) -> None:
    for number in range(5):
        make_person(f"Person{number}")
    publishing.publish(version=draft())

    assert [publishing.send_notices(limit=2) for _call in range(4)] == [2, 2, 1, 0]


def test_a_mail_that_fails_is_tried_again(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    publishing.publish(version=draft())

    def refuse(*_arguments: Any, **_more: Any) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        assert publishing.send_notices() == 0
    assert not PolicyNotice.objects.exists()
    assert publishing.send_notices() == 1


def test_the_operator_publishes_in_the_admin_and_then_the_text_is_fixed(client: Client, carol: User) -> None:
    version = draft()
    log_in_staff(client, carol)
    action = {"action": "publish", "_selected_action": [version.pk]}

    response = client.post("/admin/privacy/policyversion/", action, follow=True)

    assert "Version next is published." in response.text
    page = client.get(f"/admin/privacy/policyversion/{version.pk}/change/").text
    assert 'name="body"' not in page


def test_signed_in_people_see_the_banner_on_every_page_and_others_do_not(client: Client, alice: User) -> None:
    publishing.publish(version=draft())

    assert "Our privacy policy changes on" not in client.get("/").text
    client.force_login(alice)
    for page in ("/account/", "/history/"):
        assert "Our privacy policy changes on" in client.get(page).text


def test_the_policy_promises_the_days_that_publishing_demands() -> None:
    assert f"at least {publishing.AHEAD.days} days before" in " ".join(versions.current().body.split())


def test_only_verified_addresses_are_written_to(alice: User, bob: User) -> None:
    """The person who typed bob's address hasn't verified it; alice's new one isn't confirmed yet."""
    EmailAddress.objects.filter(user=bob).update(verified=False)
    User.objects.filter(pk=alice.pk).update(email="typed@example.test")
    EmailAddress.objects.create(user=alice, email="typed@example.test", verified=False)
    publishing.publish(version=draft())

    assert publishing.send_notices() == 1
    assert [message.to for message in mail.outbox] == [["alice@example.test"]]
    assert not PolicyNotice.objects.filter(user=bob).exists()

    EmailAddress.objects.filter(user=bob).update(verified=True)
    assert publishing.send_notices() == 1, "told once the address is verified"
    assert mail.outbox[-1].to == [bob.email]


def test_people_without_a_verified_address_do_not_fill_the_batch(alice: User) -> None:
    for number in range(3):
        person = make_person(f"Aaron{number}")
        EmailAddress.objects.filter(user=person).update(verified=False)
    publishing.publish(version=draft())

    assert publishing.send_notices(limit=1) == 1

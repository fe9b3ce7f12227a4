"""Retention by plan: announced by mail, avoided by a favourite or a longer plan, and first to the trash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing.models import Customer, Subscription
from generation.models import Picture, PictureEnd
from generation.pictures import retention, trash
from tests.generation.web.makers import make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PLANS = """
currency = "usd"
[[plans]]
key = "free"
name = "Free"
summary = "s"
credits = 0
weight = 1
retention_days = 90
[[plans]]
key = "year"
name = "Year"
summary = "s"
credits = 5
weight = 1
monthly = 5
retention_days = 365
[[plans]]
key = "pro"
name = "Pro"
summary = "s"
credits = 9
weight = 1
monthly = 9
"""


@pytest.fixture
def ninety_days(settings: Settings, tmp_path: Path) -> None:
    """The free plan keeps pictures for 90 days, "year" for 365, "pro" forever."""
    path = tmp_path / "plans.toml"
    path.write_text(PLANS)
    settings.PLANS_FILE = str(path)


def a_picture(owner: User, age: int, **fields: Any) -> Picture:
    return make_picture(owner, thumbnails=False, created_at=NOW - age * DAY, **fields)


def subscribe(user: User, lookup_key: str, status: str = "active") -> None:
    customer = Customer.objects.get_or_create(user=user, stripe_id=f"cus_{user.pk}")[0]
    Subscription.objects.update_or_create(
        customer=customer,
        stripe_id="sub_1",
        defaults={"lookup_key": lookup_key, "status": status, "asked_at": timezone.now()},
    )


def in_history(user: User) -> int:
    return Picture.objects.visible_to(user).count()


def turns(first: int, last: int) -> None:
    """One turn a day, from the one day to the other."""
    for day in range(first, last + 1):
        retention.run(NOW + day * DAY)


def test_without_a_retention_limit_no_picture_is_removed(alice: User) -> None:
    a_picture(alice, age=4000)
    turns(0, 40)
    assert in_history(alice) == 1
    assert mail.outbox == []
    assert retention.ending(alice) is None


def test_a_picture_is_removed_on_its_day_fourteen_days_after_the_mail(ninety_days: None, alice: User) -> None:
    a_picture(alice, age=70)
    turns(0, 5)
    assert mail.outbox == []  # after 76 days it is announced
    turns(6, 6)
    assert [sent.to for sent in mail.outbox] == [[alice.email]]
    assert "1 picture will be removed from your history on 21 Jun 2030 (UTC)" in str(mail.outbox[0].body)
    assert "keeps pictures for 90 days" in str(mail.outbox[0].body)
    turns(7, 19)
    assert in_history(alice) == 1
    turns(20, 20)
    assert in_history(alice) == 0
    assert Picture.objects.in_trash_of(alice).count() == 1
    assert len(mail.outbox) == 1


def test_old_pictures_get_their_fourteen_days_too(ninety_days: None, alice: User) -> None:
    """The operator shortens a plan, or a better plan ends: nothing is removed at once."""
    a_picture(alice, age=3000)
    turns(0, 13)
    assert in_history(alice) == 1
    turns(14, 14)
    assert in_history(alice) == 0


def test_while_mail_cannot_be_sent_nothing_is_removed(
    ninety_days: None, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: object, **_options: object) -> None:
        raise ConnectionRefusedError

    a_picture(alice, age=3000)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMultiAlternatives.send", refused)
        turns(0, 30)
    assert in_history(alice) == 1
    assert not PictureEnd.objects.exists()
    turns(31, 31)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("plan", "status", "age", "left"),
    [
        ("pro_monthly", "active", 3000, 1),
        ("pro_monthly", "past_due", 3000, 1),  # the grace of an unpaid renewal
        ("pro_monthly", "canceled", 3000, 0),
        ("year_monthly", "active", 300, 1),
        ("year_monthly", "active", 3000, 0),
        ("sold_no_more", "active", 3000, 0),
    ],
)
def test_the_plan_says_how_long(
    ninety_days: None, alice: User, plan: str, status: str, age: int, left: int
) -> None:
    subscribe(alice, plan, status)
    a_picture(alice, age=age)
    turns(0, 15)
    assert in_history(alice) == left


def test_a_favourite_is_never_removed_even_if_it_became_one_after_the_mail(
    ninety_days: None, alice: User
) -> None:
    a_picture(alice, age=3000, favourite_at=NOW)
    late = a_picture(alice, age=3000)
    turns(0, 1)
    assert "1 picture will be removed" in str(mail.outbox[0].body)
    Picture.objects.filter(pk=late.pk).update(favourite_at=NOW)
    assert retention.ending(alice) is None
    turns(2, 30)
    assert in_history(alice) == 2
    assert len(mail.outbox) == 1


def test_changing_to_a_longer_plan_after_the_mail_keeps_everything(ninety_days: None, alice: User) -> None:
    a_picture(alice, age=100)
    turns(0, 3)
    subscribe(alice, "pro_monthly")
    assert retention.ending(alice) is None
    turns(4, 40)
    assert in_history(alice) == 1
    subscribe(alice, "pro_monthly", "canceled")
    turns(41, 54)
    assert in_history(alice) == 1  # told again, and given the time again
    assert len(mail.outbox) == 2
    turns(55, 55)
    assert in_history(alice) == 0


def test_a_restored_picture_is_announced_again(ninety_days: None, alice: User) -> None:
    picture = a_picture(alice, age=100)
    turns(0, 14)
    assert trash.restore(user=alice, pictures=[picture.pk]) == 1
    turns(15, 28)
    assert in_history(alice) == 1
    assert len(mail.outbox) == 2
    turns(29, 29)
    assert in_history(alice) == 0


def test_there_is_at_most_one_mail_a_week(ninety_days: None, alice: User) -> None:
    for age in range(60, 90):
        a_picture(alice, age=age)
    turns(0, 27)
    assert len(mail.outbox) == 4
    assert in_history(alice) < 30


def test_nobody_else_is_touched(ninety_days: None, alice: User, bob: User) -> None:
    a_picture(alice, age=100)
    a_picture(bob, age=10)
    turns(0, 14)
    assert (in_history(alice), in_history(bob)) == (0, 1)
    assert {address for sent in mail.outbox for address in sent.to} == {alice.email}


def test_the_history_says_so_until_then(ninety_days: None, alice: User, hers: Client) -> None:
    a_picture(alice, age=100)
    assert "leaves your history" not in hers.get("/history/").text
    turns(0, 0)
    assert "15 Jun 2030 (UTC)</time>" in hers.get("/history/").text
    turns(1, 14)
    assert "leaves your history" not in hers.get("/history/").text


def test_many_pictures_end_in_batches(
    ninety_days: None, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    for person in (alice, bob):
        for _number in range(7):
            a_picture(person, age=100)
    turns(0, 0)
    assert retention.end(NOW + 14 * DAY) == 14
    assert not PictureEnd.objects.exists()


def test_who_has_no_verified_address_is_not_written_to_and_keeps_the_pictures(
    alice: User, ninety_days: None
) -> None:
    a_picture(alice, 400)
    EmailAddress.objects.filter(user=alice).update(verified=False)
    retention.run(NOW)
    retention.run(NOW + 40 * DAY)
    assert mail.outbox == []
    assert Picture.objects.visible_to(alice).count() == 1

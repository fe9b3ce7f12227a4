"""Usage events: small, without content, and never against the person's will."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts import usage
from accounts.models import Consent, Preferences, UsageEvent, User
from accounts.people import preferences, restriction
from accounts.usage import days, privacy_control

pytestmark = pytest.mark.django_db


def test_an_event_is_recorded_with_its_details(alice: User) -> None:
    assert usage.record(user=alice, event="picture.submitted", details={"model": "bundled", "count": 2})

    row = UsageEvent.objects.get()
    assert (row.user, row.event, row.details) == (
        alice,
        "picture.submitted",
        {"model": "bundled", "count": 2},
    )


def test_nothing_is_recorded_when_it_is_switched_off(alice: User) -> None:
    Preferences.objects.create(user=alice, usage_data=False)

    assert not usage.record(user=alice, event="picture.submitted")
    assert not UsageEvent.objects.exists()


@pytest.mark.parametrize(("header", "recorded"), [("1", False), ("0", True), ("yes", True)])
def test_global_privacy_control_is_honoured(alice: User, header: str, recorded: bool) -> None:
    request = RequestFactory().get("/", headers={"sec-gpc": header})

    assert usage.record(user=alice, event="picture.submitted", request=request) is recorded


def test_people_who_are_not_signed_in_are_not_counted() -> None:
    assert not usage.record(user=AnonymousUser(), event="page.opened")


def test_content_is_refused(alice: User) -> None:
    with pytest.raises(ValueError, match="content does not belong here"):
        usage.record(user=alice, event="picture.submitted", details={"prompt": "a red sailboat " * 10})


@pytest.mark.parametrize("name", ["", "submitted", "Picture.submitted", "picture submitted"])
def test_events_have_names_of_one_form(alice: User, name: str) -> None:
    with pytest.raises(ValueError, match="named like"):
        usage.record(user=alice, event=name)


def asking(**headers: str) -> HttpRequest:
    return RequestFactory().post("/", headers=headers)


GPC = {"sec-gpc": "1"}


def test_nothing_is_recorded_of_a_restricted_account_until_it_is_lifted(alice: User) -> None:
    restriction.begin(user=alice, request=asking())
    assert not usage.record(user=alice, event="picture.submitted")
    assert not usage.record_once_a_day(user=alice, event="editor.used", detail="tool", values={"brush"})

    restriction.lift(user=alice, request=asking())
    assert usage.record(user=alice, event="picture.submitted")


def test_a_browser_that_sends_the_signal_switches_it_off_for_the_account_too(alice: User) -> None:
    assert not usage.record(user=alice, event="picture.submitted", request=asking(**GPC))

    assert not usage.record(user=User.objects.get(pk=alice.pk), event="picture.submitted", request=asking())
    (line,) = Consent.objects.filter(user=alice)
    assert (line.kind, line.granted, line.ip) == (Consent.Kind.USAGE_SIGNAL, False, "127.0.0.0")
    assert privacy_control.switched_off(alice)


def test_logging_in_with_such_a_browser_is_enough(client: Client, alice: User) -> None:
    client.post(
        "/accounts/login/",
        {"login": alice.email, "password": "correct horse battery staple"},
        headers=GPC,
    )

    assert not preferences.of(User.objects.get(pk=alice.pk)).usage_data


def test_what_the_person_chose_by_hand_is_left_alone_and_the_browser_is_still_not_recorded(
    alice: User,
) -> None:
    preferences.change(user=alice, request=asking(), changes={"usage_data": False})
    preferences.change(user=alice, request=asking(), changes={"usage_data": True})

    assert not usage.record(user=alice, event="picture.submitted", request=asking(**GPC))
    assert usage.record(user=alice, event="picture.submitted", request=asking())
    assert not privacy_control.switched_off(alice)


def test_a_tool_is_recorded_once_a_day_without_the_hour(alice: User) -> None:
    with time_machine.travel(datetime(2026, 11, 29, 15, 30, tzinfo=UTC), tick=False):
        for tools in ({"brush"}, {"brush", "fill"}, {"fill"}):
            usage.record_once_a_day(user=alice, event="editor.used", detail="tool", values=tools)
    with time_machine.travel(datetime(2026, 11, 30, 0, 1, tzinfo=UTC), tick=False):
        usage.record_once_a_day(user=alice, event="editor.used", detail="tool", values={"brush"})

    rows = UsageEvent.objects.order_by("at", "pk").values_list("at", "details")
    assert [(f"{at:%d %H:%M}", details["tool"]) for at, details in rows] == [
        ("29 00:00", "brush"),
        ("29 00:00", "fill"),
        ("30 00:00", "brush"),
    ]


@pytest.mark.both_databases
def test_days_are_counted_and_deleted_one_by_one_or_all(alice: User, bob: User) -> None:
    for day, who in ((28, alice), (28, alice), (29, alice), (29, bob)):
        with time_machine.travel(datetime(2026, 11, day, 23, 59, tzinfo=UTC), tick=False):
            usage.record(user=who, event="picture.submitted", details={"count": 1})
    first, second = datetime(2026, 11, 28, tzinfo=UTC).date(), datetime(2026, 11, 29, tzinfo=UTC).date()

    assert days.days_of(alice) == [second, first]
    found = days.recorded_on(alice, [first, second])
    assert [each.times for each in found[first]] == [2]
    assert [each.details for each in found[second]] == [{"count": 1}]
    assert days.delete(alice, first) == 2
    assert days.days_of(alice) == [second]
    assert days.delete(alice) == 1
    assert UsageEvent.objects.get().user == bob

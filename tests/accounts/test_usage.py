"""Usage events: small, without content, and never against the person's will."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from accounts import usage
from accounts.models import Preferences, UsageEvent, User

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

"""The minimum age: asked by every form that makes an account, kept once the policy says so."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import Consent, PolicyAcceptance, User
from accounts.people import age
from privacy.models import PolicyVersion
from privacy.policy import shipped
from tests.accounts.mails import code_in
from tests.accounts.test_sign_up import CONFIRM, SIGN_UP, answers, errors_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def named_by_the_policy() -> PolicyVersion:
    """A version that covers the text which names the confirmation of age."""
    now = timezone.now() - timedelta(minutes=1)
    return PolicyVersion.objects.create(
        version="94",
        published_at=now,
        effective_at=now,
        summary="x",
        body="x",
        covers=4,
        requires_acceptance=True,
    )


def test_without_the_tick_there_is_no_account(client: Client) -> None:
    response = client.post(SIGN_UP, answers(age=""))

    assert errors_of(response) == {"age"}
    assert "at least 16" in response.text
    assert not mail.outbox


def test_the_date_of_the_confirmation_is_kept_once_the_policy_names_it(
    client: Client, named_by_the_policy: PolicyVersion
) -> None:
    client.post(SIGN_UP, answers())
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    line = Consent.objects.get(user__email="dana@example.test")
    assert (line.kind, line.granted, line.ip) == ("age", True, "127.0.0.0")
    assert timezone.now() - line.at < timedelta(minutes=1)


def test_before_that_it_is_asked_and_not_kept(client: Client) -> None:
    PolicyVersion.objects.filter(covers__gte=4).update(covers=3)
    client.post(SIGN_UP, answers())
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert User.objects.get().email == "dana@example.test"
    assert not Consent.objects.exists()


def test_an_account_made_in_another_way_is_asked_before_it_goes_on(
    client: Client, alice: User, named_by_the_policy: PolicyVersion
) -> None:
    """Whatever makes an account without our form accepts no policy either, and ends on the page that asks for both."""
    PolicyAcceptance.objects.filter(user=alice).delete()
    client.force_login(alice)
    page = client.get("/create/", follow=True)
    assert "I am 16 or older." in page.text

    answer = client.post("/privacy/accept/", {"version": "94", "next": "/create/"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not PolicyAcceptance.objects.filter(user=alice).exists()

    answer = client.post("/privacy/accept/", {"version": "94", "next": "/create/", "age": "on"})
    assert answer.headers["Location"] == "/create/"
    assert age.is_confirmed(alice)
    assert client.get("/create/").status_code == HTTPStatus.OK


def test_nobody_is_asked_twice(client: Client, alice: User, named_by_the_policy: PolicyVersion) -> None:
    Consent.objects.create(user=alice, kind=Consent.Kind.AGE, granted=True)
    client.force_login(alice)

    assert "16 or older" not in client.get("/create/", follow=True).text
    client.post("/privacy/accept/", {"version": "94"})
    assert Consent.objects.filter(kind=Consent.Kind.AGE).count() == 1


def test_every_form_that_makes_an_account_asks() -> None:
    forms = [
        form
        for name in ("ACCOUNT_FORMS", "SOCIALACCOUNT_FORMS", "MFA_FORMS")
        for purpose, form in getattr(settings, name, {}).items()
        if purpose == "signup"
    ]
    forms.append("accounts.connected.forms.FinishForm")
    assert len(forms) == 2
    for form in forms:
        assert isinstance(import_string(form).base_fields["age"], age.AgeField), form


def test_it_is_the_age_that_the_policy_names() -> None:
    text = (Path(shipped.__file__).parent.parent / "texts" / f"{shipped.NEWEST.number}.md").read_text()

    assert f"children under {age.MINIMUM}" in " ".join(text.split())

"""The texts that come with the program: how a site gets the newest, what it promises, and what waits for it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.people import policies as gate
from image2.lib.http import browser_storage
from image2.lib.personal_data import declarations
from privacy.data import inventory
from privacy.models import PolicyVersion
from privacy.policy import publishing, shipped, versions
from tests.factories import log_in_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def live_site(alice: User) -> PolicyVersion:
    """A site that people joined under the first text; the operator's own second version holds."""
    PolicyVersion.objects.all().delete()
    now = timezone.now()
    for version, days in (("1", 60), ("2", 30)):
        PolicyVersion.objects.create(
            version=version,
            published_at=now - timedelta(days=days),
            effective_at=now - timedelta(days=days),
            summary="x",
            body=shipped.TEXTS[0].body,
            requires_acceptance=True,
        )
    shipped.ensure(PolicyVersion.objects, has_people=True)
    return PolicyVersion.objects.get(covers=shipped.NEWEST.number)


def text_in_force() -> str:
    return " ".join(versions.current().body.split())


# --- how it comes to a site ----------------------------------------------------------------------------------------


def test_a_new_site_starts_with_the_newest_text(client: Client) -> None:
    assert [version.version for version in PolicyVersion.objects.all()] == [str(shipped.NEWEST.number)]
    assert versions.current().body == shipped.NEWEST.body
    assert gate.in_force(shipped.NEWEST.number)
    assert "Against abuse" in client.get("/privacy/").text


def test_a_live_site_gets_a_draft_and_its_published_texts_stay(live_site: PolicyVersion) -> None:
    assert (live_site.version, live_site.published_at) == ("3", None)
    assert versions.current_version() == "2"
    assert [version.body for version in PolicyVersion.objects.published()] == [shipped.TEXTS[0].body] * 2
    shipped.ensure(PolicyVersion.objects, has_people=True)
    assert PolicyVersion.objects.count() == 3, "one draft, however often the site is started"


@pytest.mark.django_db(transaction=True)
def test_each_start_sees_to_it(alice: User) -> None:
    PolicyVersion.objects.update(covers=1, version="1", body="what people agreed to")
    call_command("migrate", verbosity=0)
    draft = PolicyVersion.objects.get(published_at=None)
    assert (draft.version, draft.body) == ("2", shipped.NEWEST.body)
    assert PolicyVersion.objects.get(version="1").body == "what people agreed to"


def test_what_is_new_stays_off_until_the_operator_published_and_the_day_came(
    live_site: PolicyVersion, client: Client, alice: User, carol: User
) -> None:
    assert not gate.in_force(shipped.NEWEST.number)
    assert gate.in_force(1)

    log_in_staff(client, carol)
    chosen = {"action": "publish", "_selected_action": [live_site.pk]}
    client.post("/admin/privacy/policyversion/", {**chosen})
    publishing.send_notices()
    assert [alice.email] in [message.to for message in mail.outbox]
    assert not gate.in_force(shipped.NEWEST.number)

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert gate.in_force(shipped.NEWEST.number)
        assert versions.current_version() == str(live_site.version)


def test_a_version_that_the_operator_wrote_after_it_keeps_it_on(live_site: PolicyVersion) -> None:
    now = timezone.now()
    PolicyVersion.objects.filter(pk=live_site.pk).update(
        published_at=now, effective_at=now - timedelta(days=1)
    )
    PolicyVersion.objects.create(
        version="next", published_at=now, effective_at=now, summary="x", body="x", covers=1
    )
    assert gate.in_force(shipped.NEWEST.number)


def test_a_cookie_that_a_later_text_brings_is_not_in_the_table_before(
    live_site: PolicyVersion, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = browser_storage.Stored(name="later", purpose="Something new", lifetime="a day", since=2)
    known = browser_storage.stored()
    monkeypatch.setattr(inventory, "stored", lambda: (*known, later))
    assert "Something new" not in client.get("/privacy/").text
    PolicyVersion.objects.filter(pk=live_site.pk).update(
        published_at=timezone.now(), effective_at=timezone.now()
    )
    assert "Something new" in client.get("/privacy/").text


# --- what it says, against what is -----------------------------------------------------------------------------------

# Every number of days in the text, and what it is read from.
DAYS = {
    settings.USAGE_EVENT_DAYS: "What was recorded is deleted after {} days",
    settings.TRASH_DAYS: "stays in your trash for {} days",
    settings.UNVERIFIED_ACCOUNT_DAYS: "never confirmed is deleted after {} days",
    settings.AUDIT_DAYS: "kept for {} days",
    publishing.AHEAD.days: "at least {} days before that date",
}


def test_every_number_of_days_in_the_text_is_one_of_the_settings() -> None:
    text = text_in_force()
    for days, sentence in DAYS.items():
        assert sentence.format(days) in text
    assert f"its prompt is deleted {settings.TRASH_DAYS} days after it ended" in text
    assert f"neither use nor keep is deleted {settings.RESULT_DAYS} days after it was made" in text
    assert {int(days) for days in re.findall(r"(\d+) days", text)} == set(DAYS)


def test_the_text_speaks_of_every_kind_of_information_in_the_table() -> None:
    spoken = {name.lower() for name in re.findall(r"\*\*([^*]+)\.\*\*", text_in_force())}
    for section in inventory.sections():
        first = re.split(r" and |, ", section.title.lower())[0].removesuffix(" messages")
        assert any(name.startswith(first) for name in spoken), section.title


def test_the_page_shows_every_declared_field_and_cookie(client: Client) -> None:
    page = client.get("/privacy/").text
    rows = [row for section in inventory.sections() for row in section.rows]
    assert len(rows) == sum(len(declared.kept) for declared in declarations())
    for item in browser_storage.stored():
        assert f"<code>{item.name}</code>" in page
    assert 'id="cookies"' in page
    assert 'href="#cookies"' in page


def test_the_text_names_what_is_kept_of_people_without_their_name() -> None:
    """The welcome's fingerprint stands in the ledger; the counts in a table that is declared impersonal."""
    text = text_in_force()
    assert "we keep such a hash of your mailbox, a fingerprint" in text
    assert "stays in the ledger when your account is deleted" in text
    assert "counted by network, and the counts are deleted within two days" in text


def test_the_names_of_cookies_follow_the_settings() -> None:
    names = {item.name for item in browser_storage.stored()}
    assert {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME} <= names
    assert browser_storage.find("nobody-declared-this") is None
    found = browser_storage.find(settings.SESSION_COOKIE_NAME)
    assert found is not None
    assert f"{settings.SESSION_DAYS} days" in str(found.lifetime)

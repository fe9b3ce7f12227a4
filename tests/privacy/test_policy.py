"""The policy's pages: what is in force, what was, what is coming, and who else gets what."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.conf import global_settings
from django.conf import settings as everything
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from image2.lib.personal_data import declarations
from image2.lib.times import calendar_day
from privacy.data import inventory
from privacy.data.processors import processors
from privacy.models import PolicyVersion
from privacy.policy import differences, shipped, versions
from privacy.policy.differences import Mark

pytestmark = pytest.mark.django_db


def publish(version: str, *, days: float, **fields: object) -> PolicyVersion:
    now = timezone.now()
    values = {"summary": "Something is new.", "body": "New text.", **fields}
    return PolicyVersion.objects.create(
        version=version, published_at=now, effective_at=now + timedelta(days=days), **values
    )


def test_the_policy_says_from_when_it_holds(client: Client) -> None:
    page = client.get("/privacy/").text

    day = calendar_day(PolicyVersion.objects.get(version=str(shipped.NEWEST.number)).effective_at.date())
    assert f"Version {shipped.NEWEST.number}, in force since {day}" in page
    assert "We do not sell your data" in page


def test_the_table_of_the_policy_names_what_every_app_declares(client: Client) -> None:
    page = client.get("/privacy/").text

    for section in inventory.sections():
        assert section.title in page
    kept = sum(len(declared.kept) for declared in declarations())
    assert sum(len(section.rows) for section in inventory.sections()) == kept


def test_the_operator_is_named(client: Client, settings: Settings) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_EMAIL = "Pictures <Ltd>", "hello@example.org"

    page = client.get("/privacy/").text

    assert "Pictures &lt;Ltd&gt;" in page
    assert "mailto:hello@example.org" in page


def test_a_coming_version_is_announced_and_does_not_hold_yet(client: Client) -> None:
    publish("next", days=20)

    page = client.get("/privacy/").text
    assert f"Version {shipped.NEWEST.number}, in force" in page
    assert "A new version is coming." in page
    assert client.get("/privacy/versions/next/").status_code == HTTPStatus.OK


def test_a_draft_is_not_public(client: Client) -> None:
    PolicyVersion.objects.create(
        version="later", effective_at=timezone.now() + timedelta(days=90), summary="x", body="x"
    )

    assert client.get("/privacy/versions/later/").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/privacy/versions/later/changes/").status_code == HTTPStatus.NOT_FOUND
    assert "Version later" not in client.get("/privacy/versions/").text


def test_an_old_version_stays_readable_and_says_what_holds_now(client: Client) -> None:
    publish("next", days=-0.001)

    assert client.get("/privacy/").text.count("Version next, in force since") == 1
    assert "Version next is in force today." in client.get(f"/privacy/versions/{shipped.NEWEST.number}/").text


def test_html_in_a_text_is_shown_and_not_obeyed(client: Client) -> None:
    publish("next", days=-0.001, body="Hello <script>alert(1)</script> [x](javascript:alert(1))")

    page = client.get("/privacy/").text
    assert "<script>alert" not in page
    assert "javascript:alert" not in page.replace("[x](javascript:alert(1))", "")


def test_differences_are_marked_word_by_word() -> None:
    passages = differences.between(
        "Kept.\n\nWe keep it for 30 days.\n\nGone.", "Kept.\n\nWe keep it for 10 days."
    )

    assert [passage.changed for passage in passages] == [False, True, True]
    assert [(piece.mark, piece.text.strip()) for piece in passages[1].pieces] == [
        (Mark.SAME, "We keep it for"),
        (Mark.REMOVED, "30"),
        (Mark.ADDED, "10"),
        (Mark.SAME, "days."),
    ]
    assert passages[2].pieces[0].mark is Mark.REMOVED


def test_the_page_of_differences_shows_them(client: Client) -> None:
    publish("next", days=20, body=versions.current().body.replace("180 days", "90 days"))

    page = client.get("/privacy/versions/next/changes/").text
    assert ">180 </del><ins>90 </ins>" in page


def test_an_embedded_site_has_no_processors(client: Client) -> None:
    assert "Nobody. Pictures, mail and the database" in client.get("/privacy/processors/").text


def test_every_configured_processor_is_named(client: Client, settings: Settings) -> None:
    settings.S3_BUCKET = "pictures"
    settings.STORAGES = settings.STORAGES | {
        "default": {"OPTIONS": {"endpoint_url": "https://s3.storage.example"}},
    }
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = (
        "django.core.mail.backends.smtp.EmailBackend",
        "mail.example",
    )
    settings.STRIPE_SECRET_KEY = "sk_test"
    settings.SUPPORT_IMAP_URL = "imaps://user:password@mailbox.example/INBOX"
    settings.SENTRY_DSN = "https://key@errors.example/1"
    settings.REDIS_URL = "redis://redis.example:6379/0"
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "https://traces.example:4318"
    settings.C2PA_TIMESTAMP_URL = "http://time.example"
    settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = "https://llm.example/v1", "writer"
    names = {
        *("s3.storage.example", "mail.example", "Stripe", "errors.example"),
        *("redis.example", "traces.example", "mailbox.example", "time.example", "llm.example"),
    }

    assert {processor.name for processor in processors()} >= names
    page = client.get("/privacy/processors/").text
    assert all(name in page for name in names)


def test_every_setting_that_can_name_another_machine_has_its_processor() -> None:
    """A new one has to be answered here: who gets what."""
    known = {
        "S3_ENDPOINT_URL": "stores picture files",
        "REDIS_URL": "passes messages",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "collects measurements",
        "SENTRY_DSN": "collects error reports",
        "PROMPT_LLM_URL": "rewrites prompts",
        "C2PA_TIMESTAMP_URL": "says when a download was signed",
        "EMAIL_HOST": "delivers e-mail",
        "SUPPORT_IMAP_URL": "receives replies to support",
        "SITE_URL": "this site",
        "SECURITY_POLICY_URL": "a page that security.txt names; nothing is sent there",
    }
    djangos = set(dir(global_settings)) - {"EMAIL_HOST"}
    named = {name for name in set(dir(everything)) - djangos if re.search(r"_(URL|DSN|ENDPOINT|HOST)$", name)}
    assert named == set(known)


def test_the_policy_is_readable_without_an_account_and_with_one_that_has_not_accepted(
    client: Client, alice: User
) -> None:
    publish("next", days=-0.001, requires_acceptance=True)
    client.force_login(alice)

    for url in ("/privacy/", "/privacy/versions/", "/support/", "/account/", "/accounts/sessions/"):
        assert client.get(url).status_code == HTTPStatus.OK

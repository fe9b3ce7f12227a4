"""Who works for the operator of this site and what they get, read from how the site is configured now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.connected.providers import PROVIDERS
from image2.lib.personal_data import Category


@dataclass(frozen=True)
class Processor:
    """One company or machine outside the web server that processes personal data."""

    task: str | Promise
    name: str
    gets: tuple[Category, ...]
    detail: str | Promise


def processors() -> list[Processor]:
    """Return every processor of this configuration; what is not configured is not listed."""
    found = [
        *(_storage(), _mail(), _mailbox(), _database(), _messages(), _payment()),
        *(_errors(), _traces(), _time_stamps(), _rewrites()),
    ]
    return [processor for processor in found if processor is not None] + _log_ins()


def _storage() -> Processor | None:
    bucket = getattr(settings, "S3_BUCKET", "")
    if not bucket:
        return None
    store: Any = settings.STORAGES["default"]
    options = store.get("OPTIONS") or {}
    endpoint = options.get("endpoint_url")
    return Processor(
        _("Stores picture files"),
        _host(endpoint) or "Amazon S3",
        (Category.CONTENT,),
        _("The files of pictures and uploads, under random names, without account information."),
    )


def _mail() -> Processor | None:
    host = getattr(settings, "EMAIL_HOST", "")
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") or _is_local(host):
        return None
    return Processor(
        _("Delivers e-mail"),
        host,
        (Category.ACCOUNT, Category.SUPPORT),
        _("Your address and the text of the messages we send you."),
    )


def _mailbox() -> Processor | None:
    host = _host(settings.SUPPORT_IMAP_URL)
    if _is_local(host):
        return None
    return Processor(
        _("Receives what you write to support by e-mail"),
        host,
        (Category.SUPPORT,),
        _("Your address and your message, until it is in your ticket."),
    )


def _database() -> Processor | None:
    host = settings.DATABASES["default"].get("HOST", "")
    if _is_local(host) or host.startswith("/"):
        return None
    return Processor(
        _("Runs the database"),
        host,
        tuple(Category),
        _("Everything in the table of the policy except picture files and card numbers."),
    )


def _messages() -> Processor | None:
    host = _host(settings.REDIS_URL)
    if _is_local(host):
        return None
    return Processor(
        _("Passes messages between our machines, and counts attempts"),
        host,
        (Category.TECHNICAL,),
        _("Numbers of jobs and accounts, and for minutes the addresses whose attempts are counted."),
    )


def _payment() -> Processor | None:
    if not getattr(settings, "STRIPE_SECRET_KEY", ""):
        return None
    return Processor(
        _("Takes payments"),
        "Stripe",
        (Category.PAYMENT, Category.ACCOUNT),
        _("Your e-mail address, billing address and what you buy. Cards are entered on Stripe's page only."),
    )


def _log_ins() -> list[Processor]:
    return [
        Processor(
            _("Logs in people who choose it"),
            provider.name,
            (Category.ACCOUNT,),
            _("That you log in here, and when. It tells us your name, your address and your number there."),
        )
        for provider in PROVIDERS
        if provider.is_set_up
    ]


def _errors() -> Processor | None:
    address = getattr(settings, "SENTRY_DSN", "")
    if not address:
        return None
    return Processor(
        _("Collects error reports"),
        _host(address),
        (Category.TECHNICAL,),
        _("Technical details of an error and a random request number, without prompts and pictures."),
    )


def _traces() -> Processor | None:
    host = _host(settings.OTEL_EXPORTER_OTLP_ENDPOINT)
    if _is_local(host):
        return None
    return Processor(
        _("Collects measurements"),
        host,
        (Category.TECHNICAL,),
        _(
            "How long requests and runs took, with random numbers of requests and jobs, without prompts and pictures."
        ),
    )


def _time_stamps() -> Processor | None:
    host = _host(settings.C2PA_TIMESTAMP_URL)
    if _is_local(host):
        return None
    return Processor(
        _("Says when a download was signed"),
        host,
        (Category.TECHNICAL,),
        _(
            "A hash of what a signed file says about itself, from our address, without the picture or its owner."
        ),
    )


def _rewrites() -> Processor | None:
    host = _host(settings.PROMPT_LLM_URL) if settings.PROMPT_LLM_MODEL else ""
    if _is_local(host):
        return None
    return Processor(
        _("Rewrites prompts for people who ask for it"),
        host,
        (Category.CONTENT,),
        _(
            "The words of the prompt, each time you press “Rewrite”, from our address and without your account."
        ),
    )


def _host(url: str | None) -> str:
    return urlsplit(url).hostname or "" if url else ""


def _is_local(host: str) -> bool:
    return host in ("", "localhost", "127.0.0.1", "::1")

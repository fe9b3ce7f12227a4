"""The audit log as a chain of hashes: a line that is changed, taken out or slipped in later is noticed.

A line is hashed with a random salt, and each link hashes the one before it with the line's hash:

    line_hash  = SHA-256(salt, fields of the line as JSON)
    chain_hash = SHA-256(chain_hash of the link before, number, time, line_hash)

A line is deleted with its salt when its time is over. Its link stays, says nothing about what it was, and the chain
still holds. Whoever can write to the database can make the whole chain anew: against that a head (number and hash)
has to be kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import AuditLine, AuditLink

_BATCH: Final = 1000
_SALT_BYTES: Final = 16
BEGINNING: Final = "0" * 64
BEGUN_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
# Lines are deleted by their own time; clocks of two processes may differ.
_CLOCKS_DIFFER: Final = timedelta(hours=1)
_HASHED: Final = (
    "actor_label",
    "action",
    "object_type",
    "object_id",
    "subject_id",
    "reason",
    "request_id",
    "number",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, as a sentence for the operator."""

    number: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found. ``head`` is the last link, to be kept elsewhere."""

    lines: int
    deleted: int
    head: str
    faults: list[Fault]


def add(line: AuditLine) -> AuditLink:
    """Save the line as the newest of the log. One at a time: whoever writes holds the first link until the commit."""
    with transaction.atomic():
        _hold()
        last = AuditLink.objects.order_by("-number")[0]
        line.number = last.number + 1
        line.salt = secrets.token_hex(_SALT_BYTES)
        line.save()
        hashed = line_hash(line)
        return AuditLink.objects.create(
            number=line.number,
            at=line.at,
            line_hash=hashed,
            chain_hash=chain_hash(last.chain_hash, line.number, line.at, hashed),
        )


def line_hash(line: AuditLine) -> str:
    """Return the salted hash of what a line says. Who acted is hashed by address: the row of the account may go."""
    said = {name: _plain(getattr(line, name)) for name in _HASHED} | {"at": _instant(line.at)}
    content = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{line.salt}|{content}".encode()).hexdigest()


def chain_hash(before: str, number: int, at: datetime, hashed: str) -> str:
    """Return the hash of a link behind another."""
    return hashlib.sha256(f"{before}|{number}|{_instant(at)}|{hashed}".encode()).hexdigest()


def verify(known_head: str = "") -> Verified:
    """Walk along the whole chain. ``known_head`` is ``number:hash`` as an earlier walk or a log line gave it."""
    faults: list[Fault] = []
    before, lines, deleted, head = BEGINNING, 0, 0, f"0:{BEGINNING}"
    expected = 1
    heads = {known_head.strip()} - {""}
    heads.discard(head)
    for link, line in _pairs():
        faults += _faults_of_link(link, before, expected)
        faults += _faults_of_line(link, line)
        lines, deleted = lines + (line is not None), deleted + (line is None)
        before, expected, head = link.chain_hash, link.number + 1, str(link)
        heads.discard(head)
    faults += [
        Fault(line.number, f"Line {line.pk} of {line.at:%Y-%m-%d %H:%M} isn't part of the chain.")
        for line in _lines_beside()
    ]
    faults += [
        Fault(None, f"The head {missing} isn't in the log: links were taken out or made anew.")
        for missing in heads
    ]
    return Verified(lines, deleted, head, faults)


def _pairs() -> Iterator[tuple[AuditLink, AuditLine | None]]:
    """The links in order, each with its line if that is still there."""
    last = 0
    while links := list(AuditLink.objects.filter(number__gt=last).order_by("number")[:_BATCH]):
        last = links[-1].number
        found = AuditLine.objects.filter(number__gte=links[0].number, number__lte=last)
        lines = {line.number: line for line in found}
        for link in links:
            yield link, lines.get(link.number)


def _lines_beside() -> Iterator[AuditLine]:
    yield from AuditLine.objects.exclude(number__in=AuditLink.objects.values("number")).iterator()


def _faults_of_link(link: AuditLink, before: str, expected: int) -> Iterator[Fault]:
    if link.number != expected:
        yield Fault(link.number, f"Links {expected} to {link.number - 1} are missing.")
    if link.chain_hash != chain_hash(before, link.number, link.at, link.line_hash):
        yield Fault(link.number, f"Link {link.number} doesn't follow from the one before it.")


def _faults_of_line(link: AuditLink, line: AuditLine | None) -> Iterator[Fault]:
    if line is None:
        kept_until = link.at + timedelta(days=settings.AUDIT_DAYS) - _CLOCKS_DIFFER
        if timezone.now() < kept_until:
            yield Fault(link.number, f"Line {link.number} was deleted before its time.")
    elif line_hash(line) != link.line_hash:
        yield Fault(link.number, f"Line {link.number} was changed.")


def _hold() -> None:
    """Take turns; the first link is made where there is none yet."""
    beginning = {"at": BEGUN_AT, "line_hash": "", "chain_hash": BEGINNING}
    AuditLink.objects.get_or_create(number=0, defaults=beginning)
    AuditLink.objects.select_for_update().get(number=0)


def _plain(value: object) -> object:
    return value if isinstance(value, int) or value is None else str(value)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")

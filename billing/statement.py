"""A person's lines in words: what each was for, with a link, and all of them as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.functional import Promise

from billing import references
from billing.ledger import Line
from billing.models import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A line as a person reads it."""

    number: int
    when: datetime
    what: str
    about: str | Promise
    url: str
    change: int
    charged: int
    balance: int
    reason: str


def told(lines: Sequence[Line]) -> list[Told]:
    """Say what each line was for."""
    meanings = references.explain(line.ref for line in lines)
    return [
        Told(
            number=line.number,
            when=line.when,
            what=str(Transaction.Kind(line.kind).label),
            about=meanings[line.ref].label,
            url=meanings[line.ref].url,
            change=line.change,
            charged=line.charged,
            balance=line.balance,
            reason=line.reason,
        )
        for line in lines
    ]


def csv_text(lines: Iterable[Line]) -> str:
    """Return the lines as comma-separated values, newest first, times in UTC."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["number", "time", "kind", "reference", "change", "charged", "available", "held", "debt", "reason"]
    )
    for line in lines:
        when = line.when.astimezone(UTC).isoformat(timespec="seconds")
        amounts = (line.change, line.charged, line.balance, line.held, line.debt)
        writer.writerow([line.number, when, line.kind, _inert(line.ref), *amounts, _inert(line.reason)])
    return out.getvalue()


def _inert(text: str) -> str:
    """A spreadsheet would run what begins like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text

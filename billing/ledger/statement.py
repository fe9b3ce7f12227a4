"""A person's transactions: what each was for, with a link, and all of them as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.functional import Promise

from billing.ledger import Line, meanings
from billing.models import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One transaction as it is shown to its owner."""

    number: int
    when: datetime
    what: str
    about: str | Promise
    url: str
    change: int
    charged: int
    balance: int
    reason: str


def describe(lines: Sequence[Line]) -> list[StatementLine]:
    """Say what each line was for."""
    explained = meanings.explain(line.ref for line in lines)
    return [
        StatementLine(
            number=line.number,
            when=line.when,
            what=str(Transaction.Kind(line.kind).label),
            about=explained[line.ref].label,
            url=explained[line.ref].url,
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

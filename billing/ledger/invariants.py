"""The ledger's invariants: every cached balance follows from its entries. Reads everything, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce

from billing.ledger.posting import LOT_COLUMNS
from billing.models import Account, Entry, Grant, Hold, HoldPart, Transaction
from billing.models.journal import Book


def violations() -> list[str]:
    """Return a sentence for each violation; empty when the ledger balances."""
    return [*_transactions(), *_lots(), *_accounts(), *_holds(), *_running_balances()]


def _transactions() -> Iterator[str]:
    lopsided = Entry.objects.values("transaction_id", "lot_id").annotate(total=Sum("delta")).exclude(total=0)
    for row in lopsided.order_by("transaction_id", "lot_id"):
        yield f"transaction {row['transaction_id']}: the entries of lot {row['lot_id']} sum to {row['total']}"
    strangers = Entry.objects.exclude(lot__account=F("transaction__account"))
    for entry in strangers.order_by("pk"):
        yield f"entry {entry.pk}: its lot belongs to another account than its transaction"
    for line in Transaction.objects.filter(entries__isnull=True).order_by("pk"):
        yield f"transaction {line.pk}: has no entries"


def _lots() -> Iterator[str]:
    annotated = {
        f"in_{column}": _booked(Entry.objects.filter(lot=OuterRef("pk")), book)
        for book, column in LOT_COLUMNS.items()
    }
    annotated["issued"] = _booked(Entry.objects.filter(lot=OuterRef("pk")), Book.ISSUANCE)
    right = Q(amount=-F("issued"))
    for column in LOT_COLUMNS.values():
        right &= Q(**{column: F(f"in_{column}")})
    for lot in Grant.objects.annotate(**annotated).exclude(right).order_by("pk"):
        yield f"lot {lot.pk} ({lot.source_ref}): its columns do not follow from its entries"


def _accounts() -> Iterator[str]:
    entries = Entry.objects.filter(transaction__account=OuterRef("pk"))
    grouped = "transaction__account"
    annotated = Account.objects.annotate(
        in_available=_booked(entries, Book.AVAILABLE, grouped),
        in_held=_booked(entries, Book.HELD, grouped),
        in_debt=_booked(entries, Book.DEBT, grouped),
        written=_single(Transaction.objects.filter(account=OuterRef("pk")), "account", Count("pk")),
        last=_single(Transaction.objects.filter(account=OuterRef("pk")), "account", Max("number")),
        on_hold=_single(Hold.objects.open().filter(account=OuterRef("pk")), "account", Sum("amount")),
        open_freezes=Count("freezes", filter=Q(freezes__lifted_at__isnull=True)),
    )
    facts = {
        "available": ("available", "in_available"),
        "held": ("held", "in_held"),
        "held by open holds": ("held", "on_hold"),
        "debt": ("debt", "in_debt"),
        "lines": ("lines", "written"),
        "the last line's number": ("lines", "last"),
        "open freezes": ("frozen", "open_freezes"),
    }
    for found in annotated.order_by("pk").values():
        row: dict[str, Any] = {**found, "in_debt": -found["in_debt"]}
        for name, (shown, true) in facts.items():
            if row[shown] != row[true]:
                yield f"account {row['id']}: {name} shows {row[shown]}, the entries say {row[true]}"


def _holds() -> Iterator[str]:
    parts = _single(HoldPart.objects.filter(hold=OuterRef("pk")), "hold", Sum("amount"))
    torn = Hold.objects.annotate(in_parts=parts).exclude(amount=F("in_parts")).order_by("pk")
    for ref, amount, in_parts in torn.values_list("ref", "amount", "in_parts"):
        yield f"hold {ref}: holds {amount}, its parts sum to {in_parts}"
    consumed = Sum("entries__delta", filter=Q(entries__ledger_account=Book.CONSUMED))
    captures = Transaction.objects.filter(kind=Transaction.Kind.CAPTURE).annotate(
        consumed=Coalesce(consumed, 0)
    )
    charged = dict(captures.values_list("ref", "consumed"))
    for ref, captured in Hold.objects.values_list("ref", "captured").order_by("pk"):
        if charged.get(ref, 0) != captured:
            yield f"hold {ref}: says {captured} were charged, the entries say {charged.get(ref, 0)}"


def _running_balances() -> Iterator[str]:
    books = {"available": Book.AVAILABLE, "held": Book.HELD, "debt": Book.DEBT}
    changes = {
        f"change_{name}": _booked(Entry.objects.filter(transaction=OuterRef("pk")), book, "transaction")
        for name, book in books.items()
    }
    running = {
        f"running_{name}": Window(
            Sum(f"change_{name}"), partition_by=F("account"), order_by=F("number").asc()
        )
        for name in books
    }
    lines = Transaction.objects.annotate(**changes).annotate(**running).order_by("pk")
    fields = ("pk", "available_after", "held_after", "debt_after", *running)
    for pk, available, held, debt, in_available, in_held, in_debt in lines.values_list(*fields):
        if (available, held, debt) != (in_available, in_held, -in_debt):
            yield f"transaction {pk}: does not show what the entries before and in it say"


def _booked(entries: QuerySet[Entry], book: Book, grouped: str = "lot") -> Coalesce:
    return _single(entries.filter(ledger_account=book), grouped, Sum("delta"))


def _single(rows: QuerySet, grouped: str, total: Sum | Count | Max) -> Coalesce:  # type: ignore[type-arg]  # any model
    return Coalesce(Subquery(rows.order_by().values(grouped).annotate(total=total).values("total")), 0)

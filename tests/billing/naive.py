"""The ledger as simply as it can be said: every credit is an object that is in one place. Slow, obvious, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


class Refused(Exception):
    """The model would not do it."""


@dataclass(eq=False)
class Lot:
    person: str
    amount: int
    ends: datetime | None
    priority: int
    order: int
    taken_back: int = 0
    credits: list[Credit] = field(default_factory=list)

    def count(self, place: str) -> int:
        return sum(credit.place == place for credit in self.credits)


@dataclass(eq=False)
class Credit:
    lot: Lot
    place: str  # available, held, consumed, expired, refunded, or repaid (it paid a debt)


@dataclass(eq=False)
class Hold:
    person: str
    credits: list[Credit]
    charged: int | None = None  # None while it is open


@dataclass
class Naive:
    """All people's credits."""

    now: datetime
    lots: dict[str, Lot] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    refunds: dict[str, tuple[str, int]] = field(default_factory=dict)
    debts: dict[str, int] = field(default_factory=dict)
    freezes: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def grant(self, person: str, ref: str, amount: int, ends: datetime | None, priority: int) -> None:
        if ref in self.lots:
            if (self.lots[ref].person, self.lots[ref].amount) != (person, amount):
                raise Refused
            return
        lot = self.lots[ref] = Lot(person, amount, ends, priority, len(self.lots))
        for _ in range(amount):
            lot.credits.append(Credit(lot, "repaid" if self.debts.get(person, 0) else "available"))
            if self.debts.get(person, 0):
                self.debts[person] -= 1

    def hold(self, person: str, ref: str, amount: int) -> None:
        if ref in self.holds:
            if (self.holds[ref].person, len(self.holds[ref].credits)) != (person, amount):
                raise Refused
            return
        spendable = self.spendable(person)
        if self.is_frozen(person) or len(spendable) < amount:
            raise Refused
        self.holds[ref] = Hold(person, spendable[:amount])
        for credit in spendable[:amount]:
            credit.place = "held"

    def end(self, ref: str, charged: int) -> None:
        if ref not in self.holds or charged > len(self.holds[ref].credits):
            raise Refused
        hold = self.holds[ref]
        if hold.charged is not None:
            if hold.charged != charged:
                raise Refused
            return
        hold.charged = charged
        for credit in hold.credits[:charged]:
            credit.place = "consumed"
        for credit in hold.credits[charged:]:
            if credit.lot.taken_back and self.debts.get(hold.person, 0):
                credit.place = "repaid"
                self.debts[hold.person] -= 1
            else:
                credit.place = "expired" if self.is_over(credit.lot) else "available"

    def expire(self) -> int:
        gone = [
            credit
            for lot in self.lots.values()
            if self.is_over(lot)
            for credit in lot.credits
            if credit.place == "available"
        ]
        for credit in gone:
            credit.place = "expired"
        return len(gone)

    def refund(self, lot_ref: str, ref: str, amount: int) -> None:
        if ref in self.refunds:
            if self.refunds[ref] != (lot_ref, amount):
                raise Refused
            return
        lot = self.lots.get(lot_ref)
        if lot is None or amount > lot.amount - lot.taken_back:
            raise Refused
        self.refunds[ref] = (lot_ref, amount)
        lot.taken_back += amount
        unspent = [c for place in ("available", "expired") for c in lot.credits if c.place == place][:amount]
        for credit in unspent:
            credit.place = "refunded"
        self.debts[lot.person] = self.debts.get(lot.person, 0) + amount - len(unspent)

    def freeze(self, person: str, ref: str) -> None:
        if ref in self.freezes:
            if self.freezes[ref][0] != person:
                raise Refused
            return
        self.freezes[ref] = (person, True)

    def unfreeze(self, ref: str) -> None:
        if ref not in self.freezes:
            raise Refused
        self.freezes[ref] = (self.freezes[ref][0], False)

    def is_frozen(self, person: str) -> bool:
        return (person, True) in self.freezes.values()

    def is_over(self, lot: Lot) -> bool:
        return lot.ends is not None and lot.ends <= self.now

    def spendable(self, person: str) -> list[Credit]:
        lots = [lot for lot in self.lots.values() if lot.person == person and not self.is_over(lot)]
        lots.sort(key=lambda lot: (lot.priority, lot.ends is None, lot.ends or self.now, lot.order))
        return [credit for lot in lots for credit in lot.credits if credit.place == "available"]

    def balance(self, person: str) -> tuple[int, int, int, bool]:
        held = sum(lot.count("held") for lot in self.lots.values() if lot.person == person)
        return len(self.spendable(person)), held, self.debts.get(person, 0), self.is_frozen(person)

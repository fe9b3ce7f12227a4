"""What a person must know about their money, wherever money is shown: the pages about it read the same facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import UUIDField

from accounts.models import User
from billing import ledger
from billing.gifts import welcome
from billing.models import PlanEnding, Subscription
from billing.purchases import extra_plans
from image2.lib.compiled_queries import CompiledQuery, Parameter

_PERSON: Final[Any] = Parameter("person", UUIDField())
_ENDING: Final = CompiledQuery(lambda: PlanEnding.objects.visible_to(_PERSON).unfinished())


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    is_frozen: bool
    debt: int
    welcome_waits: bool
    plans_at_once: Sequence[Subscription]
    plans_ending: Sequence[PlanEnding]


def notices(user: User, *, balance: ledger.Balance) -> Notices:
    return Notices(
        is_frozen=balance.frozen,
        debt=balance.debt,
        welcome_waits=welcome.is_waiting(user),
        plans_at_once=extra_plans.plans_at_once(user),
        plans_ending=_ENDING.all(person=user.pk),
    )

"""Processes that use one ledger at the same time, or die over it; prints what they did as one JSON line.

``python -m tests.billing.racer spend|jostle|kill``, with an empty database in DATABASE_URL and a folder in IMAGE2_HOME.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from accounts.models import User  # noqa: E402
from billing import ledger  # noqa: E402
from billing.ledger.invariants import violations  # noqa: E402
from billing.models import Account, Grant, Hold  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402
from tests.services.racing import fork  # noqa: E402

ENDED = datetime(2020, 1, 1, tzinfo=UTC)


PROCESSES = 6
TIMES = 25


def race(credits_at_first: int, operation: Callable[[str], Counter[str]]) -> object:
    """Let processes do the operation at the same time; return what they say and what is in the ledger then."""
    _prepare(credits_at_first)
    connection.close()
    output: Counter[str] = Counter()
    for answer in [fork(operation, str(number)) for number in range(PROCESSES)]:
        output.update(json.loads(answer.read()))
    return {"output": output, **_report()}


def _prepare(credits_at_first: int) -> None:
    """Make the tables and one person with so many credits."""
    have_tables()
    user = User.objects.create_user("alice@example.org", name="Alice")
    ledger.grant(user=user, amount=credits_at_first, source="pack", source_ref="first")


def spend(name: str) -> Counter[str]:
    """Try to spend one credit again and again, under names of our own."""
    output: Counter[str] = Counter()
    for turn in range(TIMES):
        ref = f"job:{name}:{turn}"
        try:
            with transaction.atomic():
                ledger.hold(user=_alice(), amount=1, ref=ref)
        except ledger.InsufficientCredits:
            output["refused"] += 1
        else:
            ledger.capture(ref=ref, amount=1)
            output["spent"] += 1
    return output


def jostle(name: str) -> Counter[str]:
    """Do everything at random under names that the other processes use as well."""
    chance = random.Random(name)
    alice = _alice()
    output: Counter[str] = Counter()
    operations: list[Callable[[], object]] = [
        lambda: ledger.grant(
            user=alice,
            amount=5,
            source="promo",
            source_ref=f"lot:{chance.randrange(30)}",
            expires_at=_some_end(chance),
        ),
        lambda: ledger.hold(user=alice, amount=chance.randint(1, 9), ref=f"job:{chance.randrange(200)}"),
        lambda: ledger.hold(user=alice, amount=4, ref=f"job:{chance.randrange(200)}"),
        lambda: ledger.capture(ref=f"job:{chance.randrange(200)}", amount=chance.randint(0, 4)),
        lambda: ledger.release(ref=f"job:{chance.randrange(200)}"),
        lambda: ledger.refund(
            source_ref=f"lot:{chance.randrange(30)}", amount=2, ref=f"re:{chance.randrange(60)}"
        ),
        ledger.expire,
        lambda: ledger.freeze(user=alice, ref=f"dp:{chance.randrange(20)}"),
        lambda: ledger.unfreeze(ref=f"dp:{chance.randrange(20)}"),
        lambda: ledger.balance(alice),
    ]
    for _turn in range(TIMES * 2):
        try:
            chance.choice(operations)()
            output["done"] += 1
        except (ledger.LedgerError, ValueError) as refusal:
            output[type(refusal).__name__] += 1
    return output


def _report() -> dict[str, object]:
    """Say what is in the ledger, and what does not add up."""
    account = Account.objects.get()
    lots = Grant.objects.all()
    return {
        "problems": violations(),
        "available": account.available,
        "held": account.held,
        "granted": sum(lot.amount for lot in lots),
        "consumed": sum(lot.consumed for lot in lots),
        "holds": Hold.objects.count(),
    }


def kill() -> object:
    """Kill a process before and after every statement of every operation; return what was wrong afterwards."""
    _prepare(1)
    wrong: list[str] = []
    killed: Counter[str] = Counter()
    for name in ("grant", "hold", "capture", "release", "refund", "expire", "freeze", "unfreeze"):
        for step in range(1, 100):
            before, operation = _scene(name, step)
            connection.close()
            died = _dies_at(step, operation)
            wrong += [f"{name} killed at step {step}: {problem}" for problem in violations()]
            operation()  # a process that was killed before the end tries again
            wrong += [f"{name} repeated after step {step}: {problem}" for problem in violations()]
            if _facts() != before:
                wrong.append(f"{name} killed at step {step} and repeated: {_facts()} is not {before}")
            if not died:
                break
            killed[name] += 1
    return {"wrong": wrong, "killed": killed}


def _scene(name: str, step: int) -> tuple[object, Callable[[], object]]:
    """Prepare a operation that has not been done; return what it leads to when it is done once, and the operation."""
    user = User.objects.create_user(f"{name}{step}@example.org", name=name)
    key = f"{name}:{step}"
    ends = ENDED if name == "expire" else None
    ledger.grant(user=user, amount=10, source="pack", source_ref=key, expires_at=ends)
    if name in {"capture", "release", "refund"}:
        ledger.hold(user=user, amount=6, ref=key)
    if name == "unfreeze":
        ledger.freeze(user=user, ref=key)
    operations: dict[str, tuple[tuple[int, int, int, bool], Callable[[], object]]] = {
        "grant": (
            (17, 0, 0, False),
            lambda: ledger.grant(user=user, amount=7, source="pack", source_ref=f"{key}:b"),
        ),
        "hold": ((4, 6, 0, False), lambda: ledger.hold(user=user, amount=6, ref=key)),
        "capture": ((6, 0, 0, False), lambda: ledger.capture(ref=key, amount=4)),
        "release": ((10, 0, 0, False), lambda: ledger.release(ref=key)),
        "refund": ((0, 6, 5, False), lambda: ledger.refund(source_ref=key, amount=9, ref=key)),
        "expire": ((0, 0, 0, False), ledger.expire),
        "freeze": ((10, 0, 0, True), lambda: ledger.freeze(user=user, ref=key)),
        "unfreeze": ((10, 0, 0, False), lambda: ledger.unfreeze(ref=key)),
    }
    return operations[name]


def _facts() -> tuple[int, int, int, bool]:
    newest = Account.objects.order_by("-pk")[0]
    return newest.available, newest.held, newest.debt, bool(newest.frozen)


def _dies_at(step: int, operation: Callable[[], object]) -> bool:
    """Do the operation in a child that is killed at its statement number ``step``; False when it came to its end."""
    child = os.fork()
    if not child:
        statements = iter(range(1, 10_000))

        def dying(execute: Callable[..., Any], *statement: Any) -> Any:
            if next(statements) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*statement)

        with connection.execute_wrapper(dying):
            operation()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _alice() -> User:
    return User.objects.get(email="alice@example.org")


def _some_end(chance: random.Random) -> datetime | None:
    return chance.choice([None, datetime.now(UTC) + timedelta(seconds=chance.randint(0, 5))])


if __name__ == "__main__":
    operations: dict[str, Callable[[], object]] = {
        "spend": lambda: race(PROCESSES * TIMES // 2, spend),
        "jostle": lambda: race(100, jostle),
        "kill": kill,
    }
    print(json.dumps(operations[sys.argv[1]]()))

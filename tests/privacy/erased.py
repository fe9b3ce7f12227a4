"""An erasure whose worker is killed again and again, each time one step later, until it gets through; one JSON line.

``python -m tests.privacy.erased before|after STRIDE``, with an empty database in DATABASE_URL and a folder in
IMAGE2_HOME. A child is killed, as by the kernel, before its n-th step or after it, while what it did may not be
committed; the next one STRIDE steps later.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import UsageEvent, User  # noqa: E402
from accounts.people import closing  # noqa: E402
from billing import leaving, ledger  # noqa: E402
from billing.models import Account, Transaction  # noqa: E402
from generation.files import sweeping  # noqa: E402
from generation.models import File, StorageDeletion, Upload  # noqa: E402
from image2.lib.mail import messages  # noqa: E402
from privacy.erasure import housekeeping, ordering, steps, tombstones, working  # noqa: E402
from privacy.models import Erasure, Ticket  # noqa: E402
from tests.privacy.killed import an_upload  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402

UPLOADS, MESSAGES, EVENTS = 5, 3, 4
# Every step of an erasure; between any two of them the worker is killed once.
STEPS: list[tuple[Any, str]] = [
    (closing, "close"),
    (messages, "send_letter"),
    (leaving, "stop_renewing"),
    (tombstones, "write"),
    (leaving, "erase"),
    (steps, "empty_some"),
    (steps, "delete_some"),
    (steps, "delete_account"),
    (default_storage, "delete"),
    (tombstones, "write_receipt"),
]


def main(moment: str, stride: int) -> None:
    """Make two people, and delete the account of one of them."""
    have_tables()
    steps.BATCH = 2  # type: ignore[misc]  # so that there are more steps
    alice, bob = (somebody(name) for name in ("alice", "bob"))
    after: dict[str, Any] = {"killed": 0}
    for step in range(1, 2000, stride):
        connection.close()
        if not go_on_and_die(alice.pk, step, is_after=moment == "after"):
            break
        after["killed"] += 1
        # A worker that dies leaves its lease behind, which ends by itself after half a minute.
        Erasure.objects.filter(lease_until__isnull=False).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
    erasure = Erasure.objects.get()
    after["state"] = erasure.state
    after["counts"] = {name: erasure.counts.get(name) for name in ("generation.Upload", "generation.File",
        "privacy.Ticket", "accounts.UsageEvent", "accounts.User")}  # fmt: skip
    after["people"] = list(User.objects.values_list("name", flat=True))
    after["of bob"] = [
        Upload.objects.filter(owner=bob).count(),
        Ticket.objects.filter(user=bob).count(),
        UsageEvent.objects.filter(user=bob).count(),
    ]
    after["reasons"] = sorted(Transaction.objects.values_list("reason", flat=True))
    after["accounts"] = Account.objects.filter(user=None).count()
    after["outbox"] = StorageDeletion.objects.count()
    folder = Path(settings.HOME / "files")
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    published = set(File.objects.values_list("key", flat=True))
    after["left over"] = sorted(key for key in found - published if not key.startswith("erased/"))
    after["list"] = len(list(tombstones.every()))
    after["receipt"] = bool(erasure.receipt_sha256) and not erasure.address
    mails = [path.read_text() for path in Path(settings.EMAIL_FILE_PATH).glob("*.eml")]
    after["links"] = sum("/account/reopen/" in each.replace("=\n", "") for each in mails)
    after["receipts"] = sum("Your account was deleted" in each for each in mails)
    sys.stdout.write(json.dumps(after) + "\n")


def somebody(name: str) -> User:
    user = User.objects.create_user(f"{name}@example.org", name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for number in range(UPLOADS):
        an_upload(user, number)
    for _each in range(MESSAGES):
        Ticket.objects.create(user=user, email=user.email, category="other")
    for _each in range(EVENTS):
        UsageEvent.objects.create(user=user, event="picture.submitted")
    ledger.grant(user=user, amount=10, source="promo", source_ref=name, reason=f"a gift for {name}")
    return user


def go_on_and_die(person: Any, step: int, *, is_after: bool) -> bool:
    """Go on in a child that is killed at its n-th step; False when it came to the end before that."""
    child = os.fork()
    if child == 0:
        count = iter(range(1, step + 1))
        for owner, name in STEPS:
            setattr(
                owner, name, _deadly(getattr(owner, name), lambda: next(count) == step, is_after=is_after)
            )
        _work(person)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert status == 0, status
    return False


def _work(person: Any) -> None:
    """What the page and the beat do, from the order to the receipt."""
    user = User.objects.filter(pk=person).first()
    if user is not None:
        ordering.order(user)
    _no_pause()
    housekeeping.sweep()
    Erasure.objects.filter(state=Erasure.State.CLOSED).update(due_at=timezone.now() - timedelta(seconds=1))
    _no_pause()
    working.begin_due()
    while working.work():
        pass
    sweeping.delete_due()
    _no_pause()
    housekeeping.sweep()
    assert Erasure.objects.filter(receipt_sent_at__isnull=False).exists()


def _no_pause() -> None:
    Erasure.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def _deadly(
    function: Callable[..., Any], is_now: Callable[[], bool], *, is_after: bool
) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        dies = is_now()
        if dies and not is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = function(*arguments, **named)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return counted


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

"""The end of an erasure: a record without a person in it for the operator, and a mail with its hash to who left."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from django.apps import apps
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from accounts import mail
from generation.models import StorageDeletion
from privacy.data import inventory
from privacy.erasure import tombstones
from privacy.models import Erasure

log = structlog.get_logger(__name__)

FORMAT: Final = "image2-receipt/1"
# Objects are gone within the hour; an address is kept no longer than this for what doesn't get through.
SOON: Final = timedelta(hours=1)
ADDRESS_KEPT: Final = timedelta(days=7)
# The database's clock says when it began, ours when an object was put into the outbox.
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """How many rows of one kind went."""

    what: str
    count: int


def send_due() -> None:
    """Write the records of erasures whose objects are gone, and send the receipts. Called by the beat."""
    ended = Erasure.objects.filter(state=Erasure.State.DONE, receipt_sent_at=None, not_before__lte=Now())
    for erasure in ended.order_by("finished_at")[:_BATCH]:
        if _are_objects_gone(erasure):
            _send(erasure)
        else:
            Erasure.objects.filter(pk=erasure.pk).update(not_before=Now() + timedelta(minutes=1))
    late = Erasure.objects.filter(receipt_sent_at=None, finished_at__lt=timezone.now() - ADDRESS_KEPT)
    for erasure in late.exclude(address="")[:_BATCH]:
        log.error("erasure.receipt_not_sent", erasure=str(erasure.pk))
        Erasure.objects.filter(pk=erasure.pk).update(address="")


def record(erasure: Erasure) -> bytes:
    """Return what is kept of an erasure: a hash, times and counts, always written in the same way."""
    assert erasure.finished_at is not None
    return tombstones.as_bytes(
        {
            "format": FORMAT,
            "account": erasure.account_hash,
            "cause": erasure.cause,
            "closed_at": erasure.ordered_at.isoformat(),
            "erased_at": erasure.finished_at.isoformat(),
            "rows": erasure.counts,
            "at_stripe": erasure.payment or "none",
        }
    )


def lines(counts: Mapping[str, int]) -> list[Line]:
    """Return the counts in words, the largest first."""
    found = [Line(_plural(model), count) for model, count in counts.items()]
    return sorted(found, key=lambda line: (-line.count, line.what))


def _are_objects_gone(erasure: Erasure) -> bool:
    """Whether the outbox holds nothing any more of what was put into it until the account went."""
    if erasure.last_object is None:
        return True
    assert erasure.begun_at is not None
    since = erasure.begun_at - _CLOCKS_DIFFER
    if not StorageDeletion.objects.filter(pk__lte=erasure.last_object, created_at__gte=since).exists():
        return True
    if erasure.finished_at is not None and erasure.finished_at < timezone.now() - SOON:
        log.error("erasure.objects_remain", erasure=str(erasure.pk))
    return False


def _send(erasure: Erasure) -> None:
    """The mail goes out before the row says so: after a kill in between somebody gets two, never none."""
    content = record(erasure)
    digest = hashlib.sha256(content).hexdigest()
    tombstones.write_receipt(erasure.account_hash, erasure.pk, content)
    if erasure.address and not mail.write_to_former(
        erasure.address,
        name="erasure_receipt",
        subject=_("Your account was deleted"),
        context=_context(erasure, content, digest),
    ):
        Erasure.objects.filter(pk=erasure.pk).update(not_before=Now() + timedelta(minutes=10))
        return
    Erasure.objects.filter(pk=erasure.pk).update(address="", receipt_sha256=digest, receipt_sent_at=Now())
    log.info("erasure.receipt", erasure=str(erasure.pk))


def _context(erasure: Erasure, content: bytes, digest: str) -> dict[str, Any]:
    return {
        "erasure": erasure,
        "lines": lines(erasure.counts),
        "stays": inventory.sections_of(lambda row: not row.goes),
        "record": content.decode(),
        "digest": digest,
    }


def _plural(model: str) -> str:
    try:
        return force_str(apps.get_model(model)._meta.verbose_name_plural)  # noqa: SLF001  (Django's documented way)
    except LookupError:  # a table of an older version
        return model

"""What stops while an account is closed: its jobs, its orders in the editor, its copy, the renewal of its plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from accounts import mail
from accounts.models import StaffAccess
from billing import leaving, ledger
from billing.plans.current import name_of
from editor import generations
from editor.models import Document, Generation, Run
from generation.jobs import cancellation
from generation.models import Job, Picture, Upload
from privacy.export import queue
from privacy.models import Export

if TYPE_CHECKING:
    from accounts.models import User

# Work that makes something. The others only follow what a document is already.
MAKES: Final = (Run.Kind.EXPORT, Run.Kind.FLATTEN, Run.Kind.GENERATE)


def stop_work(user: User) -> None:
    """Cancel what waits or runs for this person. Repeated by the beat: a request may have been under way."""
    orders = Generation.objects.filter(document__owner=user, state=Generation.State.PREPARING)
    for order in orders.select_related("document__owner", "job"):
        generations.cancel(order)
    for job in Job.objects.owned_by(user).filter(state__in=Job.LIVE, cancel_requested_at=None):
        cancellation.cancel(user=user, job=job)
    Run.objects.filter(document__owner=user, kind__in=MAKES, state=Run.State.QUEUED).delete()
    for export in Export.objects.owned_by(user).filter(state__in=Export.LIVE):
        queue.remove(export)


def stop_renewing(user: User) -> None:
    """See to it that plans aren't renewed. Raises payments' errors."""
    leaving.stop_renewing(user)


def is_working(user: User) -> bool:
    """Whether a worker still has something of this person in hand."""
    return (
        Job.objects.owned_by(user).filter(state__in=Job.LIVE).exists()
        or Run.objects.filter(document__owner=user, state=Run.State.RUNNING).exists()
        or Export.objects.owned_by(user).filter(state__in=Export.LIVE).exists()
    )


def is_held(user: User) -> bool:
    """Whether a legal hold forbids erasing now, or the person has not been told yet of an access by staff.

    A hold keeps everything as it is, and the person isn't told: pages and mails are the same as for others.
    """
    accesses = StaffAccess.objects.filter(person=user)
    if accesses.exclude(pk__in=accesses.not_held()).exists():
        return True
    return mail.address_of(user) is not None and accesses.filter(notified_at=None).exists()


def has_plans(user: User) -> bool:
    """Whether the person pays for a plan."""
    return bool(leaving.plans_of(user))


@dataclass(frozen=True, slots=True)
class Goes:
    """What the person would miss most, as the page counts it before the button."""

    pictures: int
    uploads: int
    documents: int
    credits: int
    plans: tuple[str, ...]


def what_goes(user: User) -> Goes:
    """Count it."""
    return Goes(
        pictures=Picture.objects.owned_by(user).filter(kept=True).count(),
        uploads=Upload.objects.owned_by(user).listed().count(),
        documents=Document.objects.owned_by(user).count(),
        credits=ledger.balance(user).available,
        plans=tuple(name_of(plan) for plan in leaving.plans_of(user)),
    )

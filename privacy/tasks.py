"""The beat's calls."""

from celery import shared_task

from accounts.staff import access
from privacy.data import retention
from privacy.erasure import housekeeping as erasures
from privacy.erasure import replaying
from privacy.export import housekeeping, making
from privacy.policy import publishing
from privacy.support import housekeeping as support
from privacy.support.inbound import poll


@shared_task(name="privacy.sweep")
def sweep() -> None:
    retention.sweep()
    publishing.send_notices()
    access.send_notices()
    support.sweep()


@shared_task(name="privacy.export")
def export() -> None:
    making.work()


@shared_task(name="privacy.sweep_exports")
def sweep_exports() -> None:
    housekeeping.sweep()


@shared_task(name="privacy.read_support_mail")
def read_support_mail() -> None:
    poll.read()


@shared_task(name="privacy.sweep_erasures")
def sweep_erasures() -> None:
    erasures.sweep()


@shared_task(name="privacy.replay_erasures")
def replay_erasures() -> None:
    replaying.replay()

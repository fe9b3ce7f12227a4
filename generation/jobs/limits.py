"""The operator's limits on what people may generate before their first purchase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

from accounts.sign_in import velocity
from accounts.sign_in.velocity import Limit
from billing.plans import current
from generation.requests.sizes import CLASSES

if TYPE_CHECKING:
    from accounts.models import User

_JOB: Final = "job"


class SizeNeedsPurchase(Exception):
    """Sizes above ``largest`` need a purchase."""

    def __init__(self, largest: str) -> None:
        super().__init__(f"up to {largest} before the first purchase")
        self.largest = largest


def check_size(*, user: User, size: str) -> None:
    """Raise SizeNeedsPurchase when the operator limits this size to customers and the person isn't one."""
    largest = settings.SIZE_BEFORE_PURCHASE
    if largest and CLASSES.index(size) > CLASSES.index(largest) and not current.is_trusted(user):
        raise SizeNeedsPurchase(largest)


def count_job(*, user: User, network: str) -> None:
    """Count a job against its network; raise velocity.TooOften. Customers aren't counted: they pay for each job."""
    if not network or current.is_trusted(user):
        return
    limit = Limit(hour=settings.FREE_JOBS_PER_NETWORK_HOUR, day=settings.FREE_JOBS_PER_NETWORK_DAY)
    velocity.count(action=_JOB, network=network, limit=limit)

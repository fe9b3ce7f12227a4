"""What a person may order besides what they can pay: the operator's limits against those who never mean to buy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

from accounts import velocity
from accounts.velocity import Limit
from billing import standing
from generation.sizes import SIZES

if TYPE_CHECKING:
    from accounts.models import User

_JOB: Final = "job"


class SizeNeedsPurchase(Exception):
    """Sizes above ``largest`` are for people who have bought something."""

    def __init__(self, largest: str) -> None:
        super().__init__(f"up to {largest} before the first purchase")
        self.largest = largest


def check_size(*, user: User, size: str) -> None:
    """Raise SizeNeedsPurchase when the operator keeps this size for customers and the person is none."""
    largest = settings.SIZE_BEFORE_PURCHASE
    if largest and SIZES.index(size) > SIZES.index(largest) and not standing.is_trusted(user):
        raise SizeNeedsPurchase(largest)


def count_job(*, user: User, network: str) -> None:
    """Count a job against its network; raise velocity.TooOften. Customers are not counted: they pay for each."""
    if not network or standing.is_trusted(user):
        return
    limit = Limit(hour=settings.FREE_JOBS_PER_NETWORK_HOUR, day=settings.FREE_JOBS_PER_NETWORK_DAY)
    velocity.count(action=_JOB, network=network, limit=limit)

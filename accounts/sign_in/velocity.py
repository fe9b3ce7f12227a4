"""How often something may happen from one network: counted by the hour and the day, and no address is kept."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.translation import ngettext

from accounts.models import NetworkCount
from accounts.sign_in import client_ip

HOUR, DAY = 3600, 24 * 3600


class TooOften(Exception):
    """The network has had its share; ``until`` is when it may go on."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until:%H:%M}")
        self.until = until

    @property
    def wait(self) -> str:
        """Say how long to wait: "20 minutes", "5 hours"."""
        minutes = max(1, -(-int((self.until - timezone.now()).total_seconds()) // 60))
        if minutes < 100:
            return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
        hours = -(-minutes // 60)
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many in an hour and in a day; 0 is no limit."""

    hour: int
    day: int

    @property
    def windows(self) -> Mapping[int, int]:
        return {seconds: most for seconds, most in ((HOUR, self.hour), (DAY, self.day)) if most}


def network_of(request: HttpRequest) -> str:
    """Return the caller's network (an IPv4 /24, an IPv6 /48), by the rule of the trusted proxies.

    Empty for this machine itself: behind a proxy that is configured nobody has that address, and without one only
    its owner does.
    """
    address = client_ip.of(request)
    return "" if ipaddress.ip_address(address).is_loopback else client_ip.truncated(address)


@transaction.atomic
def count(*, action: str, network: str, limit: Limit) -> None:
    """Count one ``action`` from this network; raise TooOften when it would be one too many, and count nothing.

    Call it in the same transaction as the action, so that failures are not counted. Fixed windows: at worst, twice the
    limit gets through around the edge of two.
    """
    if not network:
        return
    for seconds, most in limit.windows.items():
        row = _row(action, network, seconds)
        # The condition is the gate: of two who come at once, one finds the window full.
        if not NetworkCount.objects.filter(pk=row.pk, count__lt=most).update(count=F("count") + 1):
            raise TooOften(row.ends_at)


def _row(action: str, network: str, seconds: int) -> NetworkCount:
    now = timezone.now().timestamp()
    ends_at = datetime.fromtimestamp((now // seconds + 1) * seconds, UTC)
    return NetworkCount.objects.get_or_create(
        action=action, network=_hashed(network), seconds=seconds, ends_at=ends_at
    )[0]


def _hashed(network: str) -> str:
    key = force_bytes(settings.SECRET_KEY)
    return hmac.new(key, f"network:{network}".encode(), hashlib.sha256).hexdigest()

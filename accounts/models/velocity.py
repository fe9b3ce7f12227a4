"""How often something happened from one network recently: counts, and no address."""

from __future__ import annotations

from django.db import models


class NetworkCount(models.Model):
    """A count of one action from one network in one hour or day. Written by ``accounts.sign_in.velocity`` only."""

    action = models.CharField(max_length=40)
    # A keyed hash of the shortened address: enough to count by, nothing to read.
    network = models.CharField(max_length=64)
    seconds = models.PositiveIntegerField()
    ends_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["action", "network", "seconds", "ends_at"], name="network_counted_once"
            )
        ]
        indexes = [models.Index(fields=["ends_at"], name="network_count_age")]

    def __str__(self) -> str:
        return f"{self.action}: {self.count}"

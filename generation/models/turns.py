"""Who uses which shared resource right now: one row a turn, deleted when it is released or expires."""

from __future__ import annotations

from django.db import models


class Turn(models.Model):
    """One of the places that one caller may take at once; see ``generation/fair_shares.py``.

    The row is a lease: it counts until ``until`` by the database's clock, so a killed process blocks nobody for longer
    than that.
    """

    resource = models.CharField(max_length=40)
    # A keyed hash of a person's id or of an address: enough to count, and it names nobody.
    caller = models.CharField(max_length=32)
    place = models.PositiveSmallIntegerField()
    token = models.UUIDField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            # Decides between two requests for one place at once: the second row is refused.
            models.UniqueConstraint(fields=["resource", "caller", "place"], name="turn_once_a_place")
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.place}"

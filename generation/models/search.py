"""The index of the search: which pictures of a person, many at a time, hold which pieces of words."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from image2.lib.owned import OwnedQuerySet


class SearchSegmentQuerySet(OwnedQuerySet["SearchSegment"]):
    owner_path = "owner"


class SearchSegment(models.Model):
    """A stretch of one person's list of pictures, with the tokens of all of them (see generation/search/index.py)."""

    class Listing(models.TextChoices):
        NEWEST = "newest"
        FAVOURITES = "favourites"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    listing = models.CharField(max_length=10, choices=Listing.choices)
    newest_at = models.DateTimeField()
    oldest_at = models.DateTimeField()
    # Its pictures, the newest first: 24 bytes each (see generation/search/postings.py).
    entries = models.BinaryField()
    # A picture of it was deleted for good: its words have to leave the tokens.
    stale = models.BooleanField(default=False)

    objects: ClassVar[SearchSegmentQuerySet] = SearchSegmentQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        indexes = [
            models.Index(fields=["owner", "listing", "-newest_at"], name="search_segment_newest"),
            models.Index(fields=["stale"], condition=models.Q(stale=True), name="search_segment_stale"),
        ]

    def __str__(self) -> str:
        return f"{self.listing} of {self.owner_id} from {self.oldest_at} to {self.newest_at}"


class SearchToken(models.Model):
    """In which pictures of a segment a token occurs."""

    pk = models.CompositePrimaryKey("segment_id", "token")
    segment = models.ForeignKey(
        SearchSegment, on_delete=models.CASCADE, db_index=False, related_name="tokens"
    )
    token = models.BinaryField()
    positions = models.BinaryField()

    def __str__(self) -> str:
        return f"{bytes(self.token).decode(errors='replace')} in {self.segment_id}"

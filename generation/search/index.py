"""Build and update the search index: prepare texts, and turn full stretches of a list into segments.

Reading the text of some thousands of pictures is fast enough. So as soon as a person has ``SIZE`` pictures outside any
segment, the oldest become one: publishing a picture costs nothing more, people with fewer pictures have no index, and
existing pictures are indexed in the same way. The beat does all of it; each step is one short transaction that may be
killed anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Count

from generation.models import Picture, SearchSegment
from generation.search import pieces, postings
from generation.search.listings import LISTINGS, Listing

log = structlog.get_logger(__name__)

SIZE: Final = 4096
BATCH: Final = 500
Row = tuple[UUID, datetime, str]


class _ChangedMeanwhile(Exception):
    """A picture was deleted or made a favourite again between reading and writing: the next run tries again."""


def prepare(*, seconds: float) -> int:
    """Prepare the texts of pictures that have none, newest first, for so many seconds; return how many."""
    until, done = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        found = list(Picture.objects.filter(search_text__isnull=True).order_by("-id").only("prompt")[:BATCH])
        if not found:
            break
        for picture in found:
            picture.search_text = pieces.search_text(picture.prompt)
        # A prompt never changes, so another process writes the same.
        Picture.objects.bulk_update(found, ["search_text"], batch_size=100)
        done += len(found)
    if done:
        log.info("search.prepared", count=done)
    return done


def seal(*, seconds: float) -> int:
    """Create segments where people have ``SIZE`` pictures without one, for so many seconds; return how many."""
    until, made = time.monotonic() + seconds, 0
    for listing in LISTINGS:
        unindexed = listing.unindexed(Picture.objects.all())
        many = unindexed.order_by().values("owner").annotate(n=Count("pk")).filter(n__gte=SIZE)
        for owner, count in list(many.values_list("owner", "n")):
            for _segment in range(count // SIZE):
                if time.monotonic() > until:
                    return made
                if not seal_oldest(owner, listing):
                    break
                made += 1
    return made


def seal_oldest(owner: UUID, listing: Listing) -> bool:
    """Create one segment of a person's oldest pictures without one; return False when some of them changed."""
    unindexed = listing.unindexed(Picture.objects.filter(owner=owner))
    # A picture whose text isn't prepared yet comes in a later run.
    rows = list(
        unindexed.filter(search_text__isnull=False)
        .order_by(listing.moment, "id")
        .values_list("id", listing.moment, "search_text")[:SIZE]
    )
    if len(rows) < SIZE:
        return False
    rows.reverse()
    segment = SearchSegment(owner_id=owner, listing=listing.name)
    try:
        _write(segment, rows, listing, free=True)
    except _ChangedMeanwhile:
        return False
    return True


def forget(pictures: Collection[UUID]) -> None:
    """Remove pictures from the index; call it in the transaction that deletes them."""
    held = Picture.objects.filter(pk__in=pictures).values_list("search_segment", "favourite_segment")
    segments = {segment for both in held for segment in both if segment is not None}
    SearchSegment.objects.filter(pk__in=segments).update(stale=True)


def renew(*, seconds: float) -> int:
    """Rewrite segments of which pictures were deleted; return how many. Small ones are dissolved."""
    until, done = time.monotonic() + seconds, 0
    for segment in SearchSegment.objects.filter(stale=True).order_by("pk").iterator(chunk_size=20):
        if time.monotonic() > until:
            break
        try:
            _renew(segment)
        except _ChangedMeanwhile:
            continue
        done += 1
    return done


def _renew(segment: SearchSegment) -> None:
    listing = next(listing for listing in LISTINGS if listing.name == segment.listing)
    held = Picture.objects.filter(pk__in=_ids(bytes(segment.entries)), **{listing.segment: segment.pk})
    ordered = listing.of_all(held).order_by(f"-{listing.moment}", "-id")
    rows: list[Row] = [
        (pk, moment, text or "")
        for pk, moment, text in ordered.values_list("id", listing.moment, "search_text")
    ]
    if len(rows) * 2 >= SIZE:
        _write(segment, rows, listing, free=False)
        return
    with transaction.atomic():
        held.update(**{listing.segment: None})
        segment.delete()


def _write(segment: SearchSegment, rows: Sequence[Row], listing: Listing, *, free: bool) -> None:
    """Store a segment of these rows, the newest first; raise when a row is not as it was read."""
    segment.newest_at, segment.oldest_at, segment.stale = rows[0][1], rows[-1][1], False
    segment.entries = b"".join(postings.entry(moment, pk) for pk, moment, _text in rows)
    tokens = _tokens([text for _id, _moment, text in rows])
    with transaction.atomic():
        segment.save()
        ids = [pk for pk, _moment, _text in rows]
        as_read = Picture.objects.filter(
            pk__in=ids,
            **{
                listing.segment: None if free else segment.pk,
                f"{listing.moment}__range": (segment.oldest_at, segment.newest_at),
            },
        )
        if as_read.update(**{listing.segment: segment.pk}) != len(rows):
            raise _ChangedMeanwhile
        segment.tokens.all().delete()
        _insert(segment, tokens)


def _tokens(texts: Sequence[str]) -> list[tuple[bytes, bytes]]:
    words: dict[str, int] = {}
    for position, text in enumerate(texts):
        for word in text.split("\n"):
            words[word] = words.get(word, 0) | 1 << position
    found: dict[bytes, int] = {}
    for word, bits in words.items():
        for token in pieces.tokens_of_word(word):
            found[token] = found.get(token, 0) | bits
    return [(token, postings.pack(found[token])) for token in sorted(found)]


def _insert(segment: SearchSegment, tokens: list[tuple[bytes, bytes]]) -> None:
    """Insert some ten thousand rows without the ORM, which would take longer than everything else here."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*tokens, strict=True)]
            cursor.execute(
                "INSERT INTO generation_searchtoken (segment_id, token, positions)"
                " SELECT %s, * FROM unnest(%s::bytea[], %s::bytea[])",
                [segment.pk, *columns],
            )
        else:
            cursor.executemany(
                "INSERT INTO generation_searchtoken (segment_id, token, positions) VALUES (%s, %s, %s)",
                [(segment.pk, *row) for row in tokens],
            )


def _ids(entries: bytes) -> list[UUID]:
    return [
        postings.id_of(postings.entry_at(entries, position))
        for position in range(len(entries) // postings.ENTRY)
    ]

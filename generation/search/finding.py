"""Find a person's pictures by words: the index gives candidates, newest first, and their texts decide.

Pictures outside any segment are read; then segments are queried in the order of the list, few at first, and no more
than a page needs. So a common word costs the newest segment, a rare word one lookup in each, and two common words that
rarely occur together one AND of two numbers a segment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from generation.models import Picture, SearchSegment, SearchToken
from generation.models.pictures import PictureQuerySet
from generation.search import pieces, postings
from generation.search.listings import Listing

if TYPE_CHECKING:
    from accounts.models import User

# Segments that are queried together; then all the others.
_STEPS: Final = (1, 8, 64)
_MOST_STEPS: Final = 512
_CHUNK: Final = 100
# Columns that no list shows; reading and decoding them is expensive.
UNSEEN: Final = ("recipe", "search_text", "model_revision")
# Pictures without a segment that are read in one query: more than there are once everything is indexed.
_READ: Final = 10_000
# Behind every entry of its moment.
_LAST: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class _Segment:
    id: int
    newest_at: datetime


def found(*, user: User, listing: Listing, words: str, after: bytes | None, most: int) -> list[Picture]:
    """Return at most ``most`` pictures of the list after the entry ``after`` whose prompt has all words.

    ``words`` is what a person typed; without a visible character in it, every picture is found.
    """
    wanted = pieces.needles(words)
    saying = _saying(words, wanted)
    pictures = _read(listing, user, saying, after, most)
    segments = _segments(user, listing, after)
    if len(pictures) == most and segments and getattr(pictures[-1], listing.moment) > segments[0].newest_at:
        return pictures
    there = listing.pictures_of(user).filter(saying).defer(*UNSEEN)
    pictures += _indexed(listing, there, segments, wanted, after, most)
    pictures.sort(key=lambda picture: _entry(listing, picture), reverse=True)
    return pictures[:most]


def _saying(words: str, wanted: Sequence[str]) -> Q:
    """Restrict to pictures with all the words; one without prepared text is compared by its prompt."""
    said = reduce(and_, (Q(search_text__contains=needle) for needle in wanted), Q())
    typed = reduce(and_, (Q(prompt__icontains=word) for word in words.replace("\x00", "").split()), Q())
    return said | (Q(search_text__isnull=True) & typed)


def _read(listing: Listing, user: User, saying: Q, after: bytes | None, most: int) -> list[Picture]:
    """Return the first matching pictures outside any segment, after ``after``.

    They are read ``_READ`` at a time in the order of their index: left to itself, PostgreSQL overestimates their number
    and reads the whole table.
    """
    unindexed = listing.unindexed(listing.pictures_of(user))
    ids: list[UUID] = []
    while len(ids) < most:
        tail = _behind(listing, unindexed, after).order_by(f"-{listing.moment}", "-id")
        ids += _saying_it(tail.annotate(said=saying).values_list("id", "said")[:_READ], most - len(ids))
        last = tail.values_list(listing.moment, "id")[_READ - 1 : _READ].first()
        if last is None:
            break
        after = postings.entry(*last)
    found = Picture.objects.filter(pk__in=ids).defer(*UNSEEN) if ids else ()
    return sorted(found, key=lambda picture: _entry(listing, picture), reverse=True)


def _saying_it(some: QuerySet[Picture, tuple[UUID, bool]], most: int) -> list[UUID]:
    inner, params = some.query.sql_with_params()
    with connection.cursor() as cursor:
        # The inner query ends with a LIMIT, so no database pulls the outer condition into it.
        cursor.execute(f"SELECT id FROM ({inner}) AS tail WHERE said LIMIT %s", [*params, most])  # noqa: S608
        return [UUID(str(row[0])) for row in cursor.fetchall()]


def _behind(listing: Listing, pictures: PictureQuerySet, after: bytes | None) -> PictureQuerySet:
    if after is None:
        return pictures
    moment, id_ = postings.moment_of(after), postings.id_of(after)
    earlier = Q(**{f"{listing.moment}__lt": moment}) | Q(id__lt=id_)
    return pictures.filter(earlier, **{f"{listing.moment}__lte": moment})


def _segments(user: User, listing: Listing, after: bytes | None) -> list[_Segment]:
    segments = SearchSegment.objects.visible_to(user).filter(listing=listing.name)
    if after is not None:
        segments = segments.filter(oldest_at__lte=postings.moment_of(after))
    return [_Segment(*row) for row in segments.order_by("-newest_at").values_list("id", "newest_at")]


def _indexed(
    listing: Listing,
    there: PictureQuerySet,
    segments: Sequence[_Segment],
    wanted: Sequence[str],
    after: bytes | None,
    most: int,
) -> list[Picture]:
    terms = sorted({term for needle in wanted for term in pieces.terms(needle)}, key=_rarest_first)
    pictures: list[Picture] = []
    waiting: list[tuple[bytes, int]] = []
    for batch, following in _steps(segments):
        waiting += _candidates([segment.id for segment in batch], terms, after)
        waiting.sort(reverse=True)
        # Segments may overlap: results that a later segment may precede wait for it.
        bound = postings.entry(following.newest_at, _LAST) if following else b""
        ready = [candidate for candidate in waiting if candidate[0] > bound]
        waiting = waiting[len(ready) :]
        for at in range(0, len(ready), _CHUNK):
            pictures += _confirmed(listing, there, ready[at : at + _CHUNK])
            if len(pictures) >= most:
                return pictures
    return pictures


def _steps(segments: Sequence[_Segment]) -> Iterator[tuple[Sequence[_Segment], _Segment | None]]:
    """Yield segments to query together, and the one that comes after them."""
    at = step = 0
    while at < len(segments):
        size = _STEPS[step] if step < len(_STEPS) else _MOST_STEPS
        yield segments[at : at + size], segments[at + size] if at + size < len(segments) else None
        at, step = at + size, step + 1


def _candidates(
    segments: list[int], terms: Sequence[pieces.Term], after: bytes | None
) -> list[tuple[bytes, int]]:
    """Return the entries, with their segments, of pictures that have a token for every term."""
    common: dict[int, int] = {}
    for number, term in enumerate(terms):
        having = _having(list(common) if number else segments, term)
        common = {
            segment: both
            for segment, bits in having.items()
            if (both := bits & common[segment] if number else bits)
        }
        if not common:
            return []
    entries = SearchSegment.objects.filter(pk__in=common).values_list("pk", "entries")
    return [
        (entry, segment)
        for segment, stored in entries
        for entry in _entries(bytes(stored), common[segment], after)
    ]


def _having(segments: list[int], term: pieces.Term) -> dict[int, int]:
    """Return which pictures of which segments have a token of the term: a number with one bit a position."""
    tokens = SearchToken.objects.filter(segment_id__in=segments)
    if term.high is None:
        tokens = tokens.filter(token=term.low)
    else:
        tokens = tokens.filter(token__gte=term.low, token__lt=term.high)
    having: dict[int, int] = {}
    for segment, stored in tokens.values_list("segment_id", "positions"):
        having[segment] = having.get(segment, 0) | postings.unpack(bytes(stored))
    return having


def _entries(entries: bytes, bits: int, after: bytes | None) -> Iterator[bytes]:
    if after is not None:
        passed = postings.first_older(entries, after)
        bits = bits >> passed << passed
    for position in postings.positions_of(bits):
        yield postings.entry_at(entries, position)


def _confirmed(
    listing: Listing, there: PictureQuerySet, candidates: Sequence[tuple[bytes, int]]
) -> list[Picture]:
    """Return the pictures of these candidates that exist and that their segment still holds."""
    holder = {postings.id_of(entry): segment for entry, segment in candidates}
    found = there.filter(pk__in=holder)
    held = [picture for picture in found if getattr(picture, listing.segment) == holder[picture.pk]]
    return sorted(held, key=lambda picture: _entry(listing, picture), reverse=True)


def _entry(listing: Listing, picture: Picture) -> bytes:
    return postings.entry(getattr(picture, listing.moment), picture.pk)


def _rarest_first(term: pieces.Term) -> tuple[bool, int]:
    """Guess which term rules out most: one token before many, a long one before a short one."""
    return term.high is not None, -len(term.low)

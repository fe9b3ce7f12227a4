"""The two lists of pictures that can be searched, and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generation.models import Picture, SearchSegment
from generation.models.pictures import PictureQuerySet

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Listing:
    """``moment`` names the column that orders the list, ``segment`` the one that says which segment holds a picture."""

    name: str
    moment: str
    segment: str

    def pictures_of(self, user: User) -> PictureQuerySet:
        """Return what the list shows to this person."""
        return self.of_all(Picture.objects.visible_to(user))

    def of_all(self, pictures: PictureQuerySet) -> PictureQuerySet:
        return pictures.filter(**{f"{self.moment}__isnull": False})

    def unindexed(self, pictures: PictureQuerySet) -> PictureQuerySet:
        """Return those of the list that no segment holds yet."""
        return self.of_all(pictures).filter(**{f"{self.segment}__isnull": True})


NEWEST: Final = Listing(SearchSegment.Listing.NEWEST, "created_at", "search_segment")
FAVOURITES: Final = Listing(SearchSegment.Listing.FAVOURITES, "favourite_at", "favourite_segment")
LISTINGS: Final = (NEWEST, FAVOURITES)

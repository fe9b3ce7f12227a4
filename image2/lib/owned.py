"""Rows that belong to a person: authorization is the query, and every owned model takes it from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

Row = TypeVar("Row", bound=models.Model)


class OwnedQuerySet(models.QuerySet[Row]):
    """A queryset whose ``owner_path`` is the lookup that leads from a row to its owner."""

    owner_path: ClassVar[str] = "user"

    def owned_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the rows of this person, also those hidden from them; none for somebody who isn't signed in."""
        return self.filter(**{self.owner_path: user}) if user.is_authenticated else self.none()

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return what this person may see: their own rows. Subclasses hide some of them, and never show more."""
        return self.owned_by(user)


class TrashableQuerySet(OwnedQuerySet[Row]):
    """For rows that wait in a trash, from ``deleted_at`` on, before they are deleted for good."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.owned_by(user).filter(deleted_at__isnull=True)

    def in_trash_of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return what this person deleted and can still restore."""
        return self.owned_by(user).filter(deleted_at__isnull=False)

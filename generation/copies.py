"""Who holds a copy of a picture: other apps tell, so that deleting one does not promise more than it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Copy:
    """Something that holds a copy of its own, and the page on which that can be deleted."""

    label: str
    address: str


Finder = Callable[["User", str], list[Copy]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Have `finder(user, reference)` asked who holds a copy of a picture or an upload ("picture:…")."""
    if finder not in _finders:
        _finders.append(finder)


def of(*, user: User, reference: str) -> list[Copy]:
    """Return everything of this person that holds a copy."""
    return [copy for finder in _finders for copy in finder(user, reference)]

"""What every template may use as ``frame``: theme and balance. Lazy: a page that doesn't use it makes no query."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.people import preferences, restriction
from accounts.staff import access
from billing.summary import Summary, summarize
from generation.pictures.retention import Ending, ending
from image2.lib.http import theme
from privacy.models import PolicyVersion
from privacy.policy import versions


class Site:
    """The facts of the site and of this request that the frame of every page shows."""

    name = "Image 2"

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def theme(self) -> str:
        """The browser's choice; without one, what the person prefers."""
        chosen = theme.chosen(self._request)
        if chosen is None and hasattr(self._request, "user"):
            return preferences.of(self._request.user).theme
        return chosen or "system"

    @property
    def account_key(self) -> str:
        """What drafts in the browser are kept under: the same for one person always, and no name of anybody."""
        user = getattr(self._request, "user", None)
        if user is None or not user.is_authenticated:
            return ""
        return salted_hmac("image2.drafts", str(user.pk)).hexdigest()[:16]

    @property
    def credits(self) -> int | None:
        """What the person can spend; None for anonymous visitors."""
        return self._glance.available if self._glance is not None else None

    @property
    def unpaid(self) -> str:
        """How a plan stands whose payment failed: "past_due", "unpaid", or nothing."""
        return self._glance.unpaid if self._glance is not None else ""

    @cached_property
    def _glance(self) -> Summary | None:
        user = getattr(self._request, "user", None)
        return summarize(user) if user is not None and user.is_authenticated else None

    @cached_property
    def ending_pictures(self) -> Ending | None:
        """Pictures that will expire under the person's plan; only the history reads it."""
        return ending(self._request.user)

    @cached_property
    def staff_access_unseen(self) -> bool:
        """Staff opened a picture of this person's who hasn't seen the notice yet; only the history reads it."""
        return access.unseen(self._request.user)

    @cached_property
    def is_restricted(self) -> bool:
        """The person restricted what we may do with their data, which every page says."""
        user = getattr(self._request, "user", None)
        return user is not None and user.is_authenticated and restriction.applies_to(user)

    @cached_property
    def coming_policy(self) -> PolicyVersion | None:
        """A published version of the privacy policy that isn't in force yet, announced to signed-in people."""
        user = getattr(self._request, "user", None)
        return versions.coming(self._request) if user is not None and user.is_authenticated else None


def site(request: HttpRequest) -> dict[str, Any]:
    # Not "site": allauth's pages give that name to something else.
    return {"frame": Site(request)}

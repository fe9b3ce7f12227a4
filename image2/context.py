"""What every template may use as ``frame``: theme and balance. Lazy: a page that does not ask makes no query."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from accounts import preferences
from billing.glance import Glance, glance
from generation.keeping import Ending, ending
from image2.lib import theme
from privacy.models import PolicyVersion


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
    def credits(self) -> int | None:
        """What the person can spend; None for nobody."""
        return self._glance.available if self._glance is not None else None

    @property
    def unpaid(self) -> str:
        """How a plan stands whose payment failed: "past_due", "unpaid", or nothing."""
        return self._glance.unpaid if self._glance is not None else ""

    @cached_property
    def _glance(self) -> Glance | None:
        user = getattr(self._request, "user", None)
        return glance(user) if user is not None and user.is_authenticated else None

    @cached_property
    def ending_pictures(self) -> Ending | None:
        """Pictures that the person's plan keeps no longer; asked for by the history alone."""
        return ending(self._request.user)

    @cached_property
    def coming_policy(self) -> PolicyVersion | None:
        """A published version of the privacy policy that does not hold yet: signed-in people are told of it."""
        user = getattr(self._request, "user", None)
        return PolicyVersion.objects.coming().first() if user is not None and user.is_authenticated else None


def site(request: HttpRequest) -> dict[str, Any]:
    # Not "site": allauth's pages give that name to something else.
    return {"frame": Site(request)}

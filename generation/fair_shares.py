"""The resources that everybody shares, and how much of each one person may use: one list, and one way to use it.

Code that uses a listed resource takes a turn first (``turn``). Apps of higher layers add resources with ``register``.
A test exceeds every limit of the list, so an entry without a use fails the build.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

import structlog
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models import Turn
from image2.lib.http import rate_limits

if TYPE_CHECKING:
    from django.utils.functional import Promise

log = structlog.get_logger(__name__)

MINUTE: Final = 60
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One shared resource. None means that it isn't limited in this way.

    ``in_all`` counts the turns at once in one process, since memory and processors are what they take; ``each`` those
    of one person at once in all processes together; ``a_minute`` how many one person may start. ``seconds`` is how
    long a turn counts unless it is renewed: after a crash its place is free again by then. ``wait`` is how long a
    caller waits for a place before it is refused. ``sentence`` says what to do when the person's own share is used up.
    """

    sentence: Promise | str
    in_all: int | None = None
    each: int | None = None
    a_minute: int | None = None
    seconds: int = 60
    wait: float = 0.0

    def __post_init__(self) -> None:
        if self.each is None and self.a_minute is None:
            raise ValueError("a share says what one person may take")
        if self.in_all is not None and (self.each is None or self.each >= self.in_all):
            raise ValueError("one person alone must not be able to take every place")


class OverShare(Exception):
    """No turn now; nothing was done or charged. ``sentence`` says why; ``retry_after`` is in seconds."""

    def __init__(self, resource: str, sentence: str, *, retry_after: int) -> None:
        super().__init__(f"{resource}: {sentence}")
        self.resource = resource
        self.sentence = sentence
        self.retry_after = retry_after


_SHARES: dict[str, Share] = {
    # An upload: up to 20 s of a processor and 2 GB in a process of its own.
    "decoder": Share(
        in_all=2,
        each=1,
        a_minute=20,
        seconds=60,
        wait=20,
        sentence=gettext_lazy("Your last uploads are still being read. Wait a moment, then upload this one."),
    ),
    # What a file says of itself, asked by visitors too: up to 20 s of a processor in a process of its own.
    "marks": Share(
        in_all=2,
        each=1,
        a_minute=10,
        seconds=60,
        wait=2,
        sentence=gettext_lazy("Your last files are still being read. Wait a moment, then choose this one."),
    ),
    # A download that is made on demand: 4K takes up to 3 s and 300 MB.
    "download": Share(
        in_all=2,
        each=1,
        a_minute=30,
        seconds=120,
        wait=20,
        sentence=gettext_lazy("Your last downloads are still being made. Wait a moment, then try again."),
    ),
    "search": Share(
        in_all=8,
        each=2,
        a_minute=240,
        seconds=60,
        wait=2,
        sentence=gettext_lazy("Your last searches are still running. Wait a moment, then search again."),
    ),
    # A browser has one stream for all its tabs; it is held as long as a page that shows jobs is open, and renewed.
    "stream": Share(
        in_all=2000,
        each=10,
        a_minute=120,
        seconds=90,
        sentence=gettext_lazy(
            "You have this site open in many browsers. Close some, or reload the page to see how far your pictures are."
        ),
    ),
    "quote": Share(
        a_minute=240, sentence=gettext_lazy("The price was asked for very often. Wait a minute, then go on.")
    ),
    # A prompt is read in six languages.
    "expand": Share(
        a_minute=60,
        sentence=gettext_lazy("You asked for many additions just now. Wait a minute, then try again."),
    ),
    # A request thread waits for somebody else's server, 25 s or a little more (`chat.ask`), and the operator may pay.
    "rewrite": Share(
        in_all=3,
        each=1,
        a_minute=6,
        seconds=40,
        sentence=gettext_lazy("You asked for several rewrites just now. Wait a moment, then try again."),
    ),
    # What is stored is added up file by file.
    "storage": Share(
        in_all=4,
        each=1,
        a_minute=60,
        seconds=60,
        wait=5,
        sentence=gettext_lazy("Your storage is still being added up. Wait a moment, then reload the page."),
    ),
}


def shares() -> Mapping[str, Share]:
    """Return the list."""
    return dict(_SHARES)


def register(name: str, share: Share) -> None:
    """Add a resource of an app in a higher layer (the editor, the export); call it from ``AppConfig.ready``."""
    if _SHARES.setdefault(name, share) != share:
        raise ValueError(f"{name} is shared already, by another rule")


@dataclass(slots=True)
class Held:
    """A turn that was taken; ``release`` may be called twice, and never fails."""

    resource: str
    token: UUID
    _caller: str
    _seconds: int
    _is_row: bool = field(default=False)

    def renew(self) -> None:
        """Renew the turn for its full time from now."""
        _hall.renew(self.resource, self.token, self._seconds)
        if self._is_row:
            Turn.objects.filter(token=self.token).update(until=Now() + timedelta(seconds=self._seconds))

    def release(self) -> None:
        _hall.leave(self.resource, self.token)
        if self._is_row:
            try:
                Turn.objects.filter(token=self.token).delete()
            except DatabaseError:
                # It expires by itself.
                log.warning("share.not_released", resource=self.resource, exc_info=True)


@contextmanager
def turn(resource: str, *, caller: object) -> Iterator[Held]:
    """Take a turn for the time of a block. Raises OverShare; see `take`."""
    held = take(resource, caller=caller)
    try:
        yield held
    finally:
        held.release()


def take(resource: str, *, caller: object) -> Held:
    """Take a turn for a person's id, or for an address where nobody is signed in, waiting a little. Raises OverShare.

    Call it outside transactions: other processes see the row once it is committed.
    """
    share = _SHARES[resource]
    name = _name(caller)
    if share.a_minute is not None and not rate_limits.allowed(
        f"share:{resource}", name, limit=share.a_minute, seconds=MINUTE
    ):
        raise _over(resource, str(share.sentence), MINUTE - int(time.time()) % MINUTE)
    held = Held(resource, uuid4(), name, share.seconds)
    deadline = time.monotonic() + share.wait
    if share.each is not None:
        if not _until(deadline, lambda: _claim(held, share)):
            raise _over(resource, str(share.sentence), 5)
        held._is_row = True  # noqa: SLF001  (its own module)
    if share.in_all is not None and not _hall.enter(resource, held.token, share, deadline):
        held.release()
        raise _over(resource, _("Many people are doing this just now. Try again in a minute."), MINUTE)
    return held


def forget_ended() -> int:
    """Delete the expired turns of processes that ended without releasing them; return how many. Called by the beat."""
    return Turn.objects.filter(until__lt=Now()).delete()[0]


def _claim(held: Held, share: Share) -> bool:
    """Take a free or an expired place. The unique constraint decides between processes."""
    assert share.each is not None
    until = Now() + timedelta(seconds=share.seconds)
    mine = Turn.objects.filter(resource=held.resource, caller=held._caller)  # noqa: SLF001
    taken = set(mine.filter(until__gte=Now()).values_list("place", flat=True))
    for place in sorted(set(range(share.each)) - taken):
        if mine.filter(place=place, until__lt=Now()).update(token=held.token, until=until):
            return True
        try:
            with transaction.atomic():
                Turn.objects.create(
                    resource=held.resource,
                    caller=held._caller,  # noqa: SLF001
                    place=place,
                    token=held.token,
                    until=until,
                )
        except IntegrityError:
            continue  # another process was first
        return True
    return False


def _until(deadline: float, claim: Callable[[], bool]) -> bool:
    pause = _FIRST_PAUSE
    while not claim():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
    return True


def _over(resource: str, sentence: str, retry_after: int) -> OverShare:
    log.info("share.refused", resource=resource)
    return OverShare(resource, sentence, retry_after=retry_after)


def _name(caller: object) -> str:
    return salted_hmac("generation.turn", str(caller)).hexdigest()[:32]


class _LocalTurns:
    """The turns of this process, by anybody. They expire too: a response may never be fetched."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside: dict[str, dict[UUID, float]] = {}

    def enter(self, resource: str, token: UUID, share: Share, deadline: float) -> bool:
        assert share.in_all is not None
        most = share.in_all
        with self._changed:
            if not self._changed.wait_for(
                lambda: len(self._of(resource)) < most, max(0.0, deadline - time.monotonic())
            ):
                return False
            self._inside[resource][token] = time.monotonic() + share.seconds
            return True

    def renew(self, resource: str, token: UUID, seconds: int) -> None:
        with self._changed:
            if token in self._inside.get(resource, {}):
                self._inside[resource][token] = time.monotonic() + seconds

    def leave(self, resource: str, token: UUID) -> None:
        with self._changed:
            self._inside.get(resource, {}).pop(token, None)
            self._changed.notify_all()

    def _of(self, resource: str) -> dict[UUID, float]:
        now = time.monotonic()
        inside = {token: ends for token, ends in self._inside.get(resource, {}).items() if ends > now}
        self._inside[resource] = inside
        return inside


_hall: Final = _LocalTurns()


__all__ = ["Held", "OverShare", "Share", "forget_ended", "register", "shares", "take", "turn"]

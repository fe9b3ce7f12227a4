"""Welcome credits: once a person, however many addresses, accounts or spellings of one mailbox they have."""

from __future__ import annotations

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sign_in import velocity
from accounts.sign_in.velocity import Limit
from billing import ledger
from billing.gifts import mailboxes
from billing.models import Grant

log = structlog.get_logger(__name__)


class NotWelcomed(Exception):
    """No welcome credits; the words say why and what to do."""


class HadThem(NotWelcomed):
    """This very person has had them."""

    def __str__(self) -> str:
        return _("You've already received your welcome credits. Choose a plan or a pack to get more.")


class NotVerified(NotWelcomed):
    def __str__(self) -> str:
        return _("Confirm your e-mail address to get your welcome credits.")


class DisposableAddress(NotWelcomed):
    def __str__(self) -> str:
        return _(
            "Disposable addresses don't qualify for welcome credits. Confirm a permanent address to get them."
        )


class MailboxKnown(NotWelcomed):
    """Another account, perhaps one that is deleted, had them with this mailbox."""

    def __str__(self) -> str:
        return _(
            "This mailbox has already received welcome credits with another account. Choose a plan or a pack to get "
            "more."
        )


class NetworkBusy(NotWelcomed):
    """Too many people from this network got welcome credits recently; these wait."""

    def __init__(self, wait: str) -> None:
        super().__init__(wait)
        self.wait = wait

    def __str__(self) -> str:
        return _(
            "Many people signed up from your network recently, so your welcome credits are waiting. Claim them on the "
            "page “Credits” in %(wait)s, or contact support."
        ) % {"wait": self.wait}


def welcome(*, user: User, email: str, network: str = "") -> Grant | None:
    """Grant the welcome credits for an address that was just verified; None when there are none to be given.

    Raises NotWelcomed, and then nothing was granted. ``network`` is where it was confirmed (velocity.network_of).
    """
    if settings.WELCOME_CREDITS <= 0:
        return None
    _check(user, email)
    limit = Limit(hour=settings.WELCOME_PER_NETWORK_HOUR, day=settings.WELCOME_PER_NETWORK_DAY)
    try:
        with transaction.atomic():
            velocity.count(action="welcome", network=network, limit=limit)
            return ledger.grant(
                user=user,
                amount=settings.WELCOME_CREDITS,
                source=Grant.Source.WELCOME,
                source_ref=_refs(email)[0],
            )
    except velocity.TooOften as often:
        log.info("welcome.network_busy", user=str(user.pk))
        raise NetworkBusy(often.wait) from often
    except (ledger.Conflict, IntegrityError):  # the same mailbox, or the same person, at this very moment
        raise MailboxKnown from None


def claim(*, user: User, network: str) -> Grant | None:
    """Grant them to somebody who asks again, for the address that they log in with. Raises NotWelcomed."""
    if not _has_verified(user):
        raise NotVerified
    return welcome(user=user, email=user.email, network=network)


def is_waiting(user: User) -> bool:
    """Whether they can be claimed: they were put on hold when the address was confirmed."""
    if settings.WELCOME_CREDITS <= 0 or not _has_verified(user):
        return False
    try:
        _check(user, user.email)
    except NotWelcomed:
        return False
    return True


def _check(user: User, email: str) -> None:
    if Grant.objects.visible_to(user).filter(source=Grant.Source.WELCOME).exists():
        raise HadThem
    if mailboxes.is_disposable(email):
        raise DisposableAddress
    if Grant.objects.filter(source_ref__in=_refs(email)).exists():
        log.info("welcome.mailbox_known", user=str(user.pk))
        raise MailboxKnown


def _has_verified(user: User) -> bool:
    own = EmailAddress.objects.filter(user=user, email=user.email, verified=True)
    return bool(own.exists())


def _refs(email: str) -> list[str]:
    return [f"welcome:{fingerprint}" for fingerprint in mailboxes.fingerprints(email)]

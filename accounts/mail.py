"""Write to people who have an account: only to an address that they have verified."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from image2.lib.mail import messages

log = structlog.get_logger(__name__)

# What people are written whose account is closed, and waits to be erased.
NECESSARY = frozenset({"erasure_ordered", "staff_access"})


def reachable(people: QuerySet[User]) -> QuerySet[User]:
    """Restrict to people with a verified address: others may have typed an address that isn't theirs."""
    return people.filter(Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)))


def address_of(person: User) -> str | None:
    """Return the verified address to write to, the primary one first; None where there is none."""
    verified = EmailAddress.objects.filter(user=person, verified=True)
    found: str | None = verified.order_by("-primary", "pk").values_list("email", flat=True).first()
    return found


def write_to(person: User, *, name: str, subject: str, context: Mapping[str, object]) -> bool:
    """Send `emails/<name>`; False where it can't be sent now, or the person has no verified address.

    People whose account is closed get only what is necessary.
    """
    if person.closed_at is not None and name not in NECESSARY:
        log.info("mail.account_is_closed", letter=name, person=str(person.pk))
        return False
    address = address_of(person)
    if address is None:
        log.info("mail.no_verified_address", letter=name, person=str(person.pk))
        return False
    return messages.send_letter(name, address, subject, {"person": person, **context})


def write_to_former(address: str, *, name: str, subject: str, context: Mapping[str, object]) -> bool:
    """Send `emails/<name>` to somebody whose account is gone, at the address that they had verified."""
    return messages.send_letter(name, address, subject, {"person": None, **context})

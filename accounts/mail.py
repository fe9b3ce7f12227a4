"""Write to people who have an account: only to an address they verified, and little to who restricted it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import structlog
from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.people import restriction
from image2.lib.mail import messages

log = structlog.get_logger(__name__)

# Letters that go to people whose account is restricted or closed as well, and why. All others are held back.
# (What somebody asks for with their own hands, such as a code to log in, is sent by allauth and never held back.)
NECESSARY: Final[Mapping[str, str]] = {
    "erasure_ordered": "the link in it reopens the account",
    "export_failed": "the person asked for the copy, and would wait for it",
    "export_ready": "the person asked for the copy, and it is kept for some days only",
    "pictures_end": "without it pictures would be deleted unannounced",
    "plans_at_once": "without it the person would go on paying twice",
    "policy_notice": "we promised to announce each change of the policy",
    "staff_access": "the law wants the person to know",
    "support_answer": "the person asked",
    "taken_down": "the law wants the person to know, and how to appeal",
}
# What people are written whose account is closed, and waits to be erased.
WHILE_CLOSED: Final = frozenset({"erasure_ordered", "staff_access", "support_answer"})


def reachable(people: QuerySet[User]) -> QuerySet[User]:
    """Restrict to people with a verified address: others may have typed an address that isn't theirs."""
    return people.filter(Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)))


def address_of(person: User) -> str | None:
    """Return the verified address to write to, the primary one first; None where there is none."""
    verified = EmailAddress.objects.filter(user=person, verified=True)
    found: str | None = verified.order_by("-primary", "pk").values_list("email", flat=True).first()
    return found


def write_to(
    person: User,
    *,
    name: str,
    subject: str,
    context: Mapping[str, object],
    reply_to: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Send `emails/<name>`; False where it can't be sent now, or may not be.

    It may not be where the person has no verified address, restricted the account and it isn't NECESSARY, or closed it.
    """
    if person.closed_at is not None and name not in WHILE_CLOSED:
        log.info("mail.account_is_closed", letter=name, person=str(person.pk))
        return False
    if name not in NECESSARY and restriction.applies_to(person):
        log.info("mail.restricted", letter=name, person=str(person.pk))
        return False
    address = address_of(person)
    if address is None:
        log.info("mail.no_verified_address", letter=name, person=str(person.pk))
        return False
    known = {"person": person, **context}
    return messages.send_letter(name, address, subject, known, reply_to=reply_to, headers=headers)


def write_to_former(address: str, *, name: str, subject: str, context: Mapping[str, object]) -> bool:
    """Send `emails/<name>` to somebody whose account is gone, at the address that they had verified."""
    return messages.send_letter(name, address, subject, {"person": None, **context})

"""Write to people who have an account: only to an address they verified, and little to who restricted it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog
from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.people import restriction
from image2.lib.mail import messages

log = structlog.get_logger(__name__)

# Letters that go to people whose account is restricted as well, and why. All others are held back.
# (What somebody asks for with their own hands, such as a code to log in, is sent by allauth and never held back.)
NECESSARY: Final[Mapping[str, str]] = {
    "export_failed": "the person asked for the copy, and would wait for it",
    "export_ready": "the person asked for the copy, and it is kept for some days only",
    "pictures_end": "without it pictures would be deleted unannounced",
    "plans_at_once": "without it the person would go on paying twice",
    "policy_notice": "we promised to announce each change of the policy",
    "staff_access": "the law wants the person to know",
    "taken_down": "the law wants the person to know, and how to appeal",
}


def reachable(people: QuerySet[User]) -> QuerySet[User]:
    """Restrict to people with a verified address: others may have typed an address that isn't theirs."""
    return people.filter(Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)))


def address_of(person: User) -> str | None:
    """Return the verified address to write to, the primary one first; None where there is none."""
    verified = EmailAddress.objects.filter(user=person, verified=True)
    found: str | None = verified.order_by("-primary", "pk").values_list("email", flat=True).first()
    return found


def write_to(person: User, *, name: str, subject: str, context: Mapping[str, object]) -> bool:
    """Send `emails/<name>`; False where it can't be sent now, or may not be.

    It may not be where the person has no verified address, or restricted the account and it isn't NECESSARY.
    """
    if name not in NECESSARY and restriction.applies_to(person):
        log.info("mail.restricted", letter=name, person=str(person.pk))
        return False
    address = address_of(person)
    if address is None:
        log.info("mail.no_verified_address", letter=name, person=str(person.pk))
        return False
    return messages.send_letter(name, address, subject, {"person": person, **context})

"""After SECRET_KEY was replaced: what is encrypted in the database is encrypted anew, so that the former key can go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db import transaction

from accounts.sign_in import encryption

log = structlog.get_logger(__name__)

# What allauth stores encrypted: the key of an authenticator app, the seed of recovery codes, codes of an earlier kind.
_FIELDS = ("secret", "seed", "migrated_codes")


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many rows were encrypted anew, and how many nobody can open, since their key is gone."""

    renewed: int
    lost: int


def renew_all() -> Renewed:
    """Encrypt with the present key what a former one encrypted. May be killed anywhere, and run again."""
    renewed = lost = 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True).iterator():
        try:
            renewed += _renew(pk)
        except InvalidToken:
            lost += 1
            log.warning("encryption.lost", authenticator=pk)
    return Renewed(renewed, lost)


@transaction.atomic
def _renew(pk: int) -> bool:
    """One row at a time, locked: a recovery code may be used meanwhile."""
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return False
    data = dict(row.data)
    for field in _FIELDS:
        if field in data:
            data[field] = _renewed(data[field])
    if data == row.data:
        return False
    Authenticator.objects.filter(pk=pk).update(data=data)
    return True


def _renewed(stored: Any) -> Any:
    if isinstance(stored, list):
        return [_renewed(one) for one in stored]
    return stored if encryption.is_current(stored) else encryption.renew(stored)

"""While a payment is disputed nothing may be spent; what is held already runs to its end."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from accounts.models import User
from billing.ledger import clock
from billing.ledger.errors import Conflict, UnknownReference
from billing.ledger.posting import lock, once
from billing.models import Account, Freeze


def freeze(*, user: User, ref: str, by: User | None = None, reason: str = "") -> Freeze:
    """Freeze the person's credits under ``ref``. One that was lifted stays lifted: an old notice freezes nobody again.

    Raises Conflict when ``ref`` froze another account.
    """

    def find() -> Freeze | None:
        made = Freeze.objects.select_related("account").filter(ref=ref).first()
        if made is not None and made.account.user_id != user.pk:
            raise Conflict(f"{ref} froze another account")
        return made

    def act() -> Freeze:
        account = lock(Account.objects.filter(pk=Account.objects.get_or_create(user=user)[0].pk))
        assert account is not None
        made = Freeze.objects.create(account=account, ref=ref, by=by, reason=reason)
        Account.objects.filter(pk=account.pk).update(frozen=F("frozen") + 1)
        return made

    return once(find, act)


@transaction.atomic
def unfreeze(*, ref: str) -> Freeze:
    """Lift the freeze of that name; lifting it again changes nothing. Raises UnknownReference."""
    made = Freeze.objects.filter(ref=ref).first()
    if made is None:
        raise UnknownReference(f"no freeze is called {ref}")
    lock(Account.objects.filter(pk=made.account_id))
    if Freeze.objects.filter(pk=made.pk, lifted_at__isnull=True).update(lifted_at=clock.now()):
        Account.objects.filter(pk=made.account_id).update(frozen=F("frozen") - 1)
    made.refresh_from_db()
    return made

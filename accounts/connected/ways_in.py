"""What somebody can still log in with: the last password, passkey or connected account is never removed.

A mailed code lets everybody in whose address is verified, but alone it would make the mailbox the only key.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from accounts.models import User


def is_last(user: User, removed: Authenticator | SocialAccount) -> bool:
    """Whether nothing but mailed codes would be left without this passkey or connected account."""
    if user.has_usable_password():
        return False
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    accounts = SocialAccount.objects.filter(user=user)
    if isinstance(removed, Authenticator):
        passkeys = passkeys.exclude(pk=removed.pk)
    else:
        accounts = accounts.exclude(pk=removed.pk)
    return not accounts.exists() and not any(row.wrap().is_passwordless for row in passkeys)

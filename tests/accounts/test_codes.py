"""A code is accepted as it is pasted: with spaces that cannot be seen, dashes, full-width letters, other digits."""

from __future__ import annotations

import pytest
from allauth.account import app_settings as account_settings
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.sign_in import codes
from accounts.sign_in.code_forms import _AnySpelling
from tests.accounts.mails import code_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

FULL_WIDTH = str.maketrans({chr(plain): chr(plain + 0xFEE0) for plain in range(ord("!"), ord("~") + 1)})
SPELLINGS = {
    "as it is": lambda code: code,
    "a no-break space": lambda code: f"\u00a0{code[:3]}\u00a0{code[3:]}",
    "thin and zero-width spaces": lambda code: f"{code[:3]}\u2009\u200b{code[3:]}\ufeff",
    "long dashes": lambda code: f"{code[:3]}\u2013{code[3:]}\u2212",
    "full width": lambda code: code.translate(FULL_WIDTH),
    "small letters": lambda code: code.lower(),
    "lines": lambda code: f"\r\n {code[:3]}\n{code[3:]}\t",
    "marks of direction": lambda code: f"\u202d{code}\u202c",
}
spelled = pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)


def test_every_form_that_takes_a_code_takes_it_in_every_spelling() -> None:
    forms = [
        form
        for name, form in account_settings.FORMS.items()
        if name.startswith("confirm_") and name.endswith("_code")
    ]
    forms += [mfa_settings.FORMS[name] for name in ("authenticate", "reauthenticate", "activate_totp")]

    assert len(forms) == 6
    assert all(issubclass(import_string(form), _AnySpelling) for form in forms)


@spelled
def test_a_mailed_log_in_code(client: Client, alice: User, spelling) -> None:  # type: ignore[no-untyped-def]
    client.post("/accounts/login/code/", {"email": alice.email})
    answer = client.post("/accounts/login/code/confirm/", {"code": spelling(code_in(mail.outbox[-1]))})

    assert answer.status_code == 302
    assert "_auth_user_id" in client.session


@spelled
def test_a_mailed_reset_code(client: Client, alice: User, spelling) -> None:  # type: ignore[no-untyped-def]
    client.post("/accounts/password/reset/", {"email": alice.email})
    answer = client.post("/accounts/password/reset/confirm/", {"code": spelling(code_in(mail.outbox[-1]))})

    assert answer.status_code == 302


@spelled
def test_a_code_of_an_app_and_a_recovery_code(alice: User, spelling) -> None:  # type: ignore[no-untyped-def]
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(alice, secret)
    RecoveryCodes.activate(alice)
    middle = sorted(totp.yield_hotp_counters_from_time())[1]
    app = totp.format_hotp_value(totp.hotp_value(secret, middle))
    recovery = Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()[0]

    for code in (app, recovery):
        client = Client()
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
        assert "_auth_user_id" not in client.session
        client.post("/accounts/2fa/authenticate/", {"code": spelling(code)})
        assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("١٢٣٤٥٦", "123456"),
        ("१२३ ४५६", "123456"),
        ("ＢＣＤＦ－ＧＨＪＫ", "BCDFGHJK"),
        ("«BCDF-GHJK».", "BCDFGHJK"),
        ("", ""),
        ("\u00a0", ""),
    ],
)
def test_what_is_left_of_a_spelling(typed: str, plain: str) -> None:
    assert codes.plain(typed) == plain

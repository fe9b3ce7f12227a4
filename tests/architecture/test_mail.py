"""Who sends mail, and to whom: people are written to at addresses that they proved to be theirs."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "billing", "editor", "generation", "image2", "privacy")
# Every module of ours that hands a message to Django's mail, and whose address is on it.
SENDERS = {
    "image2/lib/mail/messages.py": "accounts.mail gives it a verified address",
    "image2/lib/mail/backend.py": "a backend: writes what others send into the data folder",
    "billing/purchases/extra_plans.py": "the operator",
    "billing/ledger/verification.py": "the operator",
    "billing/purchases/reconciliation.py": "the operator",
}
# Who gives `send_letter` an address.
ADDRESSING = {
    "accounts/mail.py": "an address that the person verified",
    # A visitor gets what staff wrote to them, and nothing automatic before the address proved itself.
    "privacy/support/mailing.py": "the operator and visitors (tests/privacy/support/)",
}
# Mail of signing up, logging in and changing an address goes through allauth: it is what proves an address.
ALLAUTH = {"accounts/adapter.py"}


def test_no_other_module_sends_mail() -> None:
    found = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "django.core.mail" in _imports(path)
    }
    assert found == set(SENDERS)


def test_a_mass_mail_is_never_addressed_by_hand() -> None:
    """`user.email` is what somebody typed; it stands in no module that sends mail."""
    for path in {*SENDERS, *ALLAUTH, *ADDRESSING}:
        names = {
            node.attr
            for node in ast.walk(ast.parse((ROOT / path).read_text()))
            if isinstance(node, ast.Attribute)
        }
        allowed = {"email"} if path == "privacy/support/mailing.py" else set()  # of a ticket, not of a person
        assert "email" not in names - allowed, path


def test_no_other_module_says_where_a_letter_goes() -> None:
    found = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "send_letter(" in path.read_text(encoding="utf-8")
    }
    assert found - {"image2/lib/mail/messages.py"} == set(ADDRESSING)


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found

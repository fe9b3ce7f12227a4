"""Billing's settings: what a new person gets, and for whom that does not hold."""

from pathlib import Path

import environ

_env = environ.Env()

WELCOME_CREDITS = _env.int("WELCOME_CREDITS", default=100)
# Throw-away mailboxes get no welcome credits. The list in the file, and the operator's own additions.
DISPOSABLE_EMAIL_DOMAINS = frozenset(
    line
    for line in (Path(__file__).parent / "disposable_domains.txt").read_text().split()
    if not line.startswith("#")
) | frozenset(domain.lower() for domain in _env.list("DISPOSABLE_EMAIL_DOMAINS", default=[]))

"""Every use of a cache says whether it may be forgotten: what is new here has to be decided."""

from __future__ import annotations

import ast
from pathlib import Path

import allauth
import pytest

ROOT = Path(__file__).resolve().parents[2]
THEIRS = Path(allauth.__file__).parent

# Must last: uses the default cache.
LASTS = {
    "image2/lib/http/rate_limits.py": "limits of routes that anybody may call, and tries of mailed codes",
    "image2/lib/observing/last_checks.py": "what the regular comparisons found, until the next one",
    "image2/lib/mail/failures.py": "how many mails weren't sent on a day; one row a day",
    "accounts/sign_in/second_factor_forms.py": "used codes of authenticator apps, for as long as they are good",
    "allauth/core/internal/ratelimit.py": "limits of logging in, signing up, codes, reset, and their locks",
    "allauth/socialaccount/internal/jwtkit.py": "answers of Google that were used",
    "allauth/mfa/totp/internal/auth.py": "codes of authenticator apps that were used",
}
# May be forgotten at any moment: uses the cache named "forgetful".
MAY_BE_FORGOTTEN = {
    "accounts/middleware.py": "that a session was recorded recently; else it is recorded again",
    "billing/plans/offers.py": "prices read from Stripe; without them it is asked again",
    "image2/website/operator/by_day.py": "totals by day of the operator's page; else they are counted again",
    "generation/files/downloads.py": "that signing failed a moment ago; else it is tried again",
    "generation/jobs/estimates.py": "how fast pictures were; else it is measured again",
}
PARTS_OF_ALLAUTH = (
    *("account", "core", "mfa", "usersessions"),
    *("socialaccount/internal", "socialaccount/providers/google", "socialaccount/providers/github"),
)


def modules() -> list[tuple[str, Path]]:
    ours = [
        path
        for app in ("accounts", "billing", "editor", "generation", "image2", "privacy")
        for path in (ROOT / app).rglob("*.py")
    ]
    theirs = [path for part in PARTS_OF_ALLAUTH for path in (THEIRS / part).rglob("*.py")]
    return [(str(path.relative_to(ROOT)), path) for path in ours] + [
        (str(path.relative_to(THEIRS.parent)), path) for path in theirs if "tests" not in path.parts
    ]


def imported_from_caches(path: Path) -> set[str]:
    text = path.read_text()
    if "django.core.cache" not in text:  # to read a file as Python takes ten times as long
        return set()
    return {
        alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.module == "django.core.cache"
        for alias in node.names
    }


USES = {name: names for name, path in modules() if (names := imported_from_caches(path))}


def test_every_use_of_a_cache_is_in_one_of_the_two_lists() -> None:
    assert set(USES) == LASTS.keys() | MAY_BE_FORGOTTEN.keys()


@pytest.mark.parametrize("name", sorted(MAY_BE_FORGOTTEN))
def test_what_may_be_forgotten_does_not_burden_the_table(name: str) -> None:
    assert USES[name] == {"caches"}
    assert 'caches["forgetful"]' in (ROOT / name).read_text()


@pytest.mark.parametrize("name", sorted(LASTS))
def test_what_must_last_uses_the_default_cache(name: str) -> None:
    assert USES[name] == {"cache"}

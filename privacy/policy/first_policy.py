"""The first version of the policy, as the migration publishes it; privacy.policy.shipped continues from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

VERSION = "1"
TEXT = Path(__file__).resolve().parent.parent / "texts" / "1.md"
EFFECTIVE = datetime(2026, 11, 1, tzinfo=UTC)


def ensure(policy_versions: Any) -> None:
    """Publish it where there is no version at all (a fresh database, or one that a test emptied)."""
    if policy_versions.exists():
        return
    policy_versions.create(
        version=VERSION,
        published_at=EFFECTIVE,
        effective_at=EFFECTIVE,
        summary="The first version.",
        body=TEXT.read_text(encoding="utf-8"),
        requires_acceptance=True,
    )

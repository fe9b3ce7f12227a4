"""The first version of the policy: there must be one to accept before the first person signs up. Never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

VERSION = "1"
TEXT = Path(__file__).resolve().parent / "texts" / "1.md"
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


def ensure_after_migrate(sender: Any, using: str, **_more: Any) -> None:
    """Django's flush empties the table and then sends this signal, as ``migrate`` does."""
    ensure(sender.get_model("PolicyVersion").objects.using(using))

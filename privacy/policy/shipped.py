"""The texts of the policy that come with the program: a new site starts with the newest, a live one gets a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import connections
from django.utils import timezone

_TEXTS: Final = Path(__file__).resolve().parent.parent / "texts"
# Where a draft starts: more than people must be given, and the operator's to change.
_DRAFT_AHEAD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Text:
    """One shipped text. Features ask for its number (``accounts.people.policies.in_force``); it never changes."""

    number: int
    shipped: datetime
    summary: str

    @property
    def body(self) -> str:
        return (_TEXTS / f"{self.number}.md").read_text(encoding="utf-8")


TEXTS: Final = (
    Text(1, datetime(2026, 11, 1, tzinfo=UTC), "The first version."),
    Text(
        2,
        datetime(2026, 11, 28, tzinfo=UTC),
        "Names every cookie in a table, and what is kept against abuse: counts by network, counters of failed log-ins, "
        "browsers that logged in before, and a fingerprint of a mailbox that had welcome credits. Uploads are kept "
        "without the original file, and unused ones are deleted after 30 days. Prompts are deleted with the last "
        "picture of their job. You can withdraw consent to training for pictures already made. We notify you when our "
        "staff opened one of your pictures.",
    ),
    Text(
        3,
        datetime(2026, 11, 28, tzinfo=UTC),
        "Names what the editor keeps: the steps of your documents, their own copies of pictures, and a copy of both in "
        "your browser.",
    ),
    Text(
        4,
        datetime(2026, 11, 29, tzinfo=UTC),
        "You can delete your account yourself, with 14 days to change your mind; a record without your name stays. "
        "Support is a conversation in the page and by e-mail, pictures sent by e-mail are kept with your ticket, "
        "and you can delete tickets. You can see and delete your usage data, restrict your account, and read what "
        "you may do with a picture. Says when a picture can be made unreachable, how pictures are exported for "
        "training if you allowed it, that you confirm your age when you sign up, what is kept if you log in with "
        "Google or GitHub, and that you can have a profile picture.",
    ),
    Text(
        5,
        datetime(2026, 11, 30, tzinfo=UTC),
        "Nothing new is kept; some of it is said more exactly. Names the texts and the orders to a model in a document "
        "of the editor, and how long those are kept; says that messages to support and codes are counted against "
        "abuse; and that of a passkey we have only the public half, which isn't encrypted since it opens nothing.",
    ),
)
NEWEST: Final = TEXTS[-1]


def ensure(policy_versions: Any, *, has_people: bool) -> None:
    """See to it that the newest text is there: published where nobody agreed to another one yet, else as a draft.

    What is published stays as it is. The operator of a live site reads the draft, sets its day and publishes it.
    """
    if policy_versions.filter(covers__gte=NEWEST.number).exists():
        return
    # Right after the migrations of a new database there is the first text, which nobody was shown.
    if has_people or policy_versions.exclude(version="1", body=TEXTS[0].body).exists():
        policy_versions.create(
            version=_free_number(policy_versions),
            effective_at=timezone.now() + _DRAFT_AHEAD,
            summary=NEWEST.summary,
            body=NEWEST.body,
            covers=NEWEST.number,
        )
        return
    policy_versions.all().delete()
    policy_versions.create(
        version=str(NEWEST.number),
        published_at=NEWEST.shipped,
        effective_at=NEWEST.shipped,
        summary=TEXTS[0].summary,
        body=NEWEST.body,
        covers=NEWEST.number,
        requires_acceptance=True,
    )


def ensure_after_migrate(sender: Any, using: str, **_more: Any) -> None:
    """Django's flush empties the tables and then sends this signal, as ``migrate`` does."""
    versions = sender.get_model("PolicyVersion").objects.using(using)
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        table = versions.model._meta.db_table  # noqa: SLF001  (Django's documented way)
        if table not in tables or "accounts_user" not in tables:
            return
        columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
        cursor.execute("SELECT EXISTS (SELECT 1 FROM accounts_user)")
        has_people = bool(cursor.fetchone()[0])
    if "covers" in columns:  # not half-way through the migrations
        ensure(versions, has_people=has_people)


def _free_number(policy_versions: Any) -> str:
    taken = {
        int(version) for version in policy_versions.values_list("version", flat=True) if version.isdecimal()
    }
    return str(max(taken, default=0) + 1)

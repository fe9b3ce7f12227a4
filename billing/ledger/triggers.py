"""The database itself refuses to change what was written: triggers for PostgreSQL and SQLite, ensured and verified.

Django's table rebuild on SQLite drops triggers without a word, so they are made after every ``migrate`` rather than in
one migration. A trigger's name carries a hash of its text: an outdated one is replaced, an existing one left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "keep_"
_REFUSAL = "the ledger is append-only"


# Book-keeping and tax law ask for so many years. What is older and has no owner may be deleted, nothing else.
KEPT_YEARS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What the database refuses: a change of a table's rows, always or only ``when`` something holds."""

    table: str
    action: str  # UPDATE or UPDATE OF columns
    when: str = ""


RULES: Sequence[Rule] = (
    Rule(table="billing_entry", action="UPDATE"),
    # Who wrote a line and why are personal data, which an erasure may empty. Nothing else may change.
    Rule(
        table="billing_transaction",
        action="UPDATE OF id, account_id, number, kind, ref, idempotency_key, request_hash,"
        " available_after, held_after, debt_after, created_at",
    ),
    Rule(
        table="billing_grant",
        action="UPDATE OF id, account_id, source, source_ref, amount, priority, expires_at, created_at",
    ),
    Rule(table="billing_hold", action="UPDATE", when="OLD.state <> 'open'"),
    Rule(table="billing_hold", action="UPDATE OF id, account_id, ref, amount, created_at"),
    Rule(table="billing_holdpart", action="UPDATE"),
)
# Which account the rows of each table belong to; with that, whether they may be deleted.
ACCOUNTS: Mapping[str, str] = {
    "billing_account": "OLD.id",
    "billing_entry": "(SELECT account_id FROM billing_transaction WHERE id = OLD.transaction_id)",
    "billing_grant": "OLD.account_id",
    "billing_hold": "OLD.account_id",
    "billing_holdpart": "(SELECT account_id FROM billing_hold WHERE id = OLD.hold_id)",
    "billing_transaction": "OLD.account_id",
}

# True for an account with an owner, or with anything that isn't older than those years.
_KEPT = """EXISTS (
    SELECT 1 FROM billing_account a WHERE a.id = {account} AND (
        a.user_id IS NOT NULL OR a.created_at > {limit}
        OR EXISTS (SELECT 1 FROM billing_transaction t WHERE t.account_id = a.id AND t.created_at > {limit})
    )
)"""
_LIMITS = {
    "sqlite": f"datetime('now', '-{KEPT_YEARS} years')",
    "postgresql": f"now() - interval '{KEPT_YEARS} years'",
}

_POSTGRESQL_FUNCTIONS = """
CREATE OR REPLACE FUNCTION billing_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE FUNCTION billing_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(delta) FROM billing_entry WHERE transaction_id = NEW.transaction_id) <> 0 THEN
        RAISE EXCEPTION 'the entries of transaction % do not sum to zero', NEW.transaction_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""


def ensure(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers that are not there, and drop outdated ones of ours."""
    wanted, present = wanted_triggers(connection.vendor), present_triggers(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and wanted.keys() - present.keys():
            cursor.execute(_POSTGRESQL_FUNCTIONS)
            for table in ACCOUNTS:
                cursor.execute(_refusing_kept(table))
        for name in present.keys() - wanted.keys():
            cursor.execute(drop_statement(connection.vendor, name, present[name]))
        for name in wanted.keys() - present.keys():
            cursor.execute(wanted[name])


def missing(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the triggers that should be there and are not."""
    return wanted_triggers(connection.vendor).keys() - present_triggers(connection).keys()


def wanted_triggers(vendor: str) -> Mapping[str, str]:
    """Return the statement that makes each trigger, by its name."""
    bodies = _sqlite() if vendor == "sqlite" else _postgresql()
    return {name: body.replace("{name}", name) for body in bodies for name in [_name(body)]}


def present_triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the table of each trigger of ours that is there and switched on, by its name."""
    query = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
        if connection.vendor == "sqlite"
        else "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND tgname LIKE %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [f"{PREFIX}%"])
        return dict(cursor.fetchall())


def drop_statement(vendor: str, name: str, table: str) -> str:
    return f"DROP TRIGGER {name}" if vendor == "sqlite" else f"DROP TRIGGER {name} ON {table}"


def _sqlite() -> list[str]:
    changes = [
        f"CREATE TRIGGER {{name}} BEFORE {rule.action} ON {rule.table}{f' WHEN {rule.when}' if rule.when else ''} "
        f"BEGIN {_abort(rule.table)}; END"
        for rule in RULES
    ]
    deletions = [
        f"CREATE TRIGGER {{name}} BEFORE DELETE ON {table} WHEN {_kept(account, 'sqlite')} BEGIN {_abort(table)}; END"
        for table, account in ACCOUNTS.items()
    ]
    return [*changes, *deletions]


def _abort(table: str) -> str:
    return f"SELECT RAISE(ABORT, '{_REFUSAL} ({table})')"


def _kept(account: str, vendor: str) -> str:
    return _KEPT.format(account=account, limit=_LIMITS[vendor])


def _postgresql() -> list[str]:
    rows = [
        f"CREATE TRIGGER {{name}} BEFORE {rule.action} ON {rule.table} FOR EACH ROW "
        f"{f'WHEN ({rule.when}) ' if rule.when else ''}EXECUTE FUNCTION billing_refuse()"
        for rule in RULES
    ]
    deletions = [
        f"CREATE TRIGGER {{name}} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {_function(table)}()"
        for table in ACCOUNTS
    ]
    emptied = [
        f"CREATE TRIGGER {{name}} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse()"
        for table in sorted(ACCOUNTS)
    ]
    # Only PostgreSQL can look at a whole transaction when it commits. On SQLite the audit does it.
    balanced = (
        "CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON billing_entry DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION billing_entries_balance()"
    )
    return [*rows, *deletions, *emptied, balanced]


def _function(table: str) -> str:
    """With a hash of what it asks in its name, and so in the trigger's text: when that changes, both are made anew."""
    asked = hashlib.sha256(_kept(ACCOUNTS[table], "postgresql").encode()).hexdigest()[:8]
    return f"billing_refuse_kept_{table.removeprefix('billing_')}_{asked}"


def _refusing_kept(table: str) -> str:
    """A function of PostgreSQL, whose triggers can't ask other tables by themselves."""
    return f"""
CREATE OR REPLACE FUNCTION {_function(table)}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_kept(ACCOUNTS[table], "postgresql")} THEN
        RAISE EXCEPTION '{_REFUSAL} (DELETE on {table})' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
"""


def _name(body: str) -> str:
    return PREFIX + hashlib.sha256(body.encode()).hexdigest()[:16]

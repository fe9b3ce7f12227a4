"""System checks of billing: the plans can be read, and the ledger's triggers are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  (Django's name)
from django.db import connections

from billing.ledger import triggers
from billing.plans import definitions
from billing.plans.file import PlansError


@register()
def plans_can_be_read(**_options: Any) -> list[CheckMessage]:
    try:
        definitions.plans()
    except PlansError as error:
        hint = "billing/plans/plans.toml shows how it is written."
        return [Error(f"IMAGE2_PLANS: {error}", hint=hint, id="billing.E001")]
    return []


@register(Tags.database)
def ledger_is_append_only(*, databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Say which tables could be changed behind the ledger's back.

    A warning, since ``migrate`` runs this check before it puts the triggers back; an error would stop the repair.
    """
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if "billing_entry" not in connection.introspection.table_names():
            continue  # not migrated yet
        if lost := triggers.missing(connection):
            found.append(
                Warning(
                    f"{len(lost)} triggers that keep the ledger append-only are missing in the database “{alias}”.",
                    hint="Run “manage.py migrate”: it makes them.",
                    id="billing.W001",
                )
            )
    return found

"""Earlier lines of the audit log join the chain, oldest first."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import migrations

from accounts.staff.audit_chain import BEGINNING, BEGUN_AT, chain_hash, line_hash

_BATCH = 500


def join(apps: Any, _schema_editor: Any) -> None:
    lines = apps.get_model("accounts", "AuditLine").objects
    links = apps.get_model("accounts", "AuditLink").objects
    links.get_or_create(number=0, defaults={"at": BEGUN_AT, "line_hash": "", "chain_hash": BEGINNING})
    while batch := list(lines.filter(number=None).order_by("at", "pk")[:_BATCH]):
        for line in batch:
            last = links.order_by("-number")[0]
            line.number, line.salt = last.number + 1, secrets.token_hex(16)
            line.save(update_fields=["number", "salt"])
            hashed = line_hash(line)
            links.create(
                number=line.number,
                at=line.at,
                line_hash=hashed,
                chain_hash=chain_hash(last.chain_hash, line.number, line.at, hashed),
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_audit_links")]

    operations = [migrations.RunPython(join, migrations.RunPython.noop)]

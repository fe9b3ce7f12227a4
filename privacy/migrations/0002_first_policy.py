"""The first version of the privacy policy, so that there is one to accept before the first person signs up."""

from datetime import datetime, UTC
from pathlib import Path

from django.db import migrations

TEXT = Path(__file__).resolve().parent.parent / "texts" / "1.md"
EFFECTIVE = datetime(2026, 11, 1, tzinfo=UTC)


def publish(apps, schema_editor):
    apps.get_model("privacy", "PolicyVersion").objects.get_or_create(
        version="1",
        defaults={
            "published_at": EFFECTIVE,
            "effective_at": EFFECTIVE,
            "summary": "The first version.",
            "body": TEXT.read_text(encoding="utf-8"),
            "requires_acceptance": True,
        },
    )


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]

    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]

"""Whether the editor shows hints."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_more_preferences")]

    operations = [
        migrations.AddField(
            model_name="preferences",
            name="hints",
            field=models.BooleanField(db_default=True, default=True, verbose_name="hints in the editor"),
        ),
    ]

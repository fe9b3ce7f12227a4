"""People may have a picture of their own; the column names its version."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_chain_of_earlier_lines")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="avatar",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=12,
                verbose_name="profile picture",
            ),
        )
    ]

"""Models that staff switched off, and what workers say of theirs."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0019_operator_page"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelSwitch",
            fields=[
                ("model", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("switched_off_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"verbose_name": "model", "verbose_name_plural": "models"},
        ),
        migrations.AddField(
            model_name="worker",
            name="models",
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
    ]

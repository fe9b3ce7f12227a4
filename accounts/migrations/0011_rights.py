"""Restriction of processing, and what else is kept about a person's choices: a browser's signal, the minimum age."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_closed")]

    operations = [
        migrations.AddField(
            model_name="preferences",
            name="restricted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="restricted since"),
        ),
        migrations.AlterField(
            model_name="consent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("training", "Training"),
                    ("training_made", "Training Made"),
                    ("usage_data", "Usage Data"),
                    ("usage_signal", "Usage Signal"),
                    ("processing", "Processing"),
                    ("age", "Age"),
                ],
                max_length=20,
            ),
        ),
    ]

"""A released hold is «returned» in the lines of the account."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_plans_ended_at_once")]

    operations = [
        migrations.AlterField(
            "transaction",
            "kind",
            models.CharField(
                choices=[
                    ("grant", "granted"),
                    ("hold", "reserved"),
                    ("capture", "charged"),
                    ("release", "returned"),
                    ("expire", "expired"),
                    ("refund", "refunded"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
    ]

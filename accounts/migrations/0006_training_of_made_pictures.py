"""A decision of its own: training withdrawn from what was already made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_known_browsers")]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("training", "Training"),
                    ("training_made", "Training Made"),
                    ("usage_data", "Usage Data"),
                ],
                max_length=20,
            ),
        ),
    ]

"""Example pictures of the operator's models."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0022_segment"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelExample",
            fields=[
                ("model", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("source", models.CharField(max_length=500)),
                ("revision", models.CharField(blank=True, max_length=40)),
                ("variant", models.CharField(blank=True, max_length=60)),
                ("weights", models.CharField(max_length=100)),
                ("prompt", models.CharField(max_length=200)),
                ("seed", models.PositiveBigIntegerField()),
                ("image", models.BinaryField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
    ]

"""A control picture has a role of its own. The choices of a field are no part of the table: nothing is written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0024_job_needs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="lineage",
            name="role",
            field=models.CharField(
                choices=[
                    ("reference", "Reference"),
                    ("upscale", "Upscale"),
                    ("edit", "Edit"),
                    ("mask", "Mask"),
                    ("control", "Control"),
                ],
                max_length=20,
            ),
        ),
    ]

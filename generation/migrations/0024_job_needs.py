"""Jobs name the files beside their model that they need, so that they go to a worker that has them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0023_model_examples"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="needs",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
    ]

"""Which shipped text a version covers: features that collect something new ask for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_first_policy")]

    operations = [
        migrations.AddField(
            model_name="policyversion",
            name="covers",
            field=models.PositiveSmallIntegerField(
                default=1,
                help_text="The number of the shipped text whose collection of data this one describes. What came later stays off.",
                verbose_name="covers shipped text",
            ),
        ),
    ]

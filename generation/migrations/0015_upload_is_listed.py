from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0014_notified_and_deleted"),
    ]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="is_listed",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
    ]

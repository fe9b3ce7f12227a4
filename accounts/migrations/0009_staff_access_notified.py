"""The name that the glossary gives it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_time_zone")]

    operations = [
        migrations.RemoveIndex("staffaccess", "staff_access_untold"),
        migrations.RenameField("staffaccess", "told_at", "notified_at"),
        migrations.AddIndex(
            "staffaccess",
            models.Index(
                fields=["opened_at"],
                condition=models.Q(notified_at__isnull=True),
                name="staff_access_to_notify",
            ),
        ),
    ]

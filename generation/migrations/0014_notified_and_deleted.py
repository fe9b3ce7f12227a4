"""The names that the glossary gives them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0013_picture_kept")]

    operations = [
        migrations.RemoveConstraint("pictureend", "picture_told_before_its_end"),
        migrations.RenameField("pictureend", "told_at", "notified_at"),
        migrations.AddConstraint(
            "pictureend",
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("notified_at")),
                name="picture_notified_before_its_end",
            ),
        ),
        migrations.RemoveIndex("job", "job_made_nothing"),
        migrations.RenameField("job", "words_deleted_at", "request_deleted_at"),
        migrations.AddIndex(
            "job",
            models.Index(
                fields=["finished_at"],
                condition=models.Q(state__in=["failed", "cancelled"], request_deleted_at__isnull=True),
                name="job_made_nothing",
            ),
        ),
    ]

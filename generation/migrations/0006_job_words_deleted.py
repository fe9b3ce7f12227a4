"""When the words of a job were deleted, and an index of the jobs that made nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0005_no_originals")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="words_deleted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["failed", "cancelled"]), ("words_deleted_at__isnull", True)
                ),
                fields=["finished_at"],
                name="job_made_nothing",
            ),
        ),
    ]

"""Uploads that staff made unreachable; a decision names a picture or an upload."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0017_avatars")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="taken_down_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                condition=models.Q(("taken_down_at__isnull", False)),
                fields=["taken_down_at"],
                name="upload_taken_down",
            ),
        ),
        migrations.AlterField(
            model_name="takedown",
            name="picture_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="takedown",
            name="upload_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="takedown",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("picture_id__isnull", False), ("upload_id__isnull", True)),
                    models.Q(("picture_id__isnull", True), ("upload_id__isnull", False)),
                    _connector="OR",
                ),
                name="take_down_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="takedown",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("upload_id",),
                name="take_down_of_upload_once",
            ),
        ),
    ]

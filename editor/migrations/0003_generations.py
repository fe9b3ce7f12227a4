import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("editor", "0002_flattened"),
        ("generation", "0015_upload_is_listed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Generation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("operation", models.UUIDField()),
                ("tool", models.CharField(max_length=20)),
                ("model", models.CharField(max_length=60)),
                ("asked", models.JSONField()),
                ("price", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("preparing", "Preparing"),
                            ("submitted", "Submitted"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="preparing",
                        max_length=10,
                    ),
                ),
                ("sentence", models.CharField(blank=True, max_length=300)),
                ("box", models.JSONField(blank=True, null=True)),
                ("place", models.JSONField(blank=True, null=True)),
                ("mask", models.CharField(blank=True, max_length=64)),
                ("used", models.JSONField(blank=True, default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="generations",
                        to="editor.document",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="generation.job",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["finished_at"], name="generation_finished")],
                "constraints": [models.UniqueConstraint(fields=("document", "uid"), name="generation_once")],
            },
        ),
        migrations.AddField(
            model_name="run",
            name="generation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="runs",
                to="editor.generation",
            ),
        ),
        migrations.AlterField(
            model_name="run",
            name="kind",
            field=models.CharField(
                choices=[
                    ("replay", "Replay"),
                    ("check", "Check"),
                    ("export", "Export"),
                    ("flatten", "Flatten"),
                    ("generate", "Generate"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="asset",
            name="role",
            field=models.CharField(
                choices=[
                    ("picture", "Picture"),
                    ("mask", "Mask"),
                    ("tiles", "Tiles"),
                    ("thumbnail", "Thumbnail"),
                ],
                max_length=10,
            ),
        ),
    ]

"""The tables and columns of the search. Columns without a default and without foreign keys: no row is read or written."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0008_turns_and_used_uploads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchSegment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "listing",
                    models.CharField(
                        choices=[("newest", "Newest"), ("favourites", "Favourites")], max_length=10
                    ),
                ),
                ("newest_at", models.DateTimeField()),
                ("oldest_at", models.DateTimeField()),
                ("entries", models.BinaryField()),
                ("stale", models.BooleanField(default=False)),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner", "listing", "-newest_at"], name="search_segment_newest"),
                    models.Index(
                        condition=models.Q(("stale", True)), fields=["stale"], name="search_segment_stale"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchToken",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "segment_id", "token", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token", models.BinaryField()),
                ("positions", models.BinaryField()),
                (
                    "segment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="generation.searchsegment",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="picture", name="search_text", field=models.TextField(editable=False, null=True)
        ),
        migrations.AddField(
            model_name="picture",
            name="search_segment",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="picture",
            name="favourite_segment",
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]

"""How many pictures at once, and how the editor begins; AVIF as the usual format."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_avatar")]

    operations = [
        migrations.RemoveConstraint(model_name="preferences", name="preferences_format"),
        migrations.AddField(
            model_name="preferences",
            name="count",
            field=models.CharField(blank=True, db_default="", max_length=2, verbose_name="pictures at once"),
        ),
        migrations.AddField(
            model_name="preferences",
            name="pen_pressure",
            field=models.CharField(
                choices=[
                    ("size", "Size of the stroke"),
                    ("flow", "Flow of the paint"),
                    ("both", "Both"),
                    ("none", "Nothing"),
                ],
                db_default="size",
                default="size",
                max_length=4,
                verbose_name="what a pen's pressure changes",
            ),
        ),
        migrations.AddField(
            model_name="preferences",
            name="pixel_grid",
            field=models.BooleanField(db_default=True, default=True, verbose_name="pixel grid in the editor"),
        ),
        migrations.AlterField(
            model_name="preferences",
            name="format",
            field=models.CharField(
                choices=[
                    ("png", "PNG: exact, large"),
                    ("jpeg", "JPEG: opens everywhere, smaller"),
                    ("webp", "WebP: smaller still"),
                    ("avif", "AVIF: smallest"),
                ],
                default="png",
                max_length=4,
                verbose_name="download format",
            ),
        ),
        migrations.AddConstraint(
            model_name="preferences",
            constraint=models.CheckConstraint(
                condition=models.Q(("format__in", ["png", "jpeg", "webp", "avif"])), name="preferences_format"
            ),
        ),
        migrations.AddConstraint(
            model_name="preferences",
            constraint=models.CheckConstraint(
                condition=models.Q(("pen_pressure__in", ["size", "flow", "both", "none"])),
                name="preferences_pen_pressure",
            ),
        ),
    ]

"""Pictures that staff made unreachable, and the decisions as their owners read them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import image2.lib.ids


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0015_upload_is_listed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="picture",
            name="taken_down_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("taken_down_at__isnull", False)),
                fields=["taken_down_at"],
                name="picture_taken_down",
            ),
        ),
        migrations.CreateModel(
            name="TakeDown",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=image2.lib.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("picture_id", models.UUIDField()),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("person", "It shows somebody who doesn't want that"),
                            ("rights", "It breaks somebody's copyright, brand or design"),
                            ("hate", "It threatens, harasses or incites hatred"),
                            ("child", "It sexualises a child"),
                            ("deceit", "It is made to deceive"),
                            ("law", "Another law forbids it, or an authority ordered it"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("statement", models.TextField(verbose_name="statement")),
                (
                    "taken_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="taken down"
                    ),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted")),
                ("notified_at", models.DateTimeField(blank=True, null=True)),
                ("lift_notified_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="take_downs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "take-down",
                "indexes": [
                    models.Index(fields=["person", "-taken_at"], name="take_down_of_person"),
                    models.Index(
                        condition=models.Q(
                            ("notified_at__isnull", True),
                            models.Q(("lift_notified_at__isnull", True), ("lifted_at__isnull", False)),
                            _connector="OR",
                        ),
                        fields=["taken_at"],
                        name="take_down_to_notify",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("statement", ""), _negated=True), name="take_down_says_why"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("picture_id",),
                        name="take_down_once",
                    ),
                ],
            },
        ),
    ]

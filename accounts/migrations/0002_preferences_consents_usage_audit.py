"""Preferences, consents, usage events and the audit log."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Preferences",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="preferences",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("model", models.CharField(blank=True, max_length=60, verbose_name="model")),
                ("shape", models.CharField(blank=True, max_length=10, verbose_name="shape")),
                ("size", models.CharField(blank=True, max_length=4, verbose_name="size")),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("png", "PNG: exact, large"),
                            ("jpeg", "JPEG: opens everywhere, smaller"),
                            ("webp", "WebP: smallest"),
                        ],
                        default="png",
                        max_length=4,
                        verbose_name="download format",
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        choices=[("system", "Like my device"), ("light", "Light"), ("dark", "Dark")],
                        default="system",
                        max_length=6,
                        verbose_name="theme",
                    ),
                ),
                (
                    "recipe_in_downloads",
                    models.BooleanField(default=True, verbose_name="recipe in downloaded files"),
                ),
                (
                    "training_allowed",
                    models.BooleanField(default=False, verbose_name="pictures may be used for training"),
                ),
                ("usage_data", models.BooleanField(default=True, verbose_name="usage data")),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name_plural": "preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["png", "jpeg", "webp"])), name="preferences_format"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("theme__in", ["system", "light", "dark"])),
                        name="preferences_theme",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actor_label", models.CharField(max_length=254)),
                ("action", models.CharField(max_length=60)),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.CharField(max_length=64)),
                ("subject_id", models.UUIDField(blank=True, null=True)),
                ("reason", models.TextField()),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="audit_lines",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-at"], name="audit_newest"),
                    models.Index(fields=["object_type", "object_id"], name="audit_object"),
                    models.Index(fields=["subject_id", "-at"], name="audit_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="audit_reason_given"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("training", "Training"), ("usage_data", "Usage Data")], max_length=20
                    ),
                ),
                ("granted", models.BooleanField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ip", models.GenericIPAddressField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "kind", "-at"], name="consent_newest")],
            },
        ),
        migrations.CreateModel(
            name="PolicyAcceptance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=20)),
                ("accepted_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ip", models.GenericIPAddressField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="policy_acceptances",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "version"), name="policy_accepted_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event", models.CharField(max_length=40)),
                ("details", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usage_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-at"], name="usage_of_person"),
                    models.Index(fields=["at"], name="usage_age"),
                ],
            },
        ),
    ]

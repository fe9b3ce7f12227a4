import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import image2.lib.ids


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0005_export"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("lease_owner", models.CharField(blank=True, max_length=120)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveBigIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "id",
                    models.UUIDField(
                        default=image2.lib.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_hash", models.CharField(max_length=64, verbose_name="hash of the account")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("closed", "closed"),
                            ("erasing", "being erased"),
                            ("done", "erased"),
                            ("reopened", "reopened"),
                        ],
                        default="closed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("person", "asked for by the person"),
                            ("operator", "asked for by the operator"),
                            ("restored", "came back with a backup"),
                        ],
                        default="person",
                        max_length=10,
                        verbose_name="cause",
                    ),
                ),
                ("was_active", models.BooleanField(default=True)),
                (
                    "ordered_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="closed"
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                ("plans_stopped_at", models.DateTimeField(blank=True, null=True)),
                ("begun_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="erased")),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="counts")),
                ("payment", models.CharField(blank=True, max_length=10, verbose_name="at Stripe")),
                ("last_object", models.BigIntegerField(blank=True, null=True)),
                ("address", models.EmailField(blank=True, max_length=254)),
                (
                    "receipt_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="hash of the receipt"),
                ),
                ("receipt_sent_at", models.DateTimeField(blank=True, null=True, verbose_name="receipt")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="erasures",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "deletion of an account",
                "verbose_name_plural": "deletions of accounts",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "erasing")),
                        fields=["not_before"],
                        name="erasure_working",
                    ),
                    models.Index(
                        condition=models.Q(("state", "closed")), fields=["due_at"], name="erasure_due"
                    ),
                    models.Index(fields=["account_hash"], name="erasure_of_account"),
                    models.Index(
                        condition=models.Q(("receipt_sent_at__isnull", True)),
                        fields=["finished_at"],
                        name="erasure_to_receipt",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("closed", "erasing"))),
                        fields=("user",),
                        name="erasure_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", False), ("state", "done")),
                            models.Q(
                                models.Q(("state", "done"), _negated=True), ("finished_at__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="erasure_finished_when_done",
                    ),
                ],
            },
        ),
    ]

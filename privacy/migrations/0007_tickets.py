"""Messages to support become tickets: the table is renamed and keeps its rows, and what it needs beside is added."""

import django.db.models.deletion
import django.utils.timezone
import privacy.support.tokens
from django.conf import settings
from django.db import migrations, models

CATEGORIES = [
    ("account", "My account"),
    ("billing", "Billing and credits"),
    ("picture", "A picture or a job"),
    ("fault", "Something doesn't work"),
    ("privacy", "Privacy: a question"),
    ("access", "Privacy: what you keep about me (access request)"),
    ("correction", "Privacy: correct my data"),
    ("erasure", "Privacy: delete my data"),
    ("restriction", "Privacy: restrict the use of my data"),
    ("objection", "Privacy: object to the use of my data"),
    ("abuse", "Report of a picture"),
    ("other", "Something else"),
]


def staff():
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


def number():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def now():
    return models.DateTimeField(default=django.utils.timezone.now, editable=False)


def of_ticket(name):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=name, to="privacy.ticket"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0006_erasure"),
        ("generation", "0015_upload_is_listed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="supportmessage", name="support_of_person"),
        migrations.RemoveIndex(model_name="supportmessage", name="support_open"),
        migrations.RenameModel("SupportMessage", "Ticket"),
        migrations.AlterModelOptions("ticket", {"verbose_name": "ticket"}),
        migrations.RenameField("ticket", "topic", "category"),
        migrations.AlterField(
            "ticket", "category", models.CharField(choices=CATEGORIES, max_length=12, verbose_name="category")
        ),
        migrations.AlterField(
            "ticket",
            "user",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tickets",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "ticket",
            "created_at",
            models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="written"),
        ),
        migrations.AlterField(
            "ticket", "closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")
        ),
        # From here on the text is in the messages; the next migration moves it there.
        migrations.AlterField("ticket", "message", models.TextField(default="")),
        migrations.AddField(
            "ticket",
            "state",
            models.CharField(
                choices=[("open", "Waiting for us"), ("waiting", "Waiting for you"), ("closed", "Closed")],
                default="open",
                max_length=8,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            "ticket",
            "picture",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="generation.picture",
            ),
        ),
        migrations.AddField(
            "ticket",
            "job",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="generation.job",
            ),
        ),
        migrations.AddField(
            "ticket",
            "waiting_since",
            models.DateTimeField(default=django.utils.timezone.now, verbose_name="waiting since"),
        ),
        migrations.AddField(
            "ticket", "answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")
        ),
        migrations.AddField(
            "ticket", "due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")
        ),
        migrations.AddField("ticket", "reminded_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("ticket", "address_proved_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("ticket", "automatic_mail_at", models.DateTimeField(blank=True, null=True)),
        # Each row gets one of its own before the last of these migrations makes them unique.
        migrations.AddField(
            "ticket",
            "reply_token",
            models.CharField(default=privacy.support.tokens.new_token, editable=False, max_length=32),
        ),
        migrations.CreateModel(
            name="TicketMessage",
            fields=[
                ("id", number()),
                ("ticket", of_ticket("messages")),
                (
                    "author",
                    models.CharField(choices=[("person", "Person"), ("staff", "Staff")], max_length=6),
                ),
                ("by_staff", staff()),
                ("text", models.TextField()),
                (
                    "via",
                    models.CharField(
                        choices=[("page", "Page"), ("mail", "Mail")], default="page", max_length=4
                    ),
                ),
                ("not_taken", models.TextField(blank=True)),
                ("created_at", now()),
                ("mail_due_at", models.DateTimeField(blank=True, null=True)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"verbose_name": "message of a ticket", "ordering": ["created_at", "pk"]},
        ),
        migrations.CreateModel(
            name="TicketNote",
            fields=[
                ("id", number()),
                ("ticket", of_ticket("notes")),
                ("by_staff", staff()),
                ("text", models.TextField()),
                ("created_at", now()),
            ],
            options={"verbose_name": "private note", "ordering": ["created_at", "pk"]},
        ),
        migrations.CreateModel(
            name="TicketAttachment",
            fields=[
                ("id", number()),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="privacy.ticketmessage",
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("format", models.CharField(default="png", max_length=12)),
                ("key", models.CharField(max_length=200, unique=True)),
                ("sha256", models.CharField(max_length=64)),
                ("bytes", models.PositiveBigIntegerField()),
                ("created_at", now()),
            ],
            options={"verbose_name": "attachment of a ticket"},
        ),
        migrations.CreateModel(
            name="CannedAnswer",
            fields=[
                ("id", number()),
                ("title", models.CharField(max_length=80, unique=True, verbose_name="title")),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=CATEGORIES,
                        help_text="Offered first for tickets of this category; for every ticket where it is empty.",
                        max_length=12,
                        verbose_name="category",
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
            ],
            options={"verbose_name": "canned answer", "ordering": ["title"]},
        ),
        migrations.CreateModel(
            name="InboundMail",
            fields=[
                ("id", number()),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("taken_at", now()),
            ],
            options={"verbose_name": "mail that was taken"},
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", number()),
                ("lease_owner", models.CharField(blank=True, max_length=120)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveBigIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("name", models.CharField(default="support", max_length=20, unique=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "mailbox of support",
                "verbose_name_plural": "mailboxes of support",
            },
        ),
        migrations.AddIndex("inboundmail", models.Index(fields=["taken_at"], name="inbound_taken")),
        migrations.AddIndex(
            "ticketmessage",
            models.Index(
                condition=models.Q(("mail_due_at__isnull", False)),
                fields=["mail_due_at"],
                name="ticket_mail_due",
            ),
        ),
        migrations.AddIndex("ticket", models.Index(fields=["user", "-created_at"], name="ticket_of_person")),
    ]

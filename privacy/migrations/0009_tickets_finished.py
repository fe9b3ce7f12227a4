"""The text is in the messages now; what holds for every ticket becomes a constraint."""

import privacy.support.tokens
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0008_tickets_copied")]

    operations = [
        migrations.RemoveField("ticket", "message"),
        migrations.AlterField(
            "ticket",
            "reply_token",
            models.CharField(
                default=privacy.support.tokens.new_token, editable=False, max_length=32, unique=True
            ),
        ),
        migrations.AddConstraint(
            "ticket",
            models.CheckConstraint(
                condition=models.Q(("closed_at__isnull", False), ("state", "closed"))
                | models.Q(("closed_at__isnull", True), ("state__in", ("open", "waiting"))),
                name="ticket_closed_has_time",
            ),
        ),
        migrations.AddConstraint(
            "ticket",
            models.CheckConstraint(
                condition=models.Q(("picture__isnull", True), ("job__isnull", True), _connector="OR"),
                name="ticket_about_one_thing",
            ),
        ),
        migrations.AddIndex(
            "ticket",
            models.Index(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=["due_at", "waiting_since"],
                name="ticket_queue",
            ),
        ),
        migrations.AddIndex(
            "ticket",
            models.Index(condition=models.Q(("state", "closed")), fields=["closed_at"], name="ticket_closed"),
        ),
    ]

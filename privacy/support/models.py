"""The tables of support: tickets with their messages, attached pictures and private notes, and canned answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from image2.lib.ids import new_id
from image2.lib.owned import OwnedQuerySet
from privacy.support.categories import Category, deadline
from privacy.support.tokens import new_token

if TYPE_CHECKING:
    from collections.abc import Collection


class TicketQuerySet(OwnedQuerySet["Ticket"]):
    def newest_first(self) -> TicketQuerySet:
        return self.order_by("-created_at", "-pk")

    def most_urgent_first(self) -> TicketQuerySet:
        """What the law sets a day for comes first, then who has waited longest."""
        return self.order_by(F("due_at").asc(nulls_last=True), "waiting_since", "pk")

    def unanswered(self) -> TicketQuerySet:
        return self.exclude(state=Ticket.State.CLOSED)

    def saying(self, words: str) -> TicketQuerySet:
        """Restrict to tickets in which somebody wrote these words, the staff's notes included."""
        messages = TicketMessage.objects.filter(ticket=OuterRef("pk"), text__icontains=words)
        notes = TicketNote.objects.filter(ticket=OuterRef("pk"), text__icontains=words)
        return self.filter(Exists(messages) | Exists(notes))


class Ticket(models.Model):
    """One question to support. Its state changes only in the methods below."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for us")
        WAITING = "waiting", _("Waiting for you")
        CLOSED = "closed", _("Closed")

    Category: ClassVar = Category

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Null for somebody who is not signed in (and may be unable to).
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="tickets"
    )
    # What a visitor typed, or the address of their mail; nothing automatic goes there before it is proved.
    email = models.EmailField(_("e-mail address"))
    category = models.CharField(_("category"), max_length=12, choices=Category.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    # At most one of the two: what the person chose to show.
    picture = models.ForeignKey(
        "generation.Picture", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    job = models.ForeignKey(
        "generation.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    # When the person last wrote without an answer yet: the order of the queue.
    waiting_since = models.DateTimeField(_("waiting since"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # Of a right that the law gives a month for, and when the operator was reminded of it.
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    # When a visitor's address proved itself: they followed the link, or replied to the answer, that was mailed there.
    address_proved_at = models.DateTimeField(null=True, blank=True)
    # When an automatic mail about this ticket last went out: loops of two machines end here.
    automatic_mail_at = models.DateTimeField(null=True, blank=True)
    reply_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)

    objects: ClassVar[TicketQuerySet] = TicketQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("ticket")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | Q(state__in=("open", "waiting"), closed_at__isnull=True),
                name="ticket_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(picture__isnull=True) | Q(job__isnull=True), name="ticket_about_one_thing"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="ticket_of_person"),
            models.Index(
                fields=["due_at", "waiting_since"], condition=~Q(state="closed"), name="ticket_queue"
            ),
            models.Index(fields=["closed_at"], condition=Q(state="closed"), name="ticket_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.category}"

    @property
    def number(self) -> str:
        """What people call it by: short, and the same in pages and mails."""
        return self.pk.hex[-8:].upper()

    @property
    def is_overdue(self) -> bool:
        return bool(self.due_at and self.state != self.State.CLOSED and self.due_at < timezone.now())

    def person_wrote(self, at: datetime) -> None:
        """Wait for us, from now unless they waited already. A closed ticket is opened again, with a new deadline."""
        if self.state == self.State.CLOSED:
            self.due_at, self.reminded_at = deadline(self.category, at), None
        if self.state != self.State.OPEN:
            self.waiting_since = at
        self.state, self.closed_at = self.State.OPEN, None
        self.save(update_fields=_OF_STATE)

    def staff_answered(self, at: datetime) -> None:
        """Wait for the person. A deadline stays until the ticket is closed: a question back is no answer."""
        self.state, self.answered_at, self.closed_at = self.State.WAITING, at, None
        self.save(update_fields=_OF_STATE)

    def close(self, at: datetime) -> None:
        if self.state != self.State.CLOSED:
            self.state, self.closed_at = self.State.CLOSED, at
            self.save(update_fields=_OF_STATE)

    def reopen(self, at: datetime) -> None:
        """Take it back into the queue; for the operator, who closed it by mistake. Its deadline is the old one."""
        if self.state == self.State.CLOSED:
            self.state, self.closed_at, self.waiting_since = self.State.OPEN, None, at
            self.save(update_fields=_OF_STATE)

    def move_to(self, category: str) -> None:
        """Change the category; the month counts from the day the person wrote."""
        if category != self.category:
            self.category, self.due_at = category, deadline(category, self.created_at)
            self.reminded_at = None
            self.save(update_fields=["category", "due_at", "reminded_at"])


_OF_STATE: Collection[str] = (
    *("state", "waiting_since", "answered_at", "closed_at", "due_at", "reminded_at"),
)


class TicketMessageQuerySet(OwnedQuerySet["TicketMessage"]):
    owner_path = "ticket__user"


class TicketMessage(models.Model):
    """What the person or the operator said in a ticket. Both of them see it."""

    class Author(models.TextChoices):
        PERSON = "person"
        STAFF = "staff"

    class Via(models.TextChoices):
        PAGE = "page"
        MAIL = "mail"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    author = models.CharField(max_length=6, choices=Author.choices)
    # Which member of staff; the person reads only that it was support.
    by_staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField()
    via = models.CharField(max_length=4, choices=Via.choices, default=Via.PAGE)
    # What of a mail wasn't taken, and why: one sentence a line, which both of them read.
    not_taken = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When its mail to the other side is due; null once it was sent, or where none can be.
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TicketMessageQuerySet] = TicketMessageQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("message of a ticket")
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(
                fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False), name="ticket_mail_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"


class TicketNote(models.Model):
    """What staff tell each other about a ticket. A table of its own: no page, mail or copy of a person reads it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="notes")
    by_staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("private note")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


class TicketAttachmentQuerySet(OwnedQuerySet["TicketAttachment"]):
    owner_path = "message__ticket__user"


class TicketAttachment(models.Model):
    """A picture that came with a mail, as ingest made it: a plain PNG. The row publishes the object."""

    message = models.ForeignKey(TicketMessage, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    format = models.CharField(max_length=12, default="png")
    key = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[TicketAttachmentQuerySet] = TicketAttachmentQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("attachment of a ticket")

    def __str__(self) -> str:
        return self.name


class CannedAnswer(models.Model):
    """A text that the operator answers with again and again."""

    title = models.CharField(_("title"), max_length=80, unique=True)
    category = models.CharField(
        _("category"),
        max_length=12,
        choices=Category.choices,
        blank=True,
        help_text=_("Offered first for tickets of this category; for every ticket where it is empty."),
    )
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("canned answer")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

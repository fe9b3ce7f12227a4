"""The tables of privacy: versions of the policy and notices, copies of one's data, erasures; support has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from image2.lib.ids import new_id
from image2.lib.leases import Leased
from image2.lib.owned import OwnedQuerySet
from privacy.support.inbound.models import InboundMail, Mailbox
from privacy.support.models import CannedAnswer, Ticket, TicketAttachment, TicketMessage, TicketNote

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Expression


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def in_force(self, at: datetime | None = None) -> PolicyVersionQuerySet:
        """What has taken effect, newest first: the first one is the policy of today."""
        return self.published(at).filter(effective_at__lte=at or timezone.now()).order_by("-effective_at")

    def coming(self, at: datetime | None = None) -> PolicyVersionQuerySet:
        return self.published(at).filter(effective_at__gt=at or timezone.now()).order_by("effective_at")

    def published(self, at: datetime | Expression | None = None) -> PolicyVersionQuerySet:
        return self.filter(published_at__lte=at or timezone.now()).order_by("-effective_at")


class PolicyVersion(models.Model):
    """One text of the privacy policy. After it is published it is never changed: a change is a new version."""

    version = models.CharField(_("version"), max_length=20, unique=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    effective_at = models.DateTimeField(_("takes effect"), unique=True)
    summary = models.TextField(
        _("summary of changes"), help_text=_("What is different, in two or three sentences.")
    )
    body = models.TextField(_("text"), help_text=_("Markdown."))
    covers = models.PositiveSmallIntegerField(
        _("covers shipped text"),
        default=1,
        help_text=_(
            "The number of the shipped text whose collection of data this one describes. What came later stays off."
        ),
    )
    requires_acceptance = models.BooleanField(
        _("must be accepted"),
        default=False,
        help_text=_("People must accept it to continue. Only for changes that need their agreement."),
    )

    objects: ClassVar[PolicyVersionQuerySet] = PolicyVersionQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("policy version")
        ordering = ["-effective_at"]

    def __str__(self) -> str:
        return self.version

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now()


class PolicyNotice(models.Model):
    """A person was notified of a coming version by e-mail; the row prevents a second notice."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="policy_notices"
    )
    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="notices")
    sent_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="policy_notice_once")]

    def __str__(self) -> str:
        return f"{self.user_id} notified of {self.version_id}"


class Export(Leased):
    """A copy of everything a person has here, made by a worker in turns; `parts` are its files.

    Without a person, since the account was deleted, the sweep removes it with its files.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        REMOVED = "removed"

    LIVE = (State.QUEUED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="exports"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    # Of the lists' rows and the files that there were when it began.
    done = models.PositiveBigIntegerField(default=0)
    of = models.PositiveBigIntegerField(default=0)
    # Why it failed, as its owner reads it.
    sentence = models.CharField(max_length=300, blank=True)
    # When it was written down which files there are (`ExportPlan`); null until then.
    planned_at = models.DateTimeField(null=True, blank=True)
    # Where the next part begins: all before it is in parts that are stored.
    place = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    left_out = models.PositiveIntegerField(default=0)
    # Times that storage or Stripe didn't answer, one after the other.
    refusals = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    not_before = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[OwnedQuerySet[Export]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("copy of your data")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=("queued", "running", "done")),
                name="export_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True)),
                name="export_leased_only_while_running",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="queued"), name="export_queued"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="export_running"),
            models.Index(fields=["finished_at"], name="export_finished"),
            models.Index(fields=["user", "-created_at"], name="export_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.state} export of {self.user_id}"


class ExportPlan(models.Model):
    """Some of the files that there were when a copy began: what is gone when its turn comes is listed as left out."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="plans")
    number = models.PositiveIntegerField()
    model = models.CharField(max_length=60)
    # A list of [primary key, path in the copy, bytes at most].
    files = models.JSONField()

    class Meta:
        verbose_name = _("files of a copy of your data")
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="export_plan_once")]

    def __str__(self) -> str:
        return f"{self.export_id}, {self.number}"


class ExportPart(models.Model):
    """One finished zip file of a copy. The row publishes the object."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=200, unique=True)
    bytes = models.PositiveBigIntegerField()
    files = models.PositiveIntegerField()
    # Of the part's manifest, which has the hash of every file in it.
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=12, default="zip")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("part of a copy of your data")
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="export_part_once")]

    def __str__(self) -> str:
        return self.key


class ExportDraft(models.Model):
    """The part in hand, as the last turn left it. Whoever goes on reads it; after a lost lease it is made again."""

    export = models.OneToOneField(Export, primary_key=True, on_delete=models.CASCADE, related_name="draft")
    key = models.CharField(max_length=200, unique=True)
    # False while somebody writes to it: then nobody knows what storage has.
    is_paused = models.BooleanField(default=False)
    written = models.PositiveBigIntegerField(default=0)
    tail = models.BinaryField(default=bytes)
    entries = models.JSONField(default=list)
    place = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    left_out = models.JSONField(default=list)

    class Meta:
        verbose_name = _("unfinished part of a copy of your data")

    def __str__(self) -> str:
        return self.key


class Erasure(Leased):
    """The end of an account: closed at once, erased by a worker in turns when the time to reopen it is over.

    The row stays when the person is gone, and then says nothing about them: how much of what was erased, and a hash of
    a random number.
    """

    class State(models.TextChoices):
        CLOSED = "closed", _("closed")
        ERASING = "erasing", _("being erased")
        DONE = "done", _("erased")
        REOPENED = "reopened", _("reopened")

    class Cause(models.TextChoices):
        PERSON = "person", _("asked for by the person")
        OPERATOR = "operator", _("asked for by the operator")
        RESTORED = "restored", _("came back with a backup")

    LIVE = (State.CLOSED, State.ERASING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="erasures"
    )
    # Of the account's id: what the list outside of the database is compared with.
    account_hash = models.CharField(_("hash of the account"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CLOSED)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices, default=Cause.PERSON)
    # Whether the account was enabled before: reopening gives back no more than that.
    was_active = models.BooleanField(default=True)
    ordered_at = models.DateTimeField(_("closed"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("due"))
    not_before = models.DateTimeField(default=timezone.now)
    # When the mail with the link went out, and when the plans were told not to renew.
    mailed_at = models.DateTimeField(null=True, blank=True)
    plans_stopped_at = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("erased"), null=True, blank=True)
    # How many rows of each kind went, and what became of the customer at Stripe.
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    payment = models.CharField(_("at Stripe"), max_length=10, blank=True)
    # The last of the stored objects that have to be gone before the receipt is written.
    last_object = models.BigIntegerField(null=True, blank=True)
    # Where the receipt goes; emptied when it was sent.
    address = models.EmailField(blank=True)
    receipt_sha256 = models.CharField(_("hash of the receipt"), max_length=64, blank=True)
    receipt_sent_at = models.DateTimeField(_("receipt"), null=True, blank=True)

    objects: ClassVar[OwnedQuerySet[Erasure]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("deletion of an account")
        verbose_name_plural = _("deletions of accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=("closed", "erasing")), name="erasure_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False)
                | (~Q(state="done") & Q(finished_at__isnull=True)),
                name="erasure_finished_when_done",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="erasing"), name="erasure_working"),
            models.Index(fields=["due_at"], condition=Q(state="closed"), name="erasure_due"),
            models.Index(fields=["account_hash"], name="erasure_of_account"),
            models.Index(
                fields=["finished_at"], condition=Q(receipt_sent_at__isnull=True), name="erasure_to_receipt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.account_hash[:8]}"


__all__ = [
    "CannedAnswer",
    "Erasure",
    "Export",
    "ExportDraft",
    "ExportPart",
    "ExportPlan",
    "InboundMail",
    "Mailbox",
    "PolicyNotice",
    "PolicyVersion",
    "Ticket",
    "TicketAttachment",
    "TicketMessage",
    "TicketNote",
]

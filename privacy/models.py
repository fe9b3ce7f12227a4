"""The tables of privacy: versions of the policy, who was notified, and messages to support."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from image2.lib.ids import new_id
from image2.lib.owned import OwnedQuerySet

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


class SupportMessage(models.Model):
    """What somebody wrote to support. It stays readable for them; the operator answers by e-mail."""

    class Topic(models.TextChoices):
        PICTURE = "picture", _("A picture or a job")
        PAYMENT = "payment", _("Credits and payment")
        ACCOUNT = "account", _("My account")
        PRIVACY = "privacy", _("Privacy and my data")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Null for somebody who is not signed in (and may be unable to).
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="support_messages",
    )
    email = models.EmailField(_("e-mail address"))
    topic = models.CharField(_("topic"), max_length=10, choices=Topic.choices)
    message = models.TextField(_("message"), max_length=5000)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects: ClassVar[OwnedQuerySet[SupportMessage]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("support message")
        indexes = [
            models.Index(fields=["user", "-created_at"], name="support_of_person"),
            models.Index(
                fields=["-created_at"], condition=models.Q(closed_at__isnull=True), name="support_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}: {self.message[:60]}"

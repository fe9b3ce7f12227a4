"""What staff did to other people's things: added, never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class AuditLine(models.Model):
    """One act of a member of staff and the reason they gave. Written by ``accounts.staff.audit.record`` only."""

    # SET_NULL and the label beside it: the line outlives the account of who acted.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="audit_lines"
    )
    actor_label = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=64)
    # Whose data it was, by id only, so that a person can learn who viewed it.
    subject_id = models.UUIDField(null=True, blank=True)
    reason = models.TextField()
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    # Its place in the chain (AuditLink), and what is hashed with it: nobody guesses a deleted line from its hash.
    number = models.BigIntegerField(null=True, blank=True, unique=True, editable=False)
    salt = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="audit_reason_given")]
        indexes = [
            models.Index(fields=["-at"], name="audit_newest"),
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            models.Index(fields=["subject_id", "-at"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.object_type} {self.object_id}"


class AuditLink(models.Model):
    """What stays of a line for good: hashes, each made with the one before. Number 0 is the beginning."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    line_hash = models.CharField(max_length=64)
    chain_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "link of the audit log"
        verbose_name_plural = "links of the audit log"

    def __str__(self) -> str:
        return f"{self.number}:{self.chain_hash}"

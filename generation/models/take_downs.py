"""Decisions of staff to make a picture or an upload unreachable, as its owner reads them."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from image2.lib.ids import new_id
from image2.lib.owned import OwnedQuerySet


class TakeDownQuerySet(OwnedQuerySet["TakeDown"]):
    owner_path = "person"

    def in_force(self) -> TakeDownQuerySet:
        return self.filter(lifted_at__isnull=True)


class TakeDown(models.Model):
    """One picture or upload that staff took down. Who did it and their words stand in the audit log, for staff only."""

    class Ground(models.TextChoices):
        PERSON = "person", _("It shows somebody who doesn't want that")
        RIGHTS = "rights", _("It breaks somebody's copyright, brand or design")
        HATE = "hate", _("It threatens, harasses or incites hatred")
        CHILD = "child", _("It sexualises a child")
        DECEIT = "deceit", _("It is made to deceive")
        LAW = "law", _("Another law forbids it, or an authority ordered it")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="take_downs")
    # One of the two, by id only: it may be deleted later, and the decision is kept.
    picture_id = models.UUIDField(null=True, blank=True)
    upload_id = models.UUIDField(null=True, blank=True)
    ground = models.CharField(_("reason"), max_length=10, choices=Ground.choices)
    # What it is about and which rule it breaks, in words for the owner.
    statement = models.TextField(_("statement"))
    taken_at = models.DateTimeField(_("taken down"), default=timezone.now, editable=False)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    # When the mail about the decision went out, and the one that it was lifted.
    notified_at = models.DateTimeField(null=True, blank=True)
    lift_notified_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TakeDownQuerySet] = TakeDownQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("take-down")
        constraints = [
            models.CheckConstraint(condition=~Q(statement=""), name="take_down_says_why"),
            models.CheckConstraint(
                condition=Q(picture_id__isnull=False, upload_id__isnull=True)
                | Q(picture_id__isnull=True, upload_id__isnull=False),
                name="take_down_of_one",
            ),
            models.UniqueConstraint(
                fields=["picture_id"], condition=Q(lifted_at__isnull=True), name="take_down_once"
            ),
            models.UniqueConstraint(
                fields=["upload_id"], condition=Q(lifted_at__isnull=True), name="take_down_of_upload_once"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-taken_at"], name="take_down_of_person"),
            models.Index(
                fields=["taken_at"],
                condition=Q(notified_at__isnull=True)
                | Q(lifted_at__isnull=False, lift_notified_at__isnull=True),
                name="take_down_to_notify",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thing_id} at {self.taken_at:%Y-%m-%d %H:%M}"

    @property
    def thing_id(self) -> UUID:
        """The number of the picture or of the upload."""
        found = self.picture_id or self.upload_id
        assert found is not None  # the constraint take_down_of_one
        return found

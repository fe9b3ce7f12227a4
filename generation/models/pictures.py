"""A picture in somebody's history, and what it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from generation.models.jobs import Job
from generation.models.uploads import Upload
from image2.lib.ids import new_id

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class PictureQuerySet(models.QuerySet["Picture"]):
    def visible_to(self, user: User | AnonymousUser) -> PictureQuerySet:
        """What this person owns and has not thrown away. Staff see nothing more here."""
        return self.owned_by(user).filter(deleted_at__isnull=True)

    def in_trash_of(self, user: User | AnonymousUser) -> PictureQuerySet:
        return self.owned_by(user).filter(deleted_at__isnull=False)

    def owned_by(self, user: User | AnonymousUser) -> PictureQuerySet:
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def newest_first(self) -> PictureQuerySet:
        return self.order_by("-created_at", "-id")


class Picture(models.Model):
    """One finished picture with the whole recipe it was made by; the recipe is never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pictures")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="pictures")
    index = models.PositiveSmallIntegerField(default=0)
    recipe = models.JSONField()
    prompt = models.TextField(blank=True)
    model = models.CharField(max_length=60)
    model_revision = models.CharField(max_length=80, blank=True)
    seed = models.PositiveBigIntegerField(default=0)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # Whether its owner had agreed, when it was made, that it may be used for training. Off unless they opted in.
    training_allowed = models.BooleanField(default=False)
    favourite_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PictureQuerySet] = PictureQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "index"], name="picture_once_per_job_index")]
        indexes = [
            models.Index(
                fields=["owner", "-created_at", "-id"],
                condition=Q(deleted_at__isnull=True),
                name="picture_newest",
            ),
            models.Index(
                fields=["owner", "-favourite_at", "-id"],
                condition=Q(favourite_at__isnull=False),
                name="picture_favourites",
            ),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="picture_trash"),
        ]

    def __str__(self) -> str:
        return self.prompt[:80] or str(self.id)


class Lineage(models.Model):
    """``child`` was made from a picture or an upload."""

    class Role(models.TextChoices):
        REFERENCE = "reference"
        UPSCALE = "upscale"
        EDIT = "edit"

    child = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="parents")
    parent = models.ForeignKey(
        Picture, null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    upload = models.ForeignKey(
        Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        verbose_name_plural = "lineage"
        constraints = [
            models.UniqueConstraint(fields=["child", "parent", "role"], name="lineage_picture_once"),
            models.UniqueConstraint(fields=["child", "upload", "role"], name="lineage_upload_once"),
            # Not "exactly one": a parent that is gone from storage leaves the fact that there was one.
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(upload__isnull=True), name="lineage_one_parent_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} ← {self.parent_id or self.upload_id} ({self.role})"

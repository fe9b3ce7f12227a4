"""A picture in a person's history, and what it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from generation.models.jobs import Job
from generation.models.uploads import Upload
from image2.lib.ids import new_id
from image2.lib.owned import TrashableQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class Thumbnail(NamedTuple):
    """What a page needs of a thumbnail's file."""

    role: str
    pk: int


class PictureQuerySet(TrashableQuerySet["Picture"]):
    owner_path = "owner"

    def owned_by(self, user: AbstractBaseUser | AnonymousUser) -> PictureQuerySet:
        """Return this person's pictures, without those that staff took down: no page and no file leads to them."""
        return super().owned_by(user).filter(taken_down_at__isnull=True)

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> PictureQuerySet:
        """What this person's history shows: owned, not in the trash, no waiting result of the editor."""
        return self.available_to(user).filter(kept=True)

    def available_to(self, user: AbstractBaseUser | AnonymousUser) -> PictureQuerySet:
        """The same and results of the editor that wait to be used or kept: what a request may start from."""
        return super().visible_to(user)

    def in_trash_of(self, user: AbstractBaseUser | AnonymousUser) -> PictureQuerySet:
        """What the trash shows: no result that was thrown away before it was in the history."""
        return super().in_trash_of(user).filter(kept=True)

    def thrown_away_of(self, user: AbstractBaseUser | AnonymousUser) -> PictureQuerySet:
        """Results of the editor that were thrown away and aren't purged yet."""
        return super().in_trash_of(user).filter(kept=False)

    def newest_first(self) -> PictureQuerySet:
        return self.order_by("-created_at", "-id")


class Picture(models.Model):
    """One finished picture with its whole recipe, which never changes."""

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
    # Whether its owner agreed that it may be used for training: the answer that held when it was made, until it is
    # withdrawn. Off unless they opted in.
    training_allowed = models.BooleanField(default=False)
    # False for a result that the editor ordered, until it is used or kept.
    kept = models.BooleanField(default=True, db_default=True)
    favourite_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # When staff made it unreachable (generation.pictures.take_downs); its owner reads why in TakeDown.
    taken_down_at = models.DateTimeField(null=True, blank=True)
    # The prompt as the search reads it (generation/search/pieces.py); null until it is prepared.
    search_text = models.TextField(null=True, editable=False)  # noqa: DJ001  (null says "not yet")
    # The segments of the search that hold this picture; null while it is searched by reading its text. No foreign keys:
    # adding one would read millions of rows under a lock.
    search_segment = models.BigIntegerField(null=True, editable=False)
    favourite_segment = models.BigIntegerField(null=True, editable=False)

    # Filled by history.with_thumbnails; without it a tile asks for its files.
    thumbnails: list[Thumbnail]

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
            models.Index(
                fields=["taken_down_at"], condition=Q(taken_down_at__isnull=False), name="picture_taken_down"
            ),
            models.Index(fields=["created_at"], condition=Q(kept=False), name="picture_waiting"),
            models.Index(fields=["created_at"], name="picture_by_day"),
            models.Index(fields=["id"], condition=Q(search_text__isnull=True), name="picture_unprepared"),
            models.Index(
                fields=["owner", "-created_at", "-id"],
                condition=Q(search_segment__isnull=True),
                name="picture_unindexed",
            ),
            models.Index(
                fields=["owner", "-favourite_at", "-id"],
                condition=Q(favourite_at__isnull=False, favourite_segment__isnull=True),
                name="favourite_unindexed",
            ),
        ]

    def __str__(self) -> str:
        return self.prompt[:80] or str(self.id)


class Lineage(models.Model):
    """``child`` was made from a picture or an upload."""

    class Role(models.TextChoices):
        REFERENCE = "reference"
        UPSCALE = "upscale"
        EDIT = "edit"
        MASK = "mask"
        # It led the drawing: none of its pixels are in the child.
        CONTROL = "control"

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

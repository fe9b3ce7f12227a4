"""Accesses by staff to a person's private pictures, of which the person is notified."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from image2.lib.owned import OwnedQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class StaffAccessQuerySet(OwnedQuerySet["StaffAccess"]):
    owner_path = "person"

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> StaffAccessQuerySet:
        """Return the accesses that this person may know of: none under a legal hold that isn't lifted."""
        return super().visible_to(user).not_held()

    def not_held(self) -> StaffAccessQuerySet:
        return self.filter(Q(held_because="") | Q(lifted_at__isnull=False))


class StaffAccess(models.Model):
    """One picture that staff opened. Who did it and their own words stand in the audit log, for staff only."""

    class Ground(models.TextChoices):
        HELP = "help", _("You asked us for help with it")
        REPORT = "report", _("We looked into a report about it")
        FAULT = "fault", _("We looked into a fault or an attack")
        LAW = "law", _("The law required it")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_accesses"
    )
    # By id only: the picture may be deleted, and accounts knows nothing of pictures.
    picture_id = models.UUIDField()
    ground = models.CharField(max_length=10, choices=Ground.choices)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    # Why the person may not be notified yet; empty where they may.
    held_because = models.TextField(_("legal hold"), blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    # When the mail went out, and when the page was looked at.
    notified_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[StaffAccessQuerySet] = StaffAccessQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("access by staff")
        verbose_name_plural = _("accesses by staff")
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(held_because=""), name="staff_access_lifted_if_held"
            )
        ]
        indexes = [
            models.Index(fields=["person", "-opened_at"], name="staff_access_of_person"),
            models.Index(
                fields=["opened_at"], condition=Q(notified_at__isnull=True), name="staff_access_to_notify"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.picture_id} at {self.opened_at:%Y-%m-%d %H:%M}"

    @property
    def is_held(self) -> bool:
        return bool(self.held_because) and self.lifted_at is None

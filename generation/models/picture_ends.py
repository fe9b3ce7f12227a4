"""Pictures beyond a plan's retention, whose owner was notified."""

from __future__ import annotations

from django.db import models

from generation.models.pictures import Picture


class PictureEnd(models.Model):
    """The owner was notified at ``notified_at`` that this picture moves to the trash at ``ends_at``."""

    picture = models.OneToOneField(Picture, primary_key=True, on_delete=models.CASCADE, related_name="end")
    notified_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("notified_at")),
                name="picture_notified_before_its_end",
            )
        ]
        indexes = [models.Index(fields=["ends_at"], name="picture_ending")]

    def __str__(self) -> str:
        return f"{self.picture_id} until {self.ends_at}"

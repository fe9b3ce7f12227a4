"""Pictures that a plan keeps no longer, and that their owner was told of."""

from __future__ import annotations

from django.db import models

from generation.models.pictures import Picture


class PictureEnd(models.Model):
    """The owner was told at ``told_at`` that this picture leaves the history at ``ends_at``: never without."""

    picture = models.OneToOneField(Picture, primary_key=True, on_delete=models.CASCADE, related_name="end")
    told_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("told_at")), name="picture_told_before_its_end"
            )
        ]
        indexes = [models.Index(fields=["ends_at"], name="picture_ending")]

    def __str__(self) -> str:
        return f"{self.picture_id} until {self.ends_at}"

"""How often something was refused, by day and category: no words, no pictures, no people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModerationTotal(models.Model):
    """What was refused at one stage on one day (UTC). ``category`` is a code of `moderation`, or a model's label."""

    class Stage(models.TextChoices):
        WORDS = "words", _("words, before the charge")
        PICTURE = "picture", _("picture, after drawing")

    day = models.DateField()
    stage = models.CharField(max_length=10, choices=Stage.choices)
    category = models.CharField(max_length=60)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "stage", "category"], name="moderation_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.stage} {self.category}: {self.count}"

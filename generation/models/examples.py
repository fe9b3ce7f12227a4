"""Example pictures of the operator's models: drawn by the model itself, so that people see what it is good at."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ModelExample(models.Model):
    """One small picture a model, and the weights that drew it: with others in the catalogue it isn't shown.

    It lies in the row, as previews do: a few dozen kilobytes, for a handful of models, on every kind of site.
    """

    model = models.CharField(primary_key=True, max_length=60)
    # Of the entry of the catalogue, when it was drawn.
    source = models.CharField(max_length=500)
    revision = models.CharField(max_length=40, blank=True)
    variant = models.CharField(max_length=60, blank=True)
    # What recipes call these weights.
    weights = models.CharField(max_length=100)
    prompt = models.CharField(max_length=200)
    seed = models.PositiveBigIntegerField()
    # WebP.
    image = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.model

"""What a person prefers, and the two switches about what we may do with their pictures and clicks."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preferences(models.Model):
    """One row a person, made the first time it is asked for. Empty means "what the site recommends"."""

    class Format(models.TextChoices):
        PNG = "png", _("PNG: exact, large")
        JPEG = "jpeg", _("JPEG: opens everywhere, smaller")
        WEBP = "webp", _("WebP: smaller still")
        AVIF = "avif", _("AVIF: smallest")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("Like my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class PenPressure(models.TextChoices):
        SIZE = "size", _("Size of the stroke")
        FLOW = "flow", _("Flow of the paint")
        BOTH = "both", _("Both")
        NONE = "none", _("Nothing")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="preferences"
    )
    # Opaque here: generation offers the choices (accounts.people.preferences) and ignores a value it no longer knows.
    model = models.CharField(_("model"), max_length=60, blank=True)
    shape = models.CharField(_("shape"), max_length=10, blank=True)
    size = models.CharField(_("size"), max_length=4, blank=True)
    count = models.CharField(_("pictures at once"), max_length=2, blank=True, db_default="")
    format = models.CharField(_("download format"), max_length=4, choices=Format.choices, default=Format.PNG)
    theme = models.CharField(_("theme"), max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    recipe_in_downloads = models.BooleanField(_("recipe in downloaded files"), default=True)
    # How the editor begins, in every browser; what is changed in its page afterwards stays in that browser.
    pixel_grid = models.BooleanField(_("pixel grid in the editor"), default=True, db_default=True)
    pen_pressure = models.CharField(
        _("what a pen's pressure changes"),
        max_length=4,
        choices=PenPressure.choices,
        default=PenPressure.SIZE,
        db_default=PenPressure.SIZE,
    )
    hints = models.BooleanField(_("hints in the editor"), default=True, db_default=True)
    # Of the mails alone: pages use the browser's. Empty is UTC.
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    training_allowed = models.BooleanField(_("pictures may be used for training"), default=False)
    usage_data = models.BooleanField(_("usage data"), default=True)
    # Restriction of processing (GDPR, article 18): since when the person lets us do no more than keep their data and
    # what they ask for themselves. Written by accounts.people.restriction only.
    restricted_at = models.DateTimeField(_("restricted since"), null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = _("preferences")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(format__in=["png", "jpeg", "webp", "avif"]), name="preferences_format"
            ),
            models.CheckConstraint(
                condition=models.Q(pen_pressure__in=["size", "flow", "both", "none"]),
                name="preferences_pen_pressure",
            ),
            models.CheckConstraint(
                condition=models.Q(theme__in=["system", "light", "dark"]), name="preferences_theme"
            ),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"

    @property
    def allows_training(self) -> bool:
        """Whether a picture that is made now may be used for training."""
        return self.training_allowed and self.restricted_at is None

"""System checks of generation: settings that name a size, and models that a paid site may not run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from generation.sizes import SIZES


@register()
def the_size_before_the_first_purchase_is_one(
    app_configs: Sequence[AppConfig] | None, **_options: Any
) -> list[CheckMessage]:
    if settings.SIZE_BEFORE_PURCHASE in ("", *SIZES):
        return []
    hint = f"One of {', '.join(SIZES)}, or nothing for every size."
    return [
        Error(
            f"SIZE_BEFORE_PURCHASE={settings.SIZE_BEFORE_PURCHASE} is no size.",
            hint=hint,
            id="generation.E001",
        )
    ]

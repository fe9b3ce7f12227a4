"""System checks of generation: settings that name a size, and models that a paid site may not run."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from generation.moderation import pictures
from generation.requests import catalogue
from generation.requests.sizes import SIZES
from generation.styles import adapters, presets


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


@register()
def what_refuses_pictures_can_be_read(
    app_configs: Sequence[AppConfig] | None, **_options: Any
) -> list[CheckMessage]:
    if not settings.MODERATION_MODEL:
        return []
    try:
        pictures.limits()
        # The folder may be where the worker that draws is, and nowhere else.
        if Path(settings.MODERATION_MODEL).exists():
            pictures.look_at_classifier()
    except ValueError as error:
        return [_no_classifier(str(error))]
    return []


def _no_classifier(why: str) -> Error:
    return Error(
        f"MODERATION_MODEL and MODERATION_LABELS don't name a classifier and its labels: {why}.",
        hint="Name a folder of transformers, and labels of its config.json such as nsfw=0.8.",
        id="generation.E003",
    )


@register()
def styles_can_be_read(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    try:
        presets.presets()
    except presets.StylesError as error:
        return [Error(str(error), hint="Mend the file, or leave IMAGE2_STYLES out.", id="generation.E004")]
    return []


@register()
def adapters_can_be_read(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    try:
        found = adapters.entries()
    except adapters.AdaptersError as error:
        return [Error(str(error), hint="Mend the file of IMAGE2_CATALOGUE.", id="generation.E005")]
    known = {entry.id for entry in catalogue.entries()}
    without = {entry.id for entry in catalogue.entries() if not entry.takes_adapters}
    unknown = [
        Error(
            f"adapter {entry.key!r}: there is no model {min(entry.models - known)!r}.",
            hint="See: manage.py models list",
            id="generation.E005",
        )
        for entry in found
        if entry.models - known
    ]
    quantised = [
        Error(
            f"adapter {entry.key!r}: the model {min(entry.models & without)!r} is quantised, and takes no LoRA then.",
            hint="Take quantise out of the model's entry, or the model out of the LoRA's.",
            id="generation.E005",
        )
        for entry in found
        if entry.models & without
    ]
    return [*unknown, *quantised]


@register()
def what_rewrites_prompts_can_be_asked(
    app_configs: Sequence[AppConfig] | None, **_options: Any
) -> list[CheckMessage]:
    """Keys and words of people never cross the internet in the clear."""
    url, model = settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL
    if not url and not model:
        return []
    hint = (
        "Give PROMPT_LLM_URL as https://host/v1 (http:// only for this machine or its network), and "
        "PROMPT_LLM_MODEL, or neither."
    )
    scheme, host = _scheme_and_host(url)
    if model and host and (scheme == "https" or (scheme == "http" and _is_near(host))):
        return []
    return [
        Error(
            "PROMPT_LLM_URL and PROMPT_LLM_MODEL don't name a language model.",
            hint=hint,
            id="generation.E006",
        )
    ]


def _scheme_and_host(url: str) -> tuple[str, str]:
    """Empty where it isn't an address at all, such as one with half a bracket."""
    try:
        found = urlsplit(url)
    except ValueError:
        return "", ""
    return found.scheme, found.hostname or ""


def _is_near(host: str) -> bool:
    """Whether it is this machine or one of its network: a private address, or a name of that network alone."""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_private or address.is_loopback


@register()
def what_is_sold_may_be_sold(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Refuse models without commercial use on a site that takes payments, whatever the catalogue file declares."""
    if not settings.STRIPE_SECRET_KEY:
        return []
    models = [entry for entry in catalogue.enabled() if not entry.commercial_use]
    loras = [entry for entry in _adapters() if not entry.commercial_use]
    leads = [
        f"{entry.id}'s control by {kind} ({weights.licence})"
        for entry in catalogue.enabled()
        for kind, weights in entry.controls.items()
        if not weights.commercial_use
    ]
    if not models and not loras and not leads:
        return []
    named = ", ".join(
        [
            *(f"{entry.id} ({entry.licence})" for entry in models),
            *(f"the LoRA {entry.key} ({entry.licence})" for entry in loras),
            *leads,
        ]
    )
    return [
        Error(
            f"This site sells credits (STRIPE_SECRET_KEY), and these models may not be used for money: {named}.",
            hint="Switch them off in the file of IMAGE2_CATALOGUE (enabled = false), or leave STRIPE_SECRET_KEY out.",
            id="generation.E002",
        )
    ]


def _adapters() -> tuple[adapters.Entry, ...]:
    """None where the file can't be read, which a check of its own says."""
    try:
        return adapters.entries()
    except adapters.AdaptersError:
        return ()

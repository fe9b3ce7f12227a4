"""The form of /create/: strings in, a typed and frozen request out. It saves nothing."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from generation import availability
from generation.requests import catalogue, strength
from generation.requests.edits import Edit
from generation.requests.request import (
    MAX_COUNT,
    MAX_PROMPT,
    SEEDS,
    VERSION,
    GenerationRequest,
    InvalidRequest,
)
from generation.requests.sizes import SHAPES, SIZES
from generation.views.creating import chosen, controlling, looks

_KEY: Final = re.compile(r"[0-9a-f]{32}")
# A sentence about one of these belongs beside another field of the form.
_SHOWN_AT: Final = {"kind": "reference", "version": "prompt", "request": "prompt"}


class CreateForm(forms.Form):
    """What a person typed; once valid, ``generation_request`` is it, typed. Empty steps and guidance: the model's own.

    No field is required here and no choice is checked: the request says what is wrong, in the same sentences
    for the form and for the API.
    """

    use_required_attribute = False

    prompt = forms.CharField(required=False, strip=False, label=_("Prompt"))
    # The key of a style: `looks`.
    style = forms.CharField(required=False, label=_("Style"))
    adapter = forms.CharField(required=False, label=_("LoRA"))
    adapter_weight = forms.FloatField(required=False, label=_("Weight"))
    negative_prompt = forms.CharField(required=False, strip=False, label=_("Leave out"))
    model = forms.CharField(required=False, label=_("Model"))
    shape = forms.CharField(required=False, label=_("Shape"))
    size = forms.CharField(required=False, label=_("Size"))
    count = forms.IntegerField(required=False, label=_("Pictures"))
    seed = forms.IntegerField(required=False, label=_("Seed"))
    steps = forms.IntegerField(required=False, label=_("Steps"))
    guidance = forms.FloatField(required=False, label=_("Guidance"))
    # The names of up to four pictures: `chosen`.
    reference = forms.CharField(required=False, label=_("Start from a picture"))
    use = forms.CharField(required=False, label=_("Use the picture"))
    strength = forms.FloatField(required=False, label=_("Change"))
    # The name of a picture that leads the drawing: `controlling`.
    control = forms.CharField(required=False, label=_("Control picture"))
    control_kind = forms.CharField(required=False, label=_("Follow its"))
    control_strength = forms.FloatField(required=False, label=_("Strength"))
    control_map = forms.CharField(required=False)
    enhance = forms.BooleanField(required=False, label=_("Add detail"))
    # One key a rendering: however often this form is sent, it is one job.
    key = forms.CharField(required=False)
    # The price that was shown when the button was pressed.
    quoted = forms.IntegerField(required=False)
    # Of a request that is run again: its text stays and is read as it was then, so that its picture does too.
    version = forms.IntegerField(required=False)

    generation_request: GenerationRequest

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        key = data.get("key") or ""
        data["key"] = key if _KEY.fullmatch(key) else new_key()
        try:
            self.generation_request = self._request(data).validated()
        except InvalidRequest as invalid:
            for name, sentence in invalid.errors.items():
                field = _SHOWN_AT.get(name, name)
                if field not in self.errors:
                    self.add_error(field, str(sentence))
        return data

    @property
    def idempotency_key(self) -> str:
        """Return the key of this rendering and request: the back button and a changed word make a new job."""
        return f"{self.cleaned_data['key']}-{self.generation_request.fingerprint()[:16]}"

    def _request(self, data: dict[str, Any]) -> GenerationRequest:
        model = str(data.get("model") or default_model())
        steps, guidance = _defaults_of(model)
        names = chosen.names_in(data.get("reference") or "")
        kind = chosen.kind_for(names, chosen.entry_of(model), data.get("use") or "")
        style = looks.style_for(data.get("style") or "", chosen.entry_of(model))
        return GenerationRequest(
            version=_or(data.get("version"), VERSION),
            kind=kind,
            model=model,
            prompt=data.get("prompt") or "",
            negative_prompt=data.get("negative_prompt") or "",
            shape=data.get("shape") or SHAPES[0],
            size=data.get("size") or SIZES[0],
            count=_or(data.get("count"), 1),
            seed=_or(data.get("seed"), seed_of(data["key"])),
            steps=_or(data.get("steps"), steps),
            guidance=_or(data.get("guidance"), guidance),
            reference=names[0] if names else None,
            strength=_or(data.get("strength"), strength.DEFAULT) if kind == "image_to_image" else None,
            edit=Edit(references=names[1:]) if names[1:] else None,
            style=style,
            adapter=looks.adapter_for(
                data.get("adapter") or "", data.get("adapter_weight"), chosen.entry_of(model)
            ),
            enhance=bool(data.get("enhance")),
            control=controlling.control_for(data, chosen.entry_of(model)),
        )


def new_key() -> str:
    return secrets.token_hex(16)


def seed_of(key: str) -> int:
    """Return a seed derived from the form's key, so that a double click asks for the same picture."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % SEEDS


def default_model() -> str:
    """Return the first model that draws from words alone, if one does."""
    offered = sorted(availability.drawing(), key=lambda entry: not entry.can("text_to_image"))
    return offered[0].id if offered else ""


def _defaults_of(model: str) -> tuple[int, float]:
    try:
        entry = catalogue.get(model)
    except catalogue.UnknownModel:
        return 1, 1.0  # the model itself is refused
    return entry.default_steps, entry.default_guidance


def _or(value: Any, fallback: Any) -> Any:
    return fallback if value is None else value


__all__ = ["MAX_COUNT", "MAX_PROMPT", "CreateForm", "default_model", "new_key", "seed_of"]

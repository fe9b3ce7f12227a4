"""A picture's recipe, read: as a request to run again, and as the facts its page shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from generation.models import Picture
from generation.requests import catalogue
from generation.requests.controls import control
from generation.requests.kinds import COMPUTED, OF_THE_PICTURES_SIZE
from generation.requests.recipe import EDITOR
from generation.requests.request import GenerationRequest, InvalidRequest


@dataclass(frozen=True, slots=True)
class Fact:
    """One chip. ``take`` names the field of /create/ that a click puts it into; empty: it can't be chosen."""

    label: str
    value: str
    take: str = ""


def request_of(picture: Picture) -> GenerationRequest | None:
    """The request this picture was drawn from; None for one of a version this site can't read."""
    try:
        return GenerationRequest.from_json(picture.recipe.get("request"))
    except InvalidRequest:
        return None


def rerun(picture: Picture) -> GenerationRequest | None:
    """The request that draws this very picture again: its own seed, alone, and its words as they were read then."""
    asked = request_of(picture)
    return replace(asked, seed=picture.seed, count=1) if asked else None


def facts(picture: Picture) -> list[Fact]:
    """What a person chose, in the order they ask for it."""
    if picture.model == EDITOR:
        steps = picture.recipe.get("editor", {}).get("operations", 0)
        pixels = Fact(_("Pixels"), f"{picture.width}×{picture.height}")
        return [Fact(_("Made in"), _("Editor")), pixels, Fact(_("Steps"), str(steps))]
    found = [Fact(_("Model"), model_label(picture.model), "model")]
    asked = request_of(picture)
    if asked and asked.kind not in OF_THE_PICTURES_SIZE:
        found += [Fact(_("Shape"), asked.shape, "shape"), Fact(_("Size"), asked.size.upper(), "size")]
    if asked and asked.style:
        found.append(Fact(_("Style"), asked.style.name, "style"))
    if asked and asked.adapter:
        weight = number_format(asked.adapter.weight)
        found.append(Fact(_("LoRA"), f"{asked.adapter.name} × {weight}", "adapter"))
    if asked and asked.control:
        name, strength = control.KINDS[asked.control.kind], number_format(asked.control.strength)
        found.append(Fact(_("Control"), f"{name} × {strength}", "control"))
    found.append(Fact(_("Pixels"), f"{picture.width}×{picture.height}"))
    if asked and asked.kind in COMPUTED:
        return found
    found.append(Fact(_("Seed"), str(picture.seed), "seed"))
    if asked:
        found.append(Fact(_("Steps"), str(asked.steps), "steps"))
        found.append(Fact(_("Guidance"), number_format(asked.guidance), "guidance"))
        if asked.strength is not None:
            found.append(Fact(_("Change"), number_format(asked.strength), "strength"))
    return found


def model_label(model: str) -> str:
    try:
        return catalogue.get(model).label
    except catalogue.UnknownModel:
        return model


def made_by(picture: Picture) -> list[Fact]:
    """What decided the pixels beside the request; a recipe of another version may lack any of it."""
    recipe: dict[str, Any] = picture.recipe
    found = []
    for stage in recipe.get("stages", []):
        if stage.get("stage") == "base":
            found.append(Fact(_("Drawn at"), f"{stage['width']}×{stage['height']}"))
        if stage.get("stage") == "upscale":
            found.append(Fact(_("Enlarged by"), str(stage["scaler"])))
        if stage.get("stage") == "enhance":
            tile = f"{stage['tile_width']}×{stage['tile_height']}"
            found.append(Fact(_("Detail drawn in tiles"), f"{stage['tiles']} · {tile}"))
        if stage.get("stage") == "project":
            found.append(Fact(_("Shapes straightened"), number_format(stage["things"] + stage["lines"])))
        if stage.get("stage") == "paint":
            found.append(Fact(_("Shapes painted sharp"), number_format(stage["things"])))
        if stage.get("stage") == "decode":
            found.append(Fact(_("Decoded at"), f"{stage['width']}×{stage['height']}"))
        if stage.get("stage") == "register" and stage["clear"]:
            found.append(Fact(_("Aligned by"), f"{-stage['right']:g}, {-stage['down']:g} px"))
        if stage.get("stage") == "let_in":
            found.append(Fact(_("Share drawn"), f"{number_format(round(100 * stage['share']))} %"))
        if stage.get("stage") == "lay_back":
            found.append(Fact(_("Redrawn part"), f"{stage['width']}×{stage['height']}"))
    if int(recipe.get("batch") or 1) > 1:
        found.append(Fact(_("Batch"), str(recipe["batch"])))
    if revision := recipe.get("model", {}).get("revision"):
        found.append(Fact(_("Model revision"), str(revision)[:12]))
    libraries = recipe.get("libraries", {})
    return found + [Fact(str(name), str(version)) for name, version in libraries.items()]

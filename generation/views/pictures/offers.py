"""The buttons of a picture's page that make something of it: larger, varied, without its background; each priced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from generation.models import Picture
from generation.pictures import changes
from generation.requests import edits, ordering, pricing
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import SIZES, Size, size_class
from generation.styles import adapters
from generation.styles.adapter import Adapter
from generation.views.pictures import recipes
from image2.lib.ids import new_id

VARIATIONS: Final = 2
_UPSCALE: Final = "upscale-"
# After the scale: the model draws detail into it.
_DETAIL: Final = "-detail"


@dataclass(frozen=True, slots=True)
class Offer:
    """One button. ``name`` is what it sends, ``price`` what it costs."""

    name: str
    label: str
    note: str
    price: int


@dataclass(frozen=True, slots=True)
class Offers:
    """What there is a model for. ``key`` makes one job of a double click."""

    key: str
    upscales: list[Offer]
    others: list[tuple[str, Offer]]  # the button's icon
    layered: bool  # whether it can be taken apart into layers; the editor says for how much


def offers_of(picture: Picture) -> Offers:
    """Return what this picture's page offers."""
    size = Size(picture.width, picture.height)
    scales = edits.scales_for(size)
    upscales = [
        Offer(name, edits.label(scale), str(request.output), pricing.price(request))
        for scale in scales
        if (request := request_of(picture, name := f"{_UPSCALE}{scale}", seed=0))
    ] + [
        Offer(name, _("%(size)s with new detail") % {"size": edits.label(scale)}, "", pricing.price(request))
        for scale in scales
        if scale in edits.TO
        and (request := request_of(picture, name := f"{_UPSCALE}{scale}{_DETAIL}", seed=0))
    ]
    others = [
        (icon, Offer(name, label, "", pricing.price(request)))
        for name, icon, label in (
            ("variation", "images", _("Variations")),
            ("remove_background", "eraser", _("Remove background")),
        )
        if (request := request_of(picture, name, seed=0))
    ]
    layered = changes.model_for("layers", picture) is not None
    return Offers(str(new_id()), upscales, others, layered)


def request_of(picture: Picture, name: str, *, seed: int) -> GenerationRequest | None:
    """Return the request of a button; None where no model can do it, or there is no such button."""
    kind = "upscale" if name.startswith(_UPSCALE) else name
    has_detail = name.startswith(_UPSCALE) and name.endswith(_DETAIL)
    entry = changes.model_for(kind, picture, enhance=has_detail)
    if entry is None:
        return None
    size = Size(picture.width, picture.height)
    source: dict[str, Any] = {"reference": f"picture:{picture.pk}", "source": size, "prompt": picture.prompt}
    try:
        match kind:
            case "upscale":
                scale = name.removeprefix(_UPSCALE).removesuffix(_DETAIL)
                more: dict[str, Any] = {"enhance": True, "seed": seed} if has_detail else {}
                return ordering.upscale(entry, scale=scale, **source, **more)
            case "variation":
                wanted = size_class(size) if max(picture.width, picture.height) <= 3840 else SIZES[-1]
                look = _look(picture, entry)
                return ordering.variation(entry, seed=seed, count=VARIATIONS, size=wanted, **source, **look)
            case "remove_background":
                return ordering.remove_background(entry, **source)
    except InvalidRequest:
        return None
    return None


def _look(picture: Picture, entry: Entry) -> dict[str, Any]:
    """What a picture like this one is drawn with beside its words, where the same model draws it."""
    asked = recipes.request_of(picture)
    if asked is None or asked.model != entry.id:
        return {}
    return {"style": asked.style, "adapter": _still_there(asked.adapter, entry)}


def _still_there(adapter: Adapter | None, entry: Entry) -> Adapter | None:
    """A LoRA that the operator took away, or limited, leaves the model's own look: a refusal would be for ever."""
    found = adapters.find(adapter.key) if adapter else None
    if adapter is None or found is None or entry.id not in found.models or not found.takes(adapter.weight):
        return None
    return adapter

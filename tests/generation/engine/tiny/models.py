"""Every tiny model: which family runs it, how it is saved, and what it can do."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from generation.requests.catalogue import Entry
from tests.generation.engine.orders import an_entry
from tests.generation.engine.tiny import auto, flux2_klein, qwen_image, sana, stable_diffusion, z_image


@dataclass(frozen=True, slots=True)
class Model:
    family: str
    save: Callable[[Path], Path]
    kinds: tuple[str, ...]

    def entry(self, folder: Path) -> Entry:
        return replace(
            an_entry(folder), family=self.family, capabilities=frozenset(self.kinds), max_references=4
        )


_PICTURES: Final = ("text_to_image", "image_to_image", "inpaint")

MODELS: Final = {
    "sd": Model("stable_diffusion", stable_diffusion.save_stable_diffusion, _PICTURES),
    "sdxl": Model("stable_diffusion", stable_diffusion.save_stable_diffusion_xl, _PICTURES),
    "sdxl-inpaint": Model(
        "stable_diffusion", stable_diffusion.save_stable_diffusion_xl_inpaint, ("inpaint",)
    ),
    "flux2-klein": Model("flux2_klein", flux2_klein.save, (*_PICTURES, "edit")),
    "z-image": Model("z_image", z_image.save, _PICTURES),
    "qwen-image": Model("qwen_image", qwen_image.save, _PICTURES),
    "qwen-image-edit": Model("qwen_image_edit", qwen_image.save_edit_plus, ("edit",)),
    "qwen-image-layered": Model("qwen_image_layered", qwen_image.save_layered, ("layers",)),
    "sana": Model("sana", sana.save, ("text_to_image",)),
    "auto-sdxl": Model("auto", stable_diffusion.save_stable_diffusion_xl, _PICTURES),
    "auto-flux2-klein": Model("auto", flux2_klein.save, ("text_to_image", "edit")),
    "auto-without-callback": Model("auto", auto.save, ("text_to_image",)),
}

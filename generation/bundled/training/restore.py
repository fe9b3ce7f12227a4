"""Makes a training state of the shipped weights, so that a fresh checkout continues where the last training stopped.

`python -m generation.bundled.training.restore` writes `state.pt` of the denoiser, decoder, encoder, text encoder,
super-resolution and judge stages where there is none. The text stage's head is not shipped: it is only needed to train
on that stage itself, and starts anew then.
"""

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextModel

from generation.bundled import superresolution
from generation.bundled.assemble import WEIGHTS

from . import judge, loop, renderer
from .text import Reader


def restore() -> list[str]:
    """The stages that got a state. ValueError where the shipped folder is of another architecture."""
    folder = WEIGHTS / "text-to-image"
    vae = AutoencoderTiny.from_pretrained(folder / "vae")
    painter = renderer.Painter()
    painter.take(vae.decoder)
    reader = Reader()
    reader.encoder.load_state_dict(CLIPTextModel.from_pretrained(folder / "text_encoder").state_dict())
    modules: dict[str, nn.Module] = {
        "text": reader,
        "decoder": painter,
        "encoder": vae.encoder,
        "denoiser": UNet2DConditionModel.from_pretrained(folder / "unet"),
        "superresolution": superresolution.load(WEIGHTS / "super-resolution", "cpu"),
        "judge": judge.shipped(),
    }
    made = [stage for stage in modules if not (loop.STATE / stage / "state.pt").exists()]
    for stage in made:
        half = {name: value.detach().half() for name, value in modules[stage].state_dict().items()}
        (loop.STATE / stage).mkdir(parents=True, exist_ok=True)
        torch.save(
            {"weights": half, "average": half, "step": 0, "seconds": 0.0}, loop.STATE / stage / "state.pt"
        )
    return made


if __name__ == "__main__":
    print("restored:", ", ".join(restore()) or "nothing, every stage has a state")

"""Makes a training state of the shipped weights, so that a fresh checkout continues where the last training stopped.

`python -m generation.bundled.training.restore` writes `state.pt` of the denoiser, decoder, encoder, text encoder,
super-resolution and judge stages where there is none. The text stage's head is not shipped: it is only needed to train
on that stage itself, and starts anew then. The decoder goes on from `checkpoints/decoder.safetensors`: its training at
4K scale isn't over (docs/decisions/0032). `--shipped` takes the shipped one instead.
"""

import argparse
from pathlib import Path
from typing import Final

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from safetensors.torch import load_file
from torch import nn
from transformers import CLIPTextModel

from generation.bundled import superresolution
from generation.bundled.assemble import WEIGHTS

from . import judge, loop, renderer
from .text import Reader

CHECKPOINT: Final = Path(__file__).parent / "checkpoints" / "decoder.safetensors"


def restore(*, shipped: bool = False) -> list[str]:
    """The stages that got a state; `shipped`: of shipped weights alone, without the checkpoint of the decoder.

    ValueError where the shipped folder is of another architecture.
    """
    folder = WEIGHTS / "text-to-image"
    vae = AutoencoderTiny.from_pretrained(folder / "vae")
    painter = renderer.Painter()
    if shipped:
        painter.take(vae.decoder)
    else:
        painter.load_state_dict(load_file(CHECKPOINT))
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
    arguments = argparse.ArgumentParser(description="Makes training states of the weights in the repository.")
    arguments.add_argument("--shipped", action="store_true", help="also the decoder as it is shipped")
    made = restore(shipped=arguments.parse_args().shipped)
    print("restored:", ", ".join(made) or "nothing, every stage has a state")

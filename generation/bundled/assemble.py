"""Puts the trained stages together as a stock diffusers folder: `python -m generation.bundled.assemble FOLDER`.

By default that is the candidate's folder; `generation.bundled.promote` decides whether it replaces the shipped one.
"""

import argparse
import json
from pathlib import Path
from typing import Final

import torch
from diffusers import AutoencoderTiny, DDPMScheduler, StableDiffusionPipeline

from . import superresolution, tokenizer
from .training import denoiser, renderer, text
from .training import superresolution as larger
from .training.loop import STATE, load_average

WEIGHTS: Final = Path(__file__).parent / "weights"
CANDIDATE: Final = STATE / "candidate"
SHARD: Final = "10MB"
STEPS: Final = 20
GUIDANCE: Final = 1.5
# Base sizes by shape: multiples of 16 that the exact output sizes are whole or near-whole multiples of.
SIZES: Final[dict[str, tuple[int, int]]] = {
    "1:1": (256, 256), "4:3": (256, 192), "3:4": (192, 256), "3:2": (288, 192), "2:3": (192, 288),
    "16:9": (256, 144), "9:16": (144, 256), "21:9": (336, 144),
}  # fmt: skip


def pipeline() -> StableDiffusionPipeline:
    """The pipeline of the stages' newest moving averages, in float32. FileNotFoundError while a stage is untrained."""
    reader = text.Reader()
    load_average("text", reader)
    unet = denoiser.network()
    load_average("denoiser", unet)
    unet.set_default_attn_processor()
    return StableDiffusionPipeline(
        vae=autoencoder(), text_encoder=reader.encoder.eval(), tokenizer=tokenizer.build(), unet=unet.eval(),
        scheduler=DDPMScheduler(
            beta_schedule=denoiser.SCHEDULE, prediction_type=denoiser.PREDICTION, timestep_spacing="trailing",
            clip_sample=False,
        ),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def autoencoder() -> AutoencoderTiny:
    whole = renderer.autoencoder().eval()
    painter = renderer.Painter()
    load_average("decoder", painter)
    whole.decoder = painter.decoder().eval()
    load_average("encoder", whole.encoder)
    return whole


def write(folder: Path) -> None:
    """Write `text-to-image/`, `super-resolution/` and `recommended.json`, all fp16."""
    with_weights = pipeline().to(torch.float16)
    target = folder / "text-to-image"
    target.mkdir(parents=True, exist_ok=True)
    for stale in target.glob("*/*.safetensors*"):
        stale.unlink()
    with_weights.save_pretrained(target, safe_serialization=True, max_shard_size=SHARD)
    advice = {
        "steps": STEPS,
        "guidance": GUIDANCE,
        "sizes": {shape: list(size) for shape, size in SIZES.items()},
    }
    (folder / "recommended.json").write_text(json.dumps(advice, indent=2) + "\n")


def write_superresolution(folder: Path) -> None:
    network = larger.network()
    assert isinstance(network, superresolution.SuperResolution)
    load_average("superresolution", network)
    superresolution.save(network, folder / "super-resolution")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Assembles the bundled model from its trained stages.")
    arguments.add_argument("folder", type=Path, nargs="?", default=CANDIDATE)
    arguments.add_argument("--only", choices=("pictures", "superresolution"))
    chosen = arguments.parse_args()
    if chosen.only != "superresolution":
        write(chosen.folder)
    if chosen.only != "pictures":
        write_superresolution(chosen.folder)


if __name__ == "__main__":
    main()

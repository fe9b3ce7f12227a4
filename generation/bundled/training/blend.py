"""Blends the denoiser's newest moving average with the shipped weights: `… .training.blend --newest 0.6`.

Two ends of one long training have errors of their own, and the mean of both has fewer of either, as long as the
second started from the first (`docs/decisions/0015`). Training itself goes on from the newest weights.
"""

import argparse
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel

from generation.bundled.assemble import WEIGHTS

from . import loop


def blend(newest: float, shipped: Path = WEIGHTS) -> None:
    """Set the denoiser's moving average to that share of the newest and the rest of the shipped weights.

    FileNotFoundError without a state of the denoiser, KeyError where the shipped one is of another architecture.
    """
    file = loop.STATE / "denoiser" / "state.pt"
    state = torch.load(file, map_location="cpu", weights_only=True)
    old = UNet2DConditionModel.from_pretrained(shipped / "text-to-image" / "unet").state_dict()
    state["average"] = {
        name: old[name].float().lerp(value.float(), newest).half() for name, value in state["average"].items()
    }
    torch.save(state, file)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Blends the newest denoiser with the shipped one.")
    arguments.add_argument("--newest", type=float, default=0.5, help="its share, 0 to 1")
    blend(arguments.parse_args().newest)


if __name__ == "__main__":
    main()

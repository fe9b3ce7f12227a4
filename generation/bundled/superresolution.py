"""The ×4 super-resolution network: Lanczos, plus what a small convolutional network knows about edges."""

import json
from math import pi, sin
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

WEIGHTS: Final = Path(__file__).with_name("weights") / "super-resolution"
SCALE: Final = 4
_TAPS: Final = 6  # Lanczos with a = 3


class SuperResolution(nn.Module):
    """[B, 3, H, W] in 0..1 → [B, 3, 4H, 4W] in 0..1, for any H, W ≥ 16.

    `receptive_field`: pixels of context at the input side; tiles that overlap by that much on each side agree with the
    whole picture. An untrained network returns Lanczos itself: its last layer starts at zero.
    """

    scale = SCALE
    kernel: Tensor

    def __init__(self, width: int = 48, blocks: int = 5) -> None:
        super().__init__()
        self.width, self.blocks = width, blocks
        self.receptive_field = max(2 * blocks + 2, _TAPS // 2)
        self.head = nn.Conv2d(3, width, 3, padding=1)
        self.body = nn.ModuleList(_Block(width) for _ in range(blocks))
        self.tail = nn.Conv2d(width, 3 * SCALE * SCALE, 3, padding=1)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]
        self.register_buffer("kernel", _lanczos(), persistent=False)

    def forward(self, picture: Tensor) -> Tensor:
        x = self.head(picture - 0.5)
        for block in self.body:
            x = block(x)
        return (self.lanczos(picture) + functional.pixel_shuffle(self.tail(x), SCALE)).clamp(0, 1)

    def lanczos(self, picture: Tensor) -> Tensor:
        """Four times larger by Lanczos-3; the border pixels are repeated outwards."""
        batch, channels, height, width = picture.shape
        flat = functional.pad(
            picture.reshape(batch * channels, 1, height, width), (3, 3, 3, 3), mode="replicate"
        )
        phases = functional.conv2d(flat, self.kernel.to(flat.dtype))[:, :, :height, :width]
        return functional.pixel_shuffle(phases, SCALE).view(batch, channels, height * SCALE, width * SCALE)


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(functional.leaky_relu(self.first(x), 0.1))  # type: ignore[no-any-return]


def _lanczos() -> Tensor:
    """[16, 1, 7, 7]: one kernel for each of the 4 × 4 output places in a pixel. Taps are at -3..3."""

    def weight(x: float) -> float:
        if abs(x) < 1e-9:
            return 1.0
        return 0.0 if abs(x) >= 3 else 3 * sin(pi * x) * sin(pi * x / 3) / (pi * pi * x * x)

    rows = []
    for phase in range(SCALE):
        shift = (phase + 0.5) / SCALE - 0.5
        taps = [weight(tap - shift) for tap in range(-3, 4)]
        rows.append([t / sum(taps) for t in taps])
    line = torch.tensor(rows)
    return torch.einsum("ay,bx->abyx", line, line).reshape(SCALE * SCALE, 1, 7, 7)


def load(folder: Path, device: torch.device | str) -> SuperResolution:
    """The network of a folder with `config.json` and `model.safetensors`, in float32, ready to run.

    Raises FileNotFoundError where a file is missing.
    """
    config = json.loads((folder / "config.json").read_text())
    module = SuperResolution(config["width"], config["blocks"])
    weights = {name: value.float() for name, value in load_file(folder / "model.safetensors").items()}
    module.load_state_dict(weights)
    return module.to(device).eval().requires_grad_(False)


def save(module: SuperResolution, folder: Path) -> None:
    """Write the network as fp16 to a folder that `load` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"width": module.width, "blocks": module.blocks, "scale": SCALE}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(
        {name: value.half().contiguous() for name, value in module.state_dict().items()},
        folder / "model.safetensors",
    )

"""The denoiser learns to place the fields of a scene from its caption.

Needs the text stage. It never sees a picture: the fields come straight from the layouts, hundreds a second.

It predicts the clean fields, not the noise nor their mixture v: noise has 44 independent values a cell, which a network
of 64 channels cannot carry through, while the fields of a scene are few numbers spread out smoothly.

The noise schedule is the linear one: the fields are smooth, so that a cell's neighbours show its value through much
noise, and what stands where is decided while hardly any signal is left. The cosine schedule spends little time there.
"""

from typing import Final

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModel

from generation.bundled import latents
from generation.bundled.captions import caption

from .data import TRAINING, batch
from .loop import Step, load_average, parser, plan, train
from .text import WIDTH, Reader, tokens

WIDTHS: Final = (96, 112, 160)
GROUPS: Final = 4  # more of them take the plain colours out of each other's channels
HEADS: Final = 4  # diffusers reads `attention_head_dim` as the number of heads here
STEPS: Final = 1000  # timesteps of the noise schedule
SCHEDULE: Final = "linear"
PREDICTION: Final = "sample"
MOST: Final = 8.0  # weight of the least noisy fields' errors; 1 + SNR below that, as if v were predicted
BEND: Final = 3  # cells over which such an error turns
BENT: Final = 0.35  # the largest deviation of its coarse grid; most scenes get much less
EMPTY: Final = 0.1  # share of captions left empty, for guidance
BATCH: Final = 32


def network() -> UNet2DConditionModel:
    torch.manual_seed(3)
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=latents.CHANNELS, out_channels=latents.CHANNELS,
        block_out_channels=WIDTHS, layers_per_block=1, time_embedding_dim=256, norm_num_groups=GROUPS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2D",
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH, attention_head_dim=HEADS, use_linear_projection=True,
        addition_embed_type="text", addition_embed_type_num_heads=8, resnet_time_scale_shift="scale_shift",
    )  # fmt: skip
    nn.init.zeros_(unet.conv_out.weight)
    nn.init.zeros_(unet.conv_out.bias)
    if not torch.cuda.is_available():
        unet.set_attn_processor(AttnProcessor())  # at this size twice as fast as the fused one on a CPU
    return unet


def signal_and_noise() -> tuple[Tensor, Tensor]:
    """sqrt(ᾱ) and sqrt(1 - ᾱ) by timestep."""
    from diffusers import DDPMScheduler

    kept = DDPMScheduler(STEPS, beta_schedule=SCHEDULE).alphas_cumprod
    return kept.sqrt(), (1 - kept).sqrt()


_FROZEN: list[CLIPTextModel] = []


def states(texts: list[str], device: torch.device) -> Tensor:
    """What the frozen text encoder makes of captions, [B, tokens, WIDTH]."""
    if not _FROZEN:
        reader = Reader()
        load_average("text", reader)
        _FROZEN.append(reader.encoder.to(device).eval().requires_grad_(False))
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
        return _FROZEN[0](tokens(texts).to(device)).last_hidden_state.float()  # type: ignore[no-any-return]


_SIGNAL, _NOISE = signal_and_noise()


def loss(module: nn.Module, at: Step) -> Tensor:
    device, count = at.device, at.batch or BATCH
    scenes, layouts, rng = batch(TRAINING, at.number, at.worker, count)
    texts = ["" if rng.random() < EMPTY else caption(scene, rng)[0] for scene in scenes]
    clean = latents.fields(layouts, device)
    spread = torch.arange(count) + torch.rand(count)  # evenly: a less noisy gradient
    time = (spread * (STEPS / count)).long()
    a, s = (table[time].view(-1, 1, 1, 1).to(device) for table in (_SIGNAL, _NOISE))
    noise = torch.randn(clean.shape).to(device)
    with torch.autocast(device.type, torch.bfloat16):
        out = module(a * _bent(clean) + s * noise, time.to(device), states(texts, device)).sample
    error: Tensor = (out.float() - clean).pow(2) * (1 / s.pow(2)).clamp(max=MOST)
    return (error.mean((0, 2, 3)) * _WEIGHTS.to(device)).mean()


def _bent(clean: Tensor) -> Tensor:
    """The fields with smooth errors like the network's own, which it has to correct.

    While it draws it gets its own result of the step before, not the truth, and would keep every bend in that.
    """
    count, channels, height, width = clean.shape
    coarse = torch.randn(count, channels, height // BEND + 2, width // BEND + 2)
    smooth = functional.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=True)
    return clean + (BENT * torch.rand(count, 1, 1, 1).pow(2) * smooth).to(clean.device)


def _weights() -> Tensor:
    """How much each channel counts: objects are what a prompt names, scattered things nobody counts.

    Outlines and places are few channels and are what the eye sees a bend in; the many of a code only have to have the
    right sign.
    """
    weights = torch.ones(latents.CHANNELS)
    weights[latents.LINES] = 3.0
    for layer, outline, code, place, colour in (
        (latents.OBJECTS, 5.0, 1.0, 2.5, 1.6),
        (latents.BEHIND, 2.5, 0.8, 1.5, 1.0),
        (latents.SCATTERED, 1.5, 0.5, 2.0, 0.5),
    ):
        weights[layer.first] = outline
        weights[layer.code], weights[layer.place], weights[layer.colour] = code, place, colour
    return weights / weights.mean()


_WEIGHTS: Final = _weights()


def main() -> None:
    chosen = parser("denoiser", 20_000, 1.2e-3).parse_args()
    train(network, loss, plan("denoiser", chosen))


if __name__ == "__main__":
    main()

"""Stable Diffusion 1 and XL with random weights, a few hundred kilobytes each; XL also as weights for inpainting."""

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from tests.generation.engine.tiny import tokens

_WIDTH = 32


def text_config(vocabulary: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=_WIDTH,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        projection_dim=_WIDTH,
        bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1,
        pad_token_id=vocabulary - 1,
    )


def autoencoder() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=[16, 32],
        norm_num_groups=8,
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        latent_channels=4,
        scaling_factor=0.2,
    )


def scheduler() -> EulerDiscreteScheduler:
    return EulerDiscreteScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, steps_offset=1
    )


def save_stable_diffusion(folder: Path) -> Path:
    torch.manual_seed(0)
    words = tokens.clip()
    unet = UNet2DConditionModel(
        sample_size=32,
        block_out_channels=(16, 32),
        norm_num_groups=8,
        layers_per_block=1,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=_WIDTH,
        attention_head_dim=8,
    )
    StableDiffusionPipeline(
        vae=autoencoder(),
        text_encoder=CLIPTextModel(text_config(len(words))),
        tokenizer=words,
        unet=unet,
        scheduler=scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_stable_diffusion_xl(folder: Path) -> Path:
    return _save_xl(folder, StableDiffusionXLPipeline, in_channels=4)


def save_stable_diffusion_xl_inpaint(folder: Path) -> Path:
    """As the published weights for inpainting: the network also sees the mask and what it leaves of the picture."""
    return _save_xl(folder, StableDiffusionXLInpaintPipeline, in_channels=9)


def _save_xl(folder: Path, pipeline: Any, *, in_channels: int) -> Path:
    torch.manual_seed(0)
    words = tokens.clip()
    config = text_config(len(words))
    unet = UNet2DConditionModel(
        sample_size=32,
        block_out_channels=(16, 32),
        norm_num_groups=8,
        layers_per_block=1,
        in_channels=in_channels,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=2 * _WIDTH,
        attention_head_dim=8,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=_WIDTH + 6 * 8,
    )
    pipeline(
        vae=autoencoder(),
        text_encoder=CLIPTextModel(config),
        text_encoder_2=CLIPTextModelWithProjection(config),
        tokenizer=words,
        tokenizer_2=tokens.clip(),
        unet=unet,
        scheduler=scheduler(),
    ).save_pretrained(folder, safe_serialization=True)
    return folder

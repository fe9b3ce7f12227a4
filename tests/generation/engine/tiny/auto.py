"""A pipeline without a callback of its own (PixArt-Sigma) with random weights, for the family that takes any."""

from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, PixArtSigmaPipeline, PixArtTransformer2DModel
from transformers import T5Config, T5EncoderModel

from tests.generation.engine.tiny import tokens

_WIDTH = 16


def save(folder: Path) -> Path:
    torch.manual_seed(0)
    words = tokens.t5()
    text = T5Config(
        vocab_size=len(words), d_model=_WIDTH, d_kv=8, d_ff=24, num_layers=2, num_heads=2, pad_token_id=0
    )
    transformer = PixArtTransformer2DModel(
        num_attention_heads=2,
        attention_head_dim=8,
        in_channels=4,
        out_channels=8,
        num_layers=1,
        norm_num_groups=1,
        cross_attention_dim=_WIDTH,
        caption_channels=_WIDTH,
        sample_size=16,
        use_additional_conditions=False,
    )
    vae = AutoencoderKL(
        block_out_channels=[8, 16],
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        latent_channels=4,
        norm_num_groups=4,
        scaling_factor=0.13,
    )
    PixArtSigmaPipeline(
        tokenizer=words,
        text_encoder=T5EncoderModel(text),
        vae=vae,
        transformer=transformer,
        scheduler=DDIMScheduler(),
    ).save_pretrained(folder, safe_serialization=True)
    return folder

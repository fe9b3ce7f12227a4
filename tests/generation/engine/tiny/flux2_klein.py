"""FLUX.2 klein with random weights."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
)
from transformers import Qwen3Config, Qwen3ForCausalLM

from tests.generation.engine.tiny import tokens

_WIDTH = 16


def save(folder: Path, *, is_distilled: bool = False) -> Path:
    torch.manual_seed(0)
    words = tokens.qwen()
    text = Qwen3Config(
        vocab_size=len(words),
        hidden_size=_WIDTH,
        intermediate_size=24,
        num_hidden_layers=28,  # the pipeline reads the states of layers 9, 18 and 27
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
    )
    transformer = Flux2Transformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * _WIDTH,
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    )
    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=4,
    )
    # Trained weights have seen latents; untrained means of zero would hide a mistake in how they are undone.
    vae.bn.running_mean.uniform_(-0.3, 0.3)
    vae.bn.running_var.uniform_(0.5, 2.0)
    Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=Qwen3ForCausalLM(text),
        tokenizer=words,
        transformer=transformer,
        is_distilled=is_distilled,
    ).save_pretrained(folder, safe_serialization=True)
    return folder

"""Qwen-Image, Qwen-Image-Edit-Plus and Qwen-Image-Layered with random weights, and their processor."""

import json
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import (
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    QwenImageEditPlusPipeline,
    QwenImageLayeredPipeline,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
)
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen2Tokenizer

from tests.generation.engine.tiny import tokens

_WIDTH: Final = 16
_PATCH: Final = 14
_LATENTS: Final = 8  # not 4: the pipeline for layers would take a picture with opacity for latents


def save(folder: Path) -> Path:
    torch.manual_seed(0)
    QwenImagePipeline(**_parts()).save_pretrained(folder, safe_serialization=True)
    return folder


def save_edit_plus(folder: Path) -> Path:
    torch.manual_seed(0)
    QwenImageEditPlusPipeline(**_parts(zero_cond_t=True), processor=None).save_pretrained(
        folder, safe_serialization=True
    )
    return _with_processor(folder)


def save_layered(folder: Path) -> Path:
    torch.manual_seed(0)
    parts = _parts(channels=4, use_additional_t_cond=True, use_layer3d_rope=True)
    QwenImageLayeredPipeline(**parts, processor=None).save_pretrained(folder, safe_serialization=True)
    return _with_processor(folder)


def _parts(*, channels: int = 3, **transformer: Any) -> dict[str, Any]:
    words = tokens.qwen()
    mean, deviation = [0.1, -0.2, 0.3, -0.1] * 2, [1.5, 0.8, 1.2, 1.0] * 2
    vae = AutoencoderKLQwenImage(
        base_dim=4,
        z_dim=_LATENTS,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
        latents_mean=mean,
        latents_std=deviation,
        input_channels=channels,
    )
    with torch.no_grad():  # untrained, it would show nearly the same grey whatever the latents are
        vae.decoder.conv_out.weight.mul_(8)
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift_terminal=0.02),
        "vae": vae,
        "text_encoder": _text_encoder(words),
        "tokenizer": words,
        "transformer": QwenImageTransformer2DModel(
            in_channels=4 * _LATENTS,
            out_channels=_LATENTS,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=_WIDTH,
            axes_dims_rope=(4, 6, 6),
            **transformer,
        ),
    }


def _text_encoder(words: Qwen2Tokenizer) -> Qwen2_5_VLForConditionalGeneration:
    number = words.convert_tokens_to_ids
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(words),
            "hidden_size": _WIDTH,
            "intermediate_size": 24,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e6},
        },
        vision_config={
            "depth": 2,
            "hidden_size": _WIDTH,
            "intermediate_size": 24,
            "num_heads": 2,
            "out_hidden_size": _WIDTH,
            "patch_size": _PATCH,
            "window_size": 4 * _PATCH,
            "fullatt_block_indexes": [1],
        },
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
    )
    return Qwen2_5_VLForConditionalGeneration(config)


def _with_processor(folder: Path) -> Path:
    """Add the folder `processor` as it is published: the tokenizer's files and how pictures become patches."""
    tokens.qwen().save_pretrained(folder / "processor")
    patches = {
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2VLProcessor",
        "patch_size": _PATCH,
        "merge_size": 2,
        "temporal_patch_size": 2,
        "min_pixels": 4 * _PATCH**2,
        "max_pixels": 64 * _PATCH**2,
        "image_mean": [0.48, 0.46, 0.41],
        "image_std": [0.27, 0.26, 0.28],
    }
    (folder / "processor" / "preprocessor_config.json").write_text(json.dumps(patches))
    index = folder / "model_index.json"
    parts = json.loads(index.read_text()) | {"processor": ["transformers", "Qwen2VLProcessor"]}
    index.write_text(json.dumps(parts))
    return folder

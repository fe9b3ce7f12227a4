"""Tiny models of the classes of SAM and SAM 2 with random weights, saved as transformers saves them."""

from pathlib import Path

import torch
from transformers import (
    Sam2Config,
    Sam2HieraDetConfig,
    Sam2MaskDecoderConfig,
    Sam2Model,
    Sam2PromptEncoderConfig,
    Sam2VisionConfig,
    SamConfig,
    SamMaskDecoderConfig,
    SamModel,
    SamPromptEncoderConfig,
    SamVisionConfig,
)

SIDE = 64


def sam(folder: Path) -> Path:
    torch.manual_seed(3)
    vision = SamVisionConfig(
        hidden_size=16, output_channels=16, num_hidden_layers=2, num_attention_heads=2, image_size=SIDE,
        patch_size=16, window_size=2, global_attn_indexes=[1], mlp_dim=32, num_pos_feats=8,
    )  # fmt: skip
    config = SamConfig(
        vision_config=vision.to_dict(),
        prompt_encoder_config=SamPromptEncoderConfig(
            hidden_size=16, image_size=SIDE, patch_size=16, mask_input_channels=8
        ).to_dict(),
        mask_decoder_config=SamMaskDecoderConfig(
            hidden_size=16, mlp_dim=32, num_hidden_layers=1, num_attention_heads=2, iou_head_hidden_dim=16
        ).to_dict(),
    )
    SamModel(config).save_pretrained(folder)
    return folder


def sam2(folder: Path) -> Path:
    torch.manual_seed(4)
    backbone = Sam2HieraDetConfig(
        hidden_size=8, num_attention_heads=1, image_size=[SIDE, SIDE], blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[8, 16, 32, 64], num_attention_heads_per_stage=[1, 1, 2, 2],
        window_size_per_stage=[4, 2, 2, 2], window_positional_embedding_background_size=[4, 4],
        global_attention_blocks=[3],
    )  # fmt: skip
    vision = Sam2VisionConfig(
        backbone_config=backbone.to_dict(), backbone_channel_list=[64, 32, 16, 8], fpn_hidden_size=32,
        backbone_feature_sizes=[[SIDE // 4] * 2, [SIDE // 8] * 2, [SIDE // 16] * 2], num_feature_levels=3,
    )  # fmt: skip
    config = Sam2Config(
        vision_config=vision.to_dict(),
        prompt_encoder_config=Sam2PromptEncoderConfig(
            hidden_size=32, image_size=SIDE, patch_size=16, mask_input_channels=8
        ).to_dict(),
        mask_decoder_config=Sam2MaskDecoderConfig(
            hidden_size=32, mlp_dim=32, num_hidden_layers=1, num_attention_heads=2, iou_head_hidden_dim=16
        ).to_dict(),
    )
    Sam2Model(config).save_pretrained(folder)
    return folder


SAVED = {"sam": sam, "sam2": sam2}

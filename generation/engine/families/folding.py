"""Convolutions that look at one pixel only, as 1×1 convolutions: the same function, a ninth of the work.

The bundled model's decoder is trained by points, so nearly all of its 3×3 kernels are zero but in the middle. The files
keep them, since a stock pipeline expects them; the engine does not have to multiply by zero.
"""

import torch
from torch import nn


@torch.no_grad()
def fold_pointwise(module: nn.Module) -> int:
    """Replace every such convolution inside the module by its 1×1 twin, in place; return how many there were."""
    folded = 0
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d) and _sees_one_pixel(child):
            setattr(module, name, _twin(child))
            folded += 1
        else:
            folded += fold_pointwise(child)
    return folded


def _sees_one_pixel(layer: nn.Conv2d) -> bool:
    usual = (layer.kernel_size, layer.stride, layer.dilation) == ((3, 3), (1, 1), (1, 1))
    if not usual or layer.padding != (1, 1) or layer.padding_mode != "zeros" or layer.groups != 1:
        return False
    around = layer.weight.clone()
    around[:, :, 1, 1] = 0
    return not bool(around.any())


def _twin(layer: nn.Conv2d) -> nn.Conv2d:
    twin = nn.Conv2d(
        layer.in_channels, layer.out_channels, 1, bias=layer.bias is not None,
        device=layer.weight.device, dtype=layer.weight.dtype,
    )  # fmt: skip
    twin.weight.copy_(layer.weight[:, :, 1:2, 1:2])
    if layer.bias is not None and twin.bias is not None:
        twin.bias.copy_(layer.bias)
    return twin.requires_grad_(layer.weight.requires_grad)

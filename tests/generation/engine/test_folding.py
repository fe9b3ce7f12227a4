"""A kernel that is zero around its middle gives the same picture as its 1×1 twin; any other kernel stays."""

import copy

import torch
from torch import nn

from generation.engine.families.folding import fold_pointwise


def _centre_only(layer: nn.Conv2d) -> nn.Conv2d:
    with torch.no_grad():
        centre = layer.weight[:, :, 1, 1].clone()
        layer.weight.zero_()
        layer.weight[:, :, 1, 1] = centre
    return layer


def test_kernels_that_see_one_pixel_are_folded_and_the_picture_stays() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.Sequential(nn.ReLU(), _centre_only(nn.Conv2d(8, 8, 3, padding=1, bias=False))),
        _centre_only(nn.Conv2d(8, 3, 3, padding=1)),
    )
    before = copy.deepcopy(network)
    assert fold_pointwise(network) == 2
    assert [layer.kernel_size for layer in network.modules() if isinstance(layer, nn.Conv2d)] == [
        (3, 3), (1, 1), (1, 1),
    ]  # fmt: skip
    picture = torch.randn(2, 3, 9, 7)
    assert torch.allclose(network(picture), before(picture), atol=1e-6)


def test_other_convolutions_are_left_alone() -> None:
    strided = _centre_only(nn.Conv2d(4, 4, 3, padding=1, stride=2))
    unpadded = _centre_only(nn.Conv2d(4, 4, 3))
    grouped = _centre_only(nn.Conv2d(4, 4, 3, padding=1, groups=4))
    assert fold_pointwise(nn.Sequential(strided, unpadded, grouped, nn.Conv2d(4, 4, 1))) == 0

"""What the codec for rough tiles computes: bits of differences to the row above, sixteen pixels at once."""

from __future__ import annotations

import numpy as np

from editor.kernels.reference import Bytes

WIDE = 16


def rough_encode(px: Bytes) -> bytes:
    """Rows of 256 pixels [rows, 256, 4] as bytes; alpha is not kept."""
    above = np.concatenate([np.zeros_like(px[:1]), px[:-1]])
    by = (px - above).view(np.int8).astype(int)
    values = ((by << 1) ^ (by >> 7)) & 255
    out = bytearray()
    for block in values.reshape(-1, WIDE, 4):
        widths = [int(channel.max()).bit_length() for channel in block.T[:3]]
        out += sum(width << 4 * c for c, width in enumerate(widths)).to_bytes(2, "little")
        for channel, width in zip(block.T, widths, strict=False):
            for bit in range(width):
                plane = sum(int(value >> bit & 1) << i for i, value in enumerate(channel))
                out += plane.to_bytes(2, "little")
    return bytes(out)

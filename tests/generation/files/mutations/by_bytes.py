"""What is done to a file whatever it is: its bytes are flipped, set, cut, inserted, repeated, taken out or blanked."""

from __future__ import annotations

import random
from typing import Final

# The numbers at which readers go wrong.
EDGES: Final = (
    0,
    1,
    2,
    3,
    7,
    8,
    127,
    128,
    255,
    256,
    4095,
    32767,
    32768,
    65535,
    2**24,
    2**31 - 1,
    2**31,
    2**32 - 1,
)


def anywhere(noise: random.Random, content: bytes) -> bytes:
    """Half of the places lie in the headers."""
    data = bytearray(content)
    for _turn in range(noise.choice((1, 1, 2, 8))):
        if not data:
            break
        end = min(600, len(data)) if noise.random() < 0.5 else len(data)
        at = noise.randrange(end)
        length = noise.choice((1, 2, 4, 16, 64, len(data) // 8 + 1))
        way = noise.randrange(9)
        if way < 3:
            data[at] ^= 1 << noise.randrange(8)
        elif way == 3:
            data[at] = noise.choice((0, 1, 127, 128, 255, noise.randrange(256)))
        elif way == 4:
            del data[at:]
        elif way == 5:
            data[at:at] = noise.randbytes(length)
        elif way == 6:
            data[at:at] = data[at : at + length]
        elif way == 7:
            del data[at : at + length]
        else:
            data[at : at + length] = bytes([noise.choice((0, 255))]) * len(data[at : at + length])
    return bytes(data)

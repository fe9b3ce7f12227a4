"""ICC profiles: what they are for, and small ones made from what files say in numbers (gAMA, cHRM, cICP, nclx)."""

from __future__ import annotations

import struct
from typing import Final

# White and colours as CIE x, y: white, red, green, blue (ITU-T H.273, table 2).
Chromaticities = tuple[float, ...]
_D65: Final = (0.3127, 0.3290)
_C: Final = (0.310, 0.316)
_SRGB: Final = (*_D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
_PRIMARIES: Final[dict[int, Chromaticities]] = {
    1: _SRGB,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
# A curve as ICC's parametric type 3: Y = (aX + b)^g from d on, cX below (ICC.1:2022, 10.18); or g alone.
Curve = tuple[float, ...]
_SRGB_CURVE: Final = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# H.273, table 3. The curves of video are shown as what a screen makes of them, gamma 2.4.
_CURVES: Final[dict[int, Curve]] = {
    **dict.fromkeys((1, 6, 14, 15), (2.4,)),
    4: (2.2,),
    5: (2.8,),
    8: (1.0,),
    13: _SRGB_CURVE,
}
# Within this share of 1/2.2, gamma alone means sRGB.
_NEAR_SRGB: Final = 0.05
_STEEPEST: Final = 1000.0
_D50: Final = (0.9642, 1.0, 0.8249)
_BRADFORD: Final = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))

Matrix = tuple[tuple[float, ...], ...]


def from_codes(primaries: int, curve: int) -> bytes | None:
    """Return the profile of these code points of H.273; None for sRGB itself, and for what isn't known (HDR too)."""
    if primaries not in _PRIMARIES or curve not in _CURVES or (primaries, curve) == (1, 13):
        return None
    return _profile(_PRIMARIES[primaries], _CURVES[curve])


def from_gamma(gamma: float, chromaticities: Chromaticities | None) -> bytes | None:
    """Return the profile of a PNG's gAMA and cHRM; None where that is sRGB or invalid (a place beyond 0 and 1)."""
    if gamma <= 0:
        return None
    if chromaticities is None:
        if abs(gamma * 2.2 - 1) < _NEAR_SRGB:
            return None
        chromaticities = _SRGB
    if not all(0 <= place <= 1 for place in chromaticities):
        return None
    try:
        return _profile(chromaticities, (min(1 / gamma, _STEEPEST),))
    except (ZeroDivisionError, struct.error, OverflowError):
        return None


def space_of(profile: bytes) -> str:
    """Return the colour space that a profile is for: "RGB", "GRAY", "CMYK" or another."""
    return profile[16:20].decode("latin-1").strip()


def is_usable(profile: bytes) -> bool:
    """Whether this begins as a whole profile does (ICC.1:2022, 7.2)."""
    return (
        len(profile) >= 132
        and profile[36:40] == b"acsp"
        and int.from_bytes(profile[:4], "big") <= len(profile)
    )


def _profile(chromaticities: Chromaticities, curve: Curve) -> bytes:
    """An ICC version 4 display profile of a matrix and one curve for the three colours."""
    columns = _to_d50(chromaticities)
    shape = {1: 0, 5: 3}[len(curve)]
    response = b"para\0\0\0\0" + struct.pack(">HH", shape, 0) + b"".join(map(_fixed, curve))
    text = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2, 28) + b"\0x"
    tags = [
        (b"desc", text),
        (b"cprt", text),
        (b"wtpt", _xyz(_D50)),
        *zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(_xyz, columns), strict=True),
        *((name, response) for name in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags:
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s12x4s28x", size, b"\0" * 4, 0x04300000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head += b"".join(map(_fixed, _D50))
    return head.ljust(128, b"\0") + table + body


def _to_d50(chromaticities: Chromaticities) -> Matrix:
    """The three colours as XYZ under D50: scaled to add up to white, then adapted (Bradford)."""
    white = _from_xy(*chromaticities[:2])
    # Not divided by y, which may be zero: the scales below make up for it.
    colours = [(x, y, 1 - x - y) for x, y in (chromaticities[at : at + 2] for at in (2, 4, 6))]
    scales = _times(_inverse(_transposed(tuple(colours))), white)
    cone = _times(_BRADFORD, white)
    factors = [to / of for to, of in zip(_times(_BRADFORD, _D50), cone, strict=True)]
    scaled = tuple(
        tuple(factor * value for value in row) for factor, row in zip(factors, _BRADFORD, strict=True)
    )
    back = _inverse(_BRADFORD)
    return tuple(
        _times(back, _times(scaled, tuple(scale * value for value in colour)))
        for scale, colour in zip(scales, colours, strict=True)
    )


def _from_xy(x: float, y: float) -> tuple[float, ...]:
    return x / y, 1.0, (1 - x - y) / y


def _times(matrix: Matrix, vector: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _transposed(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def _inverse(matrix: Matrix) -> Matrix:
    """Of three by three, by cofactors. Raises ZeroDivisionError."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0]
    return tuple(tuple(value / determinant for value in row) for row in cofactors)


def _fixed(number: float) -> bytes:
    """ICC's s15Fixed16Number."""
    return struct.pack(">i", round(number * 65536))


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, values))

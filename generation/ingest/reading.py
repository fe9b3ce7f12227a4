"""Opens a file of an accepted format, refuses what it asks too much, and turns it into upright 8-bit sRGB."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import (
    AvifImagePlugin,
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from generation.ingest import inks, profiles
from generation.ingest.containers import avif, exif, jpeg, png, webp
from generation.ingest.containers.plain import Plain
from generation.ingest.limits import Limits
from generation.ingest.outcome import Cause, Unacceptable

# The classes themselves, not Image.open: only these four decoders can ever be reached.
_READERS: Final[dict[str, type[ImageFile.ImageFile]]] = {
    "png": PngImagePlugin.PngImageFile,
    "jpeg": JpegImagePlugin.JpegImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "avif": AvifImagePlugin.AvifImageFile,
}
_CONTAINERS: Final[dict[str, Callable[[bytes, Limits], Plain]]] = {
    "png": png.plain,
    "jpeg": jpeg.plain,
    "webp": webp.plain,
    "avif": avif.plain,
}
# What the decoders and Pillow raise at files that are cut off or damaged.
BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AssertionError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    struct.error,
    Image.DecompressionBombError,
)
_SRGB: Final = ImageCms.createProfile("sRGB")
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Through a profile's table, exactly: 0.26 s of processor a megapixel. Larger pictures would take all of their time.
_EXACT_PIXELS: Final = 12_000_000
_GREY: Final = frozenset({"1", "L", "LA", "I;16"})


@dataclass(frozen=True, slots=True)
class Header:
    """An opened file: its size, and all that is needed to decode it."""

    form: str
    width: int
    height: int
    plain: Plain
    image: ImageFile.ImageFile


def open_header(file: BinaryIO, form: str, *, max_pixels: int, max_side: int) -> Header:
    """Read size and kind, no pixels yet. Raises Unacceptable for whatever the headers tell against the file."""
    Image.MAX_IMAGE_PIXELS = max_pixels
    AvifImagePlugin.DEFAULT_MAX_THREADS = 2
    limits = Limits(max_pixels, max_side)
    try:
        plain = _CONTAINERS[form](file.read(), limits)
        image = opened(form, plain.content)
        limits.check(*image.size)
        limits.check_frames(1 if form == "jpeg" else getattr(image, "n_frames", 1))
    except Image.DecompressionBombError:
        raise Unacceptable(Cause.TOO_MANY_PIXELS, most=max_pixels) from None
    except BROKEN:
        raise Unacceptable(Cause.DAMAGED) from None
    return Header(form, *image.size, plain, image)


def normalise(header: Header) -> Image.Image:
    """Decode: upright, 8 bits, sRGB, mode RGB, or RGBA where something can be seen through. Raises Unacceptable.

    `header` is spent afterwards: its decoder's buffers are freed before the pixels are copied.
    """
    image = header.image
    try:
        image.load()
        profile = header.plain.profile or (image.info.get("icc_profile") if header.form != "png" else None)
        vars(image).pop("_decoder", None)
        image.fp = None
        if header.plain.content_if_cut is not None:
            _check_whole(image, header)
        clear = _clear_of_16_bits(header)
        plain = _eight_bit(image)
        opacity = clear or _opacity(plain)
        coloured = to_srgb(plain, profile)
    except BROKEN as error:
        memory = "memory" in str(error).lower()
        raise Unacceptable(Cause.TOO_COSTLY if memory else Cause.DAMAGED) from None
    if opacity is not None:
        # What nobody can see must not travel along: colours under full transparency become black.
        coloured.paste((0, 0, 0), mask=opacity.point(_invisible))
        coloured.putalpha(opacity)
    turn = _TURNS.get(_orientation(header))
    if turn is not None:
        coloured = coloured.transpose(turn)
    # Nothing of the file's own notes (EXIF, GPS, text, profile) goes on from here.
    coloured.info = {}
    return coloured


def opened(form: str, content: bytes) -> ImageFile.ImageFile:
    return _READERS[form](io.BytesIO(content))


def _check_whole(image: Image.Image, header: Header) -> None:
    """Decode once more with other bytes where the file ends. Raises ValueError if any pixel is made of them."""
    other = opened(header.form, header.plain.content_if_cut or b"")
    other.load()
    if ImageChops.difference(image, other).getbbox() is not None:
        raise ValueError("cut off")


def _orientation(header: Header) -> int:
    """As EXIF's number. For AVIF Pillow says so what its own boxes ask for (irot, imir); its EXIF doesn't count."""
    if header.form == "avif":
        return exif.orientation(header.image.info.get("exif", b"").removeprefix(b"Exif\0\0"))
    return header.plain.orientation


def _invisible(level: int) -> int:
    return 255 if level == 0 else 0


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 bits or of 1 bit as 8 bits; the upper byte, as Pillow itself takes it of 16-bit colours."""
    if image.mode == "1":
        plain, clear = image.convert("L"), image.info.get("transparency")
        clear = 255 if clear else clear
        plain.info = {} if clear is None else {"transparency": clear}
        return plain
    if image.mode.startswith("I"):
        plain = image.point(_upper_byte, "L")
        plain.info = {}
        return plain
    return image


def _clear_of_16_bits(header: Header) -> Image.Image | None:
    """The opacity of a 16-bit PNG with one transparent colour: all 16 bits count, of which 8 are decoded."""
    image = header.image
    key = image.info.get("transparency")
    if header.form != "png" or header.plain.content[24] != 16 or key is None:
        return None
    del image.info["transparency"]
    if image.mode == "I;16":
        low, high = Image.frombytes("LA", image.size, image.tobytes()).split()
        same = [(high, key >> 8), (low, key & 255)]
    else:
        lower = opened(header.form, header.plain.content)
        lower.tile = [tile._replace(args="RGB;16L") for tile in lower.tile]
        lower.load()
        same = [(band, level >> 8) for band, level in zip(image.split(), key, strict=True)]
        same += [(band, level & 255) for band, level in zip(lower.split(), key, strict=True)]
    opacity = Image.new("L", image.size)
    for band, level in same:
        opacity = ImageChops.lighter(opacity, band.point([255] * level + [0] + [255] * (255 - level)))
    return opacity


def _opacity(image: Image.Image) -> Image.Image | None:
    """The alpha channel, or None where every pixel is opaque."""
    if not image.has_transparency_data:
        return None
    alpha = image.convert("RGBA").getchannel("A")
    return alpha if alpha.getextrema()[0] != 255 else None


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture as RGB, its colours through a profile where it has one that can be read."""
    if image.mode == "CMYK":
        return _of_inks(image, profile)
    if profile and image.mode in {"RGB", "RGBA", "L", "LA", "P", "PA"}:
        with contextlib.suppress(ImageCms.PyCMSError, *BROKEN):
            return _through_profile(image, profile)
    return _as_rgb(image)


def _of_inks(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and profiles.space_of(profile) == "CMYK":
        with contextlib.suppress(ImageCms.PyCMSError, *BROKEN):
            if inks.is_understood(profile):
                return inks.to_rgb(image, profile)
            return _converted(inks.without_black(image), ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    return inks.to_rgb(image)


def _through_profile(image: Image.Image, data: bytes) -> Image.Image:
    space = profiles.space_of(data)
    # A profile for another kind of picture is passed over; a grey picture is one of equal red, green and blue.
    if space != "RGB" and not (space == "GRAY" and image.mode in _GREY):
        return _as_rgb(image)
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    source = {"RGB": _as_rgb, "GRAY": _as_grey}[space](image)
    return _converted(source, profile)


def _converted(source: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    # The short cut through a table of its own is exact for a matrix only; from tables it was up to 20 levels off.
    is_short = profile.profile.is_matrix_shaper or source.width * source.height > _EXACT_PIXELS
    flags = ImageCms.Flags.HIGHRESPRECALC if is_short else ImageCms.Flags.NOOPTIMIZE
    transform = ImageCms.buildTransform(profile, _SRGB, source.mode, "RGB", flags=flags)
    if source.mode == "RGB" and _changes_nothing(transform):
        return source
    out: Image.Image | None = ImageCms.applyTransform(source, transform)
    if out is None:
        raise ValueError("not converted")
    return out


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether the profile is sRGB, whatever it is called: then not even rounding may touch the pixels."""
    levels = [*range(0, 256, 17)]
    probe = Image.frombytes(
        "RGB", (256, 16), bytes(v for r in levels for g in levels for b in levels for v in (r, g, b))
    )
    out = ImageCms.applyTransform(probe, transform)
    return out is not None and max(_highest(band) for band in ImageChops.difference(probe, out).split()) <= 1


def _highest(band: Image.Image) -> float:
    return max(level for level, count in enumerate(band.histogram()) if count)


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    # By way of RGBA: a palette entry or colour that is declared transparent must not stop the conversion.
    return image.convert("RGBA").convert("RGB") if image.has_transparency_data else image.convert("RGB")


def _as_grey(image: Image.Image) -> Image.Image:
    return image.convert("L")


def _upper_byte(level: float) -> float:
    return level * (1 / 256)

"""Opens a file of an accepted format, refuses what it asks too much, and turns it into upright 8-bit sRGB."""

from __future__ import annotations

import contextlib
import io
import struct
from typing import BinaryIO, Final

from PIL import (
    AvifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from generation.ingest.outcome import Cause, Unacceptable

# The classes themselves, not Image.open: only these four decoders can ever be reached.
_READERS: Final[dict[str, type[ImageFile.ImageFile]]] = {
    "png": PngImagePlugin.PngImageFile,
    "jpeg": JpegImagePlugin.JpegImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "avif": AvifImagePlugin.AvifImageFile,
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
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    struct.error,
    Image.DecompressionBombError,
)
_SRGB: Final = ImageCms.createProfile("sRGB")
_ORIENTATION: Final = 0x0112


def open_header(file: BinaryIO, form: str, *, max_pixels: int, max_side: int) -> ImageFile.ImageFile:
    """Read size and kind, no pixels yet. Raises Unacceptable."""
    Image.MAX_IMAGE_PIXELS = max_pixels
    AvifImagePlugin.DEFAULT_MAX_THREADS = 2
    try:
        image = _READERS[form](file)
    except Image.DecompressionBombError:
        raise Unacceptable(Cause.TOO_MANY_PIXELS, most=max_pixels) from None
    except BROKEN:
        raise Unacceptable(Cause.DAMAGED) from None
    width, height = image.size
    if width < 1 or height < 1:
        raise Unacceptable(Cause.DAMAGED)
    if width * height > max_pixels:
        raise Unacceptable(Cause.TOO_MANY_PIXELS, most=max_pixels, width=width, height=height)
    if max(width, height) > max_side:
        raise Unacceptable(Cause.TOO_LONG, most=max_side, longest=max(width, height))
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and form != "jpeg":
        raise Unacceptable(Cause.MOVING, frames=frames)
    return image


def normalise(image: ImageFile.ImageFile) -> Image.Image:
    """Decode: upright, 8 bits, sRGB, mode RGB, or RGBA where something can be seen through. Raises Unacceptable.

    `image` is spent afterwards: its decoder's buffers are let go before the pixels are copied.
    """
    try:
        image.load()
        turn, profile = _turn(image), image.info.get("icc_profile")
        vars(image).pop("_decoder", None)
        image.fp = None
        plain = _eight_bit(image)
        opacity = _opacity(plain)
        coloured = _to_srgb(plain, profile)
    except BROKEN as error:
        memory = "memory" in str(error).lower()
        raise Unacceptable(Cause.TOO_COSTLY if memory else Cause.DAMAGED) from None
    if opacity is not None:
        # What nobody can see must not travel along: colours under full transparency become black.
        coloured.paste((0, 0, 0), mask=opacity.point(_invisible))
        coloured.putalpha(opacity)
    if turn is not None:
        coloured = coloured.transpose(turn)
    # Nothing of the file's own notes (EXIF, GPS, text, profile) goes on from here.
    coloured.info = {}
    return coloured


def fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return the size of a thumbnail whose long side is at most `side`."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _invisible(level: int) -> int:
    return 255 if level == 0 else 0


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except BROKEN:
        return None
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return turns.get(orientation) if isinstance(orientation, int) else None


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 bits or of 1 bit as 8 bits; the upper byte, as Pillow itself takes it of 16-bit colours."""
    if image.mode == "1":
        plain, clear = image.convert("L"), image.info.get("transparency")
        clear = 255 if clear else clear
    elif image.mode.startswith("I"):
        plain, clear = image.point(_upper_byte, "L"), image.info.get("transparency")
        clear = clear >> 8 if isinstance(clear, int) else clear
    else:
        return image
    plain.info = {} if clear is None else {"transparency": clear}
    return plain


def _opacity(image: Image.Image) -> Image.Image | None:
    """The alpha channel, or None where every pixel is opaque."""
    if not image.has_transparency_data:
        return None
    alpha = image.convert("RGBA").getchannel("A")
    return alpha if alpha.getextrema()[0] != 255 else None


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and image.mode in {"RGB", "RGBA", "L", "LA", "CMYK", "P", "PA"}:
        with contextlib.suppress(ImageCms.PyCMSError, *BROKEN):
            return _through_profile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    return _as_rgb(image)


def _through_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    space = profile.profile.xcolor_space.strip()
    if space == "RGB" and "sRGB" in ImageCms.getProfileDescription(profile):
        return _as_rgb(image)
    source = {"RGB": _as_rgb, "GRAY": _as_grey, "CMYK": _as_cmyk}[space](image)
    out: Image.Image | None = ImageCms.profileToProfile(source, profile, _SRGB, outputMode="RGB")
    if out is None:
        raise ValueError("not converted")
    return out


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    # By way of RGBA: a palette entry or colour that is declared transparent must not stop the conversion.
    return image.convert("RGBA").convert("RGB") if image.has_transparency_data else image.convert("RGB")


def _as_grey(image: Image.Image) -> Image.Image:
    return image.convert("L")


def _as_cmyk(image: Image.Image) -> Image.Image:
    if image.mode != "CMYK":
        raise ValueError("a CMYK profile in a picture that is not CMYK")
    return image


def _upper_byte(level: float) -> float:
    return level * (1 / 256)

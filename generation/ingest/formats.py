"""Which format a file is, told by its first bytes alone: its name and its declared type are only claims."""

from __future__ import annotations

import re
from typing import Final

from generation import png
from generation.ingest.outcome import Cause, Unacceptable

HEAD: Final = 4096  # bytes that are looked at
ACCEPTED: Final = ("png", "jpeg", "webp", "avif")

# Formats people do bring and that are refused by their name. SVG and PDF are programs, not pictures.
_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
    (b"8BPS", "PSD"),
    (b"\0\0\1\0", "ICO"),
    (b"\0\0\2\0", "CUR"),
    (b"icns", "ICNS"),
    (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
    (b"BPG\xfb", "BPG"),
    (b"\x8aMNG", "MNG"),
    (b"\xd7\xcd\xc6\x9a", "WMF"),
    (b"FUJIFILMCCD-RAW", "RAF"),
    (b"FOVb", "X3F"),
    (b"SIMPLE  =", "FITS"),
    (b"OggS", "Ogg"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"gimp xcf", "XCF"),
    (b"v/1\1", "OpenEXR"),
    (b"#?RADIANCE", "HDR"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1aE\xdf\xa3", "WebM"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript"),
)
_HEIC_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_HEIF_BRANDS: Final = {b"mif1", b"msf1", b"mif2"}
_VIDEO_BRANDS: Final = {b"isom", b"mp41", b"mp42", b"qt  ", b"M4V ", b"iso2", b"avc1"}
_NETPBM: Final = re.compile(rb"P[1-7][\s#]")
_MARKUP: Final = re.compile(rb"<svg[\s>:]", re.IGNORECASE)
_PAGE: Final = re.compile(rb"<(!doctype html|html|head|body|script)[\s>]", re.IGNORECASE)


def format_of(head: bytes) -> str:
    """Return one of ACCEPTED for the first bytes of a file. Raises Unacceptable, by name where it knows one."""
    if not head:
        raise Unacceptable(Cause.EMPTY)
    if head.startswith(png.SIGNATURE):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _by_brands(head)
    if name := _other(head):
        raise Unacceptable(Cause.OTHER_FORMAT, name=name)
    raise Unacceptable(Cause.UNKNOWN)


def _by_brands(head: bytes) -> str:
    """ISO base media files (AVIF, HEIC, films) name their kind, and the kinds they can pass for."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))}
    if brands & {b"avif", b"avis"}:
        return "avif"
    if brands & _HEIC_BRANDS:
        raise Unacceptable(Cause.OTHER_FORMAT, name="HEIC")
    if b"crx " in brands:
        raise Unacceptable(Cause.OTHER_FORMAT, name="CR3")
    if brands & _VIDEO_BRANDS:
        raise Unacceptable(Cause.OTHER_FORMAT, name="MP4")
    if brands & _HEIF_BRANDS:
        raise Unacceptable(Cause.OTHER_FORMAT, name="HEIF")
    raise Unacceptable(Cause.UNKNOWN)


def _other(head: bytes) -> str:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head.startswith(b"RIFF") and head[8:12] in {b"AVI ", b"WAVE"}:
        return head[8:12].decode().strip()
    if _NETPBM.match(head):
        return "PNM"
    if b"%PDF-" in head[:1024]:
        return "PDF"
    # UTF-16 markup has a zero beside every letter.
    text = head.replace(b"\0", b"")
    if _MARKUP.search(text):
        return "SVG"
    return "HTML" if _PAGE.search(text) else ""

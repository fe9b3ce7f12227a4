"""Downloads of a picture as PNG, JPEG, WebP or AVIF, marked as made by AI; each is made once and then stored."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, Final, cast

import structlog
from django.conf import settings
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from PIL import Image, features

from generation import fair_shares
from generation.files import masters, storing
from generation.files import signed as credentials
from generation.files.storing import Rendition, store_rendition
from generation.models import File, Picture
from generation.provenance import certificate
from generation.provenance.certificate import Certificate
from generation.requests import marking

log = structlog.get_logger(__name__)

_LONGEST_NAME: Final = 60
# After a signature that failed by the key or the time server, which may take 30 s to do so, downloads go on unsigned.
_RESTING: Final = "downloads:no-signatures"
_REST: Final = 5 * 60  # seconds


class UnknownFormat(ValueError):
    """There is no download in this format."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, its files' ending, and Pillow's settings for it."""

    name: str
    label: str
    suffix: str
    pillow: str
    options: dict[str, Any]

    def variant(self, *, recipe: bool, certificate: Certificate | None) -> str:
        quality = f"q{self.options['quality']}-" if "quality" in self.options else ""
        signed = f"-c2pa-{certificate.fingerprint[:8]}" if certificate else ""
        return quality + ("recipe" if recipe else "plain") + signed


# Measured on 3840×3840, processor seconds: JPEG 0.1, WebP 0.6 (method 4: 1.3), AVIF 2.0 (speed 8: 5.1); the PNG before
# is decoded in 0.5. So they are made while the person waits; the next download is the stored file.
_ALL: Final = (
    Format("png", "PNG", "png", "PNG", {}),
    Format("jpeg", "JPEG", "jpg", "JPEG", {"quality": 92, "subsampling": 0}),
    Format("webp", "WebP", "webp", "WEBP", {"quality": 90, "method": 0}),
    Format("avif", "AVIF", "avif", "AVIF", {"quality": 80, "speed": 10}),
)
FORMATS: Final = {
    form.name: form for form in _ALL if form.name in {"png", "jpeg"} or features.check(form.name)
}


def with_recipe(picture: Picture, form: str) -> File:
    """Return the picture's file in this format with its recipe inside; made now if there is none.

    Raises UnknownFormat, fair_shares.OverShare, and what `storing` raises.
    """
    return _file(picture, _format(form), recipe=True)


def without_recipe(picture: Picture, form: str) -> File:
    """Return the file with no note but the mark “made by AI”, signed if the site can. Raises as `with_recipe`."""
    if form == "png" and not certificate.usable():
        return masters.plain(picture.files.get(role=File.Role.MASTER))
    return _file(picture, _format(form), recipe=False)


def plain_filename(picture: Picture, form: str) -> str:
    """Return a name without a word of the prompt and without the seed, for a file without the recipe."""
    return f"picture-{picture.pk.hex[-8:]}.{_format(form).suffix}"


def filename(picture: Picture, form: str) -> str:
    """Return a name that says what is in the picture: its first words, and the seed."""
    words = slugify(picture.prompt, allow_unicode=True)[: _LONGEST_NAME + 1]
    if len(words) > _LONGEST_NAME:
        # At the end of a word; text without spaces is cut anywhere.
        words = words[:_LONGEST_NAME].rpartition("-")[0] or words[:_LONGEST_NAME]
    return f"{words.strip('-') or 'picture'}-{picture.seed}.{_format(form).suffix}"


def _format(name: str) -> Format:
    try:
        return FORMATS[name]
    except KeyError:
        raise UnknownFormat(name) from None


def _file(picture: Picture, form: Format, *, recipe: bool) -> File:
    signer = None if _is_resting() else certificate.usable()
    variant = form.variant(recipe=recipe, certificate=signer)
    if kept := _kept(picture, form, variant):
        return kept
    with fair_shares.turn("download", caller=picture.owner_id):
        # Another process may have made it while we waited.
        if kept := _kept(picture, form, variant):
            return kept
        return _make(picture, form, recipe=recipe, signer=signer)


def _kept(picture: Picture, form: Format, variant: str) -> File | None:
    return picture.files.filter(role=File.Role.DOWNLOAD, variant=variant, format=form.name).first()


def _make(picture: Picture, form: Format, *, recipe: bool, signer: Certificate | None) -> File:
    master = picture.files.get(role=File.Role.MASTER)
    with (
        storing.opened(master.key) as source,
        tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as made,
        tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as signed,
    ):
        convert = _rewrite if form.name == "png" else _encode
        convert(source, made, picture, form, recipe)
        is_signed = signer is not None and _sign(picture, made, signed, form, signer)
        unsigned = form.variant(recipe=recipe, certificate=None)
        if signer and not is_signed and (kept := _kept(picture, form, unsigned)):
            return kept
        rendition = store_rendition(
            cast(BinaryIO, signed if is_signed else made),
            role=File.Role.DOWNLOAD,
            form=form.name,
            width=master.width,
            height=master.height,
            attempt="download",
            variant=form.variant(recipe=recipe, certificate=signer) if is_signed else unsigned,
        )
    return _publish(picture, form, rendition)


def _sign(picture: Picture, made: IO[bytes], signed: IO[bytes], form: Format, signer: Certificate) -> bool:
    """Whether `signed` holds the file with its Content Credentials; without them the person gets it nevertheless."""
    try:
        credentials.sign(picture, made, signed, form=form.name, certificate=signer)
    except Exception as error:
        if credentials.is_of_signer(error):
            caches["forgetful"].set(_RESTING, True, _REST)
        log.exception("download.not_signed", picture=str(picture.pk), form=form.name)
        made.seek(0)
        return False
    return True


def _is_resting() -> bool:
    return bool(settings.C2PA_CERTIFICATE and caches["forgetful"].get(_RESTING))


def _publish(picture: Picture, form: Format, rendition: Rendition) -> File:
    stored = storing.StoredPicture((rendition,))
    try:
        with transaction.atomic():
            return storing.publish(picture, stored)[0]
    except IntegrityError:
        # Another process was first, or the picture was deleted: in both cases ours isn't needed.
        storing.discard(stored)
        other = _kept(picture, form, rendition.variant)
        if other is None:
            raise
        return other


def _rewrite(source: IO[bytes], target: IO[bytes], picture: Picture, _form: Format, recipe: bool) -> None:
    marking.rewrite_png(cast(BinaryIO, source), cast(BinaryIO, target), picture.recipe, include_recipe=recipe)


def _encode(source: IO[bytes], target: IO[bytes], picture: Picture, form: Format, recipe: bool) -> None:
    packet = marking.xmp_packet(picture.recipe, include_recipe=recipe)
    with Image.open(source, formats=["PNG"]) as image:
        plain = _on_white(image) if form.name == "jpeg" and image.mode == "RGBA" else image
        plain.save(target, form.pillow, xmp=packet, **form.options)
    target.seek(0)


def _on_white(image: Image.Image) -> Image.Image:
    """Put transparent pictures on white: JPEG has no transparency."""
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper

"""Signs files: the same pixels and notes, and Content Credentials beside them, bound to every byte."""

from __future__ import annotations

import json
from typing import IO, Any, Final

from django.conf import settings

from generation.provenance import claims
from generation.provenance.certificate import Certificate
from generation.requests.recipe import Recipe

MEDIA_TYPES: Final = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}
# Thumbnails would show what a picture was made from. Our own files needn't be verified again, and nothing is fetched.
_SETTINGS: Final = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
}


def sign(
    source: IO[bytes],
    target: IO[bytes],
    *,
    form: str,
    recipe: Recipe,
    certificate: Certificate,
    parent: IO[bytes] | None,
    is_timed: bool = True,
) -> None:
    """Write `source`, a picture's file in one of MEDIA_TYPES, to `target` with signed Content Credentials.

    `parent` is the PNG, signed if it could be, of the picture that it was made from. With C2PA_TIMESTAMP_URL set,
    that server says when it was signed, if `is_timed`. Raises c2pa.C2paError.
    """
    import c2pa  # a library of 25 MB, which only these calls load

    source.seek(0)
    definition = claims.manifest(recipe, has_parent=parent is not None)
    with (
        c2pa.Context.from_dict(_SETTINGS) as context,
        c2pa.Builder(json.dumps(definition), context=context) as builder,
        _signer(c2pa, certificate, is_timed) as signer,
    ):
        if parent is not None:
            parent.seek(0)
            builder.add_ingredient(json.dumps(claims.ingredient()), MEDIA_TYPES["png"], parent)
        builder.sign(signer, MEDIA_TYPES[form], source, target)
    target.seek(0)


def is_of_signer(error: Exception) -> bool:
    """Tell whether the key or the time server failed, and not the file."""
    import c2pa

    return isinstance(error, c2pa.C2paError.Signature)


def _signer(c2pa: Any, certificate: Certificate, is_timed: bool) -> Any:
    server = (settings.C2PA_TIMESTAMP_URL.encode() if is_timed else b"") or None
    return c2pa.Signer.from_info(
        c2pa.C2paSignerInfo(certificate.algorithm, certificate.chain, certificate.key, server)
    )

"""The operator's certificate that Content Credentials are signed with, and whether it can sign now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings

log = structlog.get_logger(__name__)

# Of C2PA 2.x, 13.2: algorithms by the curve of the key.
_CURVES: Final = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_LEAST_RSA_BITS: Final = 2048
# Document signing, e-mail protection, and C2PA's own: what a claim signer's certificate may be for (14.5.1).
_PURPOSES: Final = {
    "1.3.6.1.5.5.7.3.36",
    ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
    "1.3.6.1.4.1.62558.2.1",
}


class Unusable(Exception):
    """Nothing can be signed with what is configured; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A chain as PEM, the signer's first, with its key and the algorithm that C2PA calls it by."""

    chain: bytes
    key: bytes
    algorithm: str
    fingerprint: str
    begins: datetime
    ends: datetime

    def check(self, now: datetime) -> None:
        """Raises Unusable before and after its time."""
        if now < self.begins:
            raise Unusable(f"C2PA_CERTIFICATE is valid from {self.begins:%Y-%m-%d %H:%M} UTC only.")
        if now >= self.ends:
            raise Unusable(f"C2PA_CERTIFICATE expired on {self.ends:%Y-%m-%d}: get a new one, and restart.")


def configured() -> bool:
    return bool(settings.C2PA_CERTIFICATE or settings.C2PA_KEY)


def usable() -> Certificate | None:
    """The certificate that signs now; None where there is none, or where it can't, which is logged."""
    if not configured():
        return None
    try:
        return current()
    except Unusable as reason:
        log.error("credentials.unusable", reason=str(reason))
        return None


def current() -> Certificate:
    """The certificate that signs now. Raises Unusable; ask `configured` first."""
    for name in ("C2PA_CERTIFICATE", "C2PA_KEY"):
        if not getattr(settings, name):
            raise Unusable(f"{name} is not set, and the other one is: set both, or neither.")
    found = _read(settings.C2PA_CERTIFICATE, settings.C2PA_KEY)
    found.check(datetime.now(UTC))
    return found


@lru_cache(maxsize=4)
def _read(certificate: str, key: str) -> Certificate:
    chain, secret = _bytes("C2PA_CERTIFICATE", certificate), _bytes("C2PA_KEY", key)
    try:
        signer = x509.load_pem_x509_certificates(chain)[0]
        private = serialization.load_pem_private_key(secret, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unusable(f"C2PA_CERTIFICATE or C2PA_KEY is no PEM without a password: {error}") from error
    if private.public_key() != signer.public_key():
        raise Unusable("C2PA_KEY is not the key of the first certificate in C2PA_CERTIFICATE.")
    _check_purpose(signer)
    return Certificate(
        chain=chain,
        key=private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        algorithm=_algorithm(private),
        fingerprint=signer.fingerprint(hashes.SHA256()).hex(),
        begins=signer.not_valid_before_utc,
        ends=signer.not_valid_after_utc,
    )


def _bytes(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Unusable(f"{name}: {path} can't be read ({error.strerror}).") from error


def _check_purpose(signer: x509.Certificate) -> None:
    try:
        purposes = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        usage = signer.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise Unusable("C2PA_CERTIFICATE doesn't say what its key may be used for.") from error
    if not usage.digital_signature or not {each.dotted_string for each in purposes} & _PURPOSES:
        raise Unusable("C2PA_CERTIFICATE isn't meant for signing documents: C2PA readers would refuse it.")


def _algorithm(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _LEAST_RSA_BITS:
        return "ps256"
    raise Unusable(
        "C2PA_KEY is of no kind that C2PA allows: use P-256, P-384, P-521, Ed25519 or RSA from 2048 bits."
    )

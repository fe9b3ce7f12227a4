"""What an operator configures: it signs, or one sentence says why not. Downloads go on either way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from pytest_django.fixtures import Settings

from generation.provenance import certificate
from generation.provenance.certificate import Unusable
from tests.generation.provenance import certificates
from tests.generation.provenance.certificates import Key, Pem
from tests.generation.provenance.conftest import use

KEYS: dict[str, Callable[[], Key]] = {
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "es512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ps256": lambda: rsa.generate_private_key(65537, 2048),
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_the_key_decides_the_algorithm(settings: Settings, tmp_path: Path, algorithm: str) -> None:
    use(settings, certificates.issue(tmp_path, key=KEYS[algorithm]()))
    assert certificate.current().algorithm == algorithm


def _expired(pem: Pem, folder: Path) -> None:
    certificates.issue(folder, begins=timedelta(days=-9), ends=timedelta(days=-1))


def _early(pem: Pem, folder: Path) -> None:
    certificates.issue(folder, begins=timedelta(days=1))


def _for_servers(pem: Pem, folder: Path) -> None:
    certificates.issue(folder, purpose=ExtendedKeyUsageOID.SERVER_AUTH)


def _other_key(pem: Pem, folder: Path) -> None:
    other = folder / "other"
    other.mkdir()
    pem.key.write_bytes(certificates.issue(other).key.read_bytes())


def _odd_curve(pem: Pem, folder: Path) -> None:
    certificates.issue(folder, key=ec.generate_private_key(ec.SECP256K1()))


def _no_pem(pem: Pem, folder: Path) -> None:
    pem.chain.write_bytes(b"certificate")


def _gone(pem: Pem, folder: Path) -> None:
    pem.key.unlink()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_expired, "expired on .*: get a new one"),
        (_early, "is valid from .* only"),
        (_for_servers, "isn't meant for signing documents"),
        (_other_key, "is not the key of the first certificate"),
        (_odd_curve, "of no kind that C2PA allows"),
        (_no_pem, "is no PEM"),
        (_gone, "can't be read"),
    ],
)
def test_what_cannot_sign_is_said_in_a_sentence(
    settings: Settings, tmp_path: Path, damage: Callable[[Pem, Path], None], sentence: str
) -> None:
    pem = certificates.issue(tmp_path)
    use(settings, pem)
    damage(pem, tmp_path)
    with pytest.raises(Unusable, match=sentence):
        certificate.current()
    assert certificate.usable() is None


def test_one_setting_without_the_other_is_said(settings: Settings) -> None:
    assert certificate.usable() is None
    assert not certificate.configured()
    settings.C2PA_CERTIFICATE = "/somewhere.pem"
    with pytest.raises(Unusable, match="C2PA_KEY is not set"):
        certificate.current()

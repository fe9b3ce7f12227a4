"""Downloads that are signed: a certificate in the settings, and storage of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.generation.files.conftest import local_storage, new_picture
from tests.generation.provenance import certificates
from tests.generation.provenance.certificates import Pem

__all__ = ["local_storage", "new_picture"]


@pytest.fixture
def signing(settings: Settings, tmp_path: Path) -> Pem:
    """The site signs with a certificate whose root it trusts."""
    pem = certificates.issue(tmp_path)
    use(settings, pem)
    return pem


def use(settings: Settings, pem: Pem) -> None:
    settings.C2PA_CERTIFICATE, settings.C2PA_KEY = str(pem.chain), str(pem.key)

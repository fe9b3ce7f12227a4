"""Downloads carry Content Credentials that another reader accepts, with what they were made from. Pixels stay."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import c2pa
import pytest
import time_machine
from django.core.cache import caches
from django.utils import timezone
from PIL import Image, ImageChops
from pytest_django.fixtures import Settings

from accounts.models import User
from generation.files import downloads, storing
from generation.models import File, Lineage, Picture
from generation.provenance import signing as signer
from tests.generation.files.conftest import NewPicture
from tests.generation.provenance import certificates
from tests.generation.provenance.certificates import SIGNER, Pem
from tests.generation.provenance.conftest import use

pytestmark = pytest.mark.django_db

MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}


def content_of(file: File) -> bytes:
    with storing.opened(file.key) as stored:
        return stored.read()


def verified(content: bytes, form: str, root: Path) -> dict[str, Any]:
    """What the Content Authenticity Initiative's own reader says of a file, whole, trusting this root."""
    settings = {"trust": {"trust_anchors": root.read_text()}, "verify": {"remote_manifest_fetch": False}}
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Reader(MEDIA_TYPES[form], io.BytesIO(content), context=context) as reader,
    ):
        found: dict[str, Any] = json.loads(reader.json())
    return found


def actions_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    found = [each for each in manifest["assertions"] if each["label"].startswith("c2pa.actions")]
    actions: list[dict[str, Any]] = found[0]["data"]["actions"]
    return actions


@pytest.fixture(autouse=True)
def signing_works() -> Iterator[None]:
    """What one test couldn't sign says nothing to the next."""
    yield
    caches["forgetful"].clear()


@pytest.mark.parametrize("form", downloads.FORMATS)
@pytest.mark.parametrize("recipe", [True, False])
def test_a_download_is_signed_and_its_pixels_and_notes_stay(
    alice: User,
    new_picture: NewPicture,
    local_storage: Path,
    settings: Settings,
    signing: Pem,
    form: str,
    recipe: bool,
) -> None:
    picture = new_picture(alice)
    make = downloads.with_recipe if recipe else downloads.without_recipe
    signed = content_of(make(picture, form))
    found = verified(signed, form, signing.root)
    assert found["validation_state"] == "Trusted"
    manifest = found["manifests"][found["active_manifest"]]
    assert manifest["signature_info"]["common_name"] == SIGNER
    (action,) = actions_of(manifest)
    assert (action["action"], action["softwareAgent"]["name"]) == (
        "c2pa.created",
        picture.recipe["model"]["id"],
    )
    assert action["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    # No words of the person, and no small picture of it.
    assert picture.prompt not in json.dumps(found)
    assert "thumbnail" not in json.dumps(found)
    settings.C2PA_CERTIFICATE = settings.C2PA_KEY = ""
    plain = content_of(make(picture, form))
    with Image.open(io.BytesIO(signed)) as one, Image.open(io.BytesIO(plain)) as other:
        assert ImageChops.difference(one, other).getbbox() is None
        assert one.info.get("xmp") == other.info.get("xmp")
    if form == "png":
        assert (picture.prompt.encode() in signed) is recipe


def test_a_signed_file_is_made_once_and_anew_with_another_certificate(
    alice: User,
    new_picture: NewPicture,
    local_storage: Path,
    settings: Settings,
    signing: Pem,
    tmp_path: Path,
) -> None:
    picture = new_picture(alice)
    first = downloads.without_recipe(picture, "png")
    assert downloads.without_recipe(picture, "png") == first
    (tmp_path / "next").mkdir()
    use(settings, certificates.issue(tmp_path / "next"))
    assert downloads.without_recipe(picture, "png") != first


def made_from(picture: Picture, *, child: Picture, role: str = "edit") -> Picture:
    Lineage.objects.create(child=child, parent=picture, role=role)
    return child


def test_the_chain_of_edits_is_inside_as_far_as_it_is_there(
    alice: User, new_picture: NewPicture, local_storage: Path, signing: Pem
) -> None:
    first, second, third = (new_picture(alice) for _n in range(3))
    made_from(first, child=second)
    made_from(second, child=third, role="upscale")
    found = verified(content_of(downloads.without_recipe(third, "jpeg")), "jpeg", signing.root)
    assert found["validation_state"] == "Trusted"
    assert len(found["manifests"]) == 3
    manifest = found["manifests"][found["active_manifest"]]
    assert [each["action"] for each in actions_of(manifest)] == ["c2pa.opened", "c2pa.edited"]
    for _generation in range(2):
        (ingredient,) = manifest["ingredients"]
        assert (ingredient["relationship"], ingredient["title"]) == ("parentOf", "picture")
        manifest = found["manifests"][ingredient["active_manifest"]]
    assert [each["action"] for each in actions_of(manifest)] == ["c2pa.created"]
    # Without its first picture the second one has nothing inside: it says nothing that can't be shown.
    first.delete()
    found = verified(content_of(downloads.with_recipe(second, "jpeg")), "jpeg", signing.root)
    assert len(found["manifests"]) == 1


def test_a_control_picture_is_no_parent_beside_a_reference_or_alone(
    alice: User, new_picture: NewPicture, local_storage: Path, signing: Pem
) -> None:
    led = made_from(new_picture(alice), child=new_picture(alice), role="control")
    found = verified(content_of(downloads.without_recipe(led, "jpeg")), "jpeg", signing.root)
    (manifest,) = found["manifests"].values()
    assert [each["action"] for each in actions_of(manifest)] == ["c2pa.created"]
    assert not manifest.get("ingredients")
    # None of its pixels were used there either: what is opened is the reference, which was made from nothing.
    reference = new_picture(alice)
    both = made_from(
        led, child=made_from(reference, child=new_picture(alice), role="reference"), role="control"
    )
    found = verified(content_of(downloads.without_recipe(both, "png")), "png", signing.root)
    assert len(found["manifests"]) == 2
    manifest = found["manifests"][found["active_manifest"]]
    assert [each["action"] for each in actions_of(manifest)] == ["c2pa.opened", "c2pa.edited"]
    (ingredient,) = manifest["ingredients"]
    opened = found["manifests"][ingredient["active_manifest"]]
    assert [each["action"] for each in actions_of(opened)] == ["c2pa.created"]


def test_a_long_chain_ends(
    alice: User, new_picture: NewPicture, local_storage: Path, signing: Pem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.files.signed.MOST_GENERATIONS", 2)
    pictures = [new_picture(alice) for _n in range(4)]
    for older, newer in pairwise(pictures):
        made_from(older, child=newer)
    found = verified(content_of(downloads.without_recipe(pictures[-1], "webp")), "webp", signing.root)
    assert (found["validation_state"], len(found["manifests"])) == ("Trusted", 2)


def test_an_expired_certificate_stops_no_download(
    alice: User, new_picture: NewPicture, local_storage: Path, signing: Pem
) -> None:
    picture = new_picture(alice)
    signed = downloads.without_recipe(picture, "jpeg")
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        plain = downloads.without_recipe(picture, "jpeg")
    assert "c2pa" in signed.variant
    assert "c2pa" not in plain.variant
    with pytest.raises(c2pa.C2paError):
        verified(content_of(plain), "jpeg", signing.root)


def test_a_time_server_that_does_not_answer_stops_no_download(
    alice: User, new_picture: NewPicture, local_storage: Path, settings: Settings, signing: Pem
) -> None:
    settings.C2PA_TIMESTAMP_URL = "http://127.0.0.1:9/"
    picture = new_picture(alice)
    assert "c2pa" not in downloads.without_recipe(picture, "jpeg").variant
    # The server is left alone for some minutes, and then everything is signed again.
    settings.C2PA_TIMESTAMP_URL = ""
    assert "c2pa" not in downloads.without_recipe(picture, "webp").variant
    caches["forgetful"].clear()
    assert "c2pa" in downloads.without_recipe(picture, "webp").variant


def test_a_file_without_a_signature_is_made_once(
    alice: User, new_picture: NewPicture, local_storage: Path, settings: Settings, signing: Pem
) -> None:
    settings.C2PA_TIMESTAMP_URL = "http://127.0.0.1:9/"
    picture = new_picture(alice)
    first = downloads.without_recipe(picture, "jpeg")
    assert downloads.without_recipe(picture, "jpeg") == first
    caches["forgetful"].clear()
    stored = sorted(local_storage.rglob("*.*"))
    assert downloads.without_recipe(picture, "jpeg") == first
    assert sorted(local_storage.rglob("*.*")) == stored


def test_only_the_newest_claim_of_a_chain_asks_the_time_server(
    alice: User,
    new_picture: NewPicture,
    local_storage: Path,
    settings: Settings,
    signing: Pem,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    child = made_from(new_picture(alice), child=new_picture(alice))
    timed: list[bool] = []
    sign = signer.sign

    def watched(*args: Any, **values: Any) -> None:
        timed.append(values["is_timed"])
        sign(*args, **values)

    monkeypatch.setattr(signer, "sign", watched)
    assert "c2pa" in downloads.without_recipe(child, "jpeg").variant
    assert timed == [False, True]

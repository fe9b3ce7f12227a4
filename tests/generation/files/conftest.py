"""What the tests of files share: two people, both storages, pictures and uploads with real files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django.fixtures import Settings

from accounts.models import User
from generation.files import storing
from generation.models import File, Picture, Upload
from generation.requests import marking
from generation.requests import recipe as recipes
from generation.uploads import intake
from image2.lib.storage.s3 import PrivateS3Storage
from tests.generation.files import specimens
from tests.generation.requesting import a_request
from tests.services.s3 import S3

NewPicture = Callable[..., Picture]
UseS3 = Callable[[dict[str, Any]], None]


@pytest.fixture
def local_storage(settings: Settings, tmp_path: Path) -> Path:
    """The data folder's storage, empty, for this test alone."""
    folder = tmp_path / "files"
    folder.mkdir()
    options = {"location": folder, "base_url": None, "file_permissions_mode": 0o600}
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "image2.lib.storage.local.LocalStorage", "OPTIONS": options}
    }
    return folder


def s3_options(s3: S3, bucket: str, **changes: Any) -> dict[str, Any]:
    return {
        "bucket_name": bucket,
        "endpoint_url": s3.endpoint,
        "region_name": "us-east-1",
        "access_key": s3.access_key,
        "secret_key": s3.secret,
        "addressing_style": "path",
    } | changes


@pytest.fixture
def s3_storage(use_s3: UseS3, s3: S3, s3_bucket: str) -> str:
    """An empty bucket as the site's storage; returns its name."""
    use_s3(s3_options(s3, s3_bucket))
    return s3_bucket


@pytest.fixture
def use_s3(settings: Settings) -> Iterator[UseS3]:
    """Point the site at a store with these options, and close its connections afterwards."""

    def use(options: dict[str, Any]) -> None:
        backend = {"BACKEND": "image2.lib.storage.s3.PrivateS3Storage", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"default": backend}

    yield use
    storage = storages["default"]
    if isinstance(storage, PrivateS3Storage):
        storage.connection.meta.client.close()


@pytest.fixture(params=["local", "s3"])
def any_storage(request: pytest.FixtureRequest) -> str:
    """Both storages: the test runs twice."""
    request.getfixturevalue(f"{request.param}_storage")
    return str(request.param)


def a_recipe(**changes: Any) -> dict[str, Any]:
    request = a_request(**{"prompt": "a red sailboat at sunset, café ☕"} | changes)
    return recipes.make(
        request,
        index=0,
        seed=request.seed,
        model_revision="r1",
        batch=1,
        stages=[
            {"stage": "base", "width": 64, "height": 64},
            {"stage": "upscale", "scaler": "lanczos", "passes": 1},
        ],
    )


def a_master(recipe: dict[str, Any], *, include_recipe: bool = False) -> bytes:
    """A PNG as the engine writes it: text chunks before the pixels."""
    plain, whole = io.BytesIO(), io.BytesIO()
    specimens.drawing(256, 192).save(plain, "PNG")
    plain.seek(0)
    marking.rewrite_png(plain, whole, recipe, include_recipe=include_recipe)
    return whole.getvalue()


@pytest.fixture
def new_picture(db: None) -> NewPicture:
    """Make a finished picture of somebody, with its master and thumbnails in storage.

    `is_old` makes it as it was stored before: with the recipe inside its master.
    """

    def make(owner: User, *, is_old: bool = False, **changes: Any) -> Picture:
        recipe = a_recipe(**changes)
        picture = Picture.objects.create(
            owner=owner,
            recipe=recipe,
            prompt=recipe["request"]["prompt"],
            model="bundled",
            seed=recipe["seed"],
            width=256,
            height=192,
        )
        master = a_master(recipe, include_recipe=is_old)
        stored = [_stored(master, File.Role.MASTER, "png", variant="" if is_old else File.PLAIN)]
        stored += [_stored(_thumbnail(side), f"thumb{side}", "webp") for side in (256, 512, 1024)]
        storing.publish(picture, storing.StoredPicture(tuple(stored)))
        return picture

    return make


def _stored(content: bytes, role: str, form: str, variant: str = "") -> storing.Rendition:
    return storing.store_rendition(
        content, role=role, form=form, width=256, height=192, attempt="test-1", variant=variant
    )


def _thumbnail(side: int) -> bytes:
    out = io.BytesIO()
    specimens.drawing(256, 192).save(out, "WEBP", quality=80, method=0)
    return out.getvalue()


def ingest(user: User, content: bytes, name: str = "holiday.png") -> Upload:
    return intake.ingest(user=user, file=SimpleUploadedFile(name, content))


def master_of(thing: Picture | Upload) -> Image.Image:
    with storing.opened(thing.files.get(role=File.Role.MASTER).key) as file:
        image = Image.open(io.BytesIO(file.read()))
        image.load()
        return image


@pytest.fixture
def keys() -> Callable[[], set[str]]:
    """Every object that lies in the site's storage."""
    from django.core.files.storage import default_storage

    def walk(folder: str) -> Iterator[str]:
        folders, files = default_storage.listdir(folder)
        yield from (f"{folder}/{name}" for name in files)
        for name in folders:
            yield from walk(f"{folder}/{name}")

    return lambda: {key for kind in storing.KINDS for key in walk(kind)}

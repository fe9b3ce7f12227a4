"""A file on its way here has no name on the disk, so that a killed process leaves nothing of it behind."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from image2.lib.http.nameless_uploads import delete_left_behind

LARGE = bytes(range(256)) * 12_000  # more than stays in memory


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    return tmp_path


def sent(content: bytes) -> WSGIRequest:
    return RequestFactory().post("/", {"picture": SimpleUploadedFile("holiday.jpg", content, "image/jpeg")})


def received(request: WSGIRequest) -> UploadedFile[Any]:
    file = request.FILES["picture"]
    assert isinstance(file, UploadedFile)
    return file


@pytest.mark.parametrize("content", [LARGE, b"small"], ids=["on-disk", "in-memory"])
def test_a_file_arrives_whole_and_lies_nowhere_under_a_name(folder: Path, content: bytes) -> None:
    request = sent(content)
    file = received(request)
    assert list(folder.iterdir()) == []
    assert (file.name, file.size, file.content_type) == ("holiday.jpg", len(content), "image/jpeg")
    assert b"".join(file.chunks(1000)) == content
    assert not hasattr(file, "temporary_file_path")
    request.close()
    assert file.closed


def test_a_form_that_breaks_off_leaves_nothing(folder: Path) -> None:
    whole = sent(LARGE)
    body = whole.environ["wsgi.input"].read(len(LARGE) // 2)
    environ = whole.environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    request = WSGIRequest(environ)
    assert "picture" not in request.POST
    assert list(folder.iterdir()) == []
    request.close()


def test_what_was_left_behind_before_is_deleted_and_nothing_else(folder: Path) -> None:
    for name in ("tmpabc.upload.jpg", "tmpdef.upload", "other.jpg"):
        (folder / name).write_bytes(b"x")
    delete_left_behind(folder)
    assert [path.name for path in folder.iterdir()] == ["other.jpg"]

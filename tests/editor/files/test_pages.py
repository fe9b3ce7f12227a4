"""Files are ordered from the list of documents without a script, and downloaded there."""

from __future__ import annotations

import html
import io
from datetime import timedelta
from uuid import UUID

from django.test import Client
from django.utils import timezone
from psd_tools import PSDImage

from accounts.models import User
from editor import tasks
from editor.models import Asset, Run
from tests.editor.files.making import Drawing
from tests.editor.making import a_document, work


def test_a_photoshop_file_is_ordered_from_the_list_and_kept_for_a_day(alice: User, hers: Client) -> None:
    document = a_document(alice)
    drawing = Drawing(document)
    drawing.stroke((20, 20), (90, 60))
    drawing.do("layer.add", layer="warm", name="Invert <all>", above="base", adjust={"kind": "invert"})
    drawing.send(hers, document)

    page = hers.post(f"/editor/{document.pk}/export", {"format": "psd"}, follow=True).content.decode()
    assert "The file is being made. Its download appears in this list." in page
    work()
    page = hers.get("/editor/").content.decode()
    run = Run.objects.get(format="psd")
    address = f"/editor/{document.pk}/export/{run.pk}/file"

    assert f'href="{address}"' in page
    assert "Download the Photoshop file" in page
    assert "same: Invert <all>." in html.unescape(page)
    download = hers.get(address)
    assert download.headers["Content-Disposition"].startswith("attachment")
    image = PSDImage.open(io.BytesIO(b"".join(download)))
    assert [layer.name for layer in image] == ["Before Invert <all>", "Invert <all>"]

    Asset.objects.filter(role=Asset.Role.FILE).update(
        created_at=timezone.now() - timedelta(days=1, minutes=1)
    )
    tasks.sweep()

    assert hers.get(address).status_code == 404
    assert "Download the Photoshop file" not in hers.get("/editor/").content.decode()


def test_a_form_without_a_known_format_says_which_there_are(alice: User, hers: Client) -> None:
    document = a_document(alice)
    answer = hers.post(f"/editor/{document.pk}/export", {"format": "xcf"})
    assert answer.status_code == 422
    assert "image2, psd, ora" in answer.json()["sentence"]
    assert isinstance(document.head, UUID)
    assert not Run.objects.filter(kind=Run.Kind.EXPORT).exists()

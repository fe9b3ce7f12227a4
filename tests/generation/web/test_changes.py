"""The buttons of a picture's page: there only where something can do it, with the price that is charged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing import ledger
from editor import exporting
from editor.models import Document
from generation.models import File, Job, Picture
from generation.requests import catalogue
from generation.requests.recipe import EDITOR
from generation.views.pictures import offers
from tests.editor.making import a_document

from .makers import make_picture

pytestmark = pytest.mark.django_db


def page(client: Client, picture: Picture) -> str:
    return client.get(reverse("generation:picture", args=[picture.pk])).content.decode()


def buttons(html: str) -> dict[str, int]:
    """What each button orders, and its price."""
    return {
        name: int(price) for name, price in re.findall(r'name="choice" value="([a-z0-9_-]+) (\d+)"', html)
    }


def press(client: Client, picture: Picture, name: str, html: str, **sent: str) -> Job | None:
    found = re.search(r'name="key" value="([^"]+)"', html)
    assert found
    values = {"choice": f"{name} {buttons(html).get(name, 0)}", "key": found[1]} | sent
    client.post(reverse("generation:picture-change", args=[picture.pk]), values)
    return Job.objects.order_by("-created_at").first()


def with_fields(picture: Picture) -> None:
    File.objects.create(
        picture=picture, role=File.Role.FIELDS, format="safetensors", key=f"fields/{picture.pk}", sha256="", bytes=1,
        width=1, height=1,
    )  # fmt: skip


def test_a_page_offers_what_can_be_done_with_the_price_of_it(hers: Client, alice: User) -> None:
    picture = make_picture(alice, width=1024, height=576)
    assert buttons(page(hers, picture)) == {
        "upscale-x2": 2, "upscale-4k": 4, "upscale-x4": 8, "upscale-8k": 8, "variation": 2,
    }  # fmt: skip
    with_fields(picture)
    assert buttons(page(hers, picture))["remove_background"] == 1


def test_each_button_makes_one_job_at_its_price(hers: Client, alice: User) -> None:
    ledger.grant(user=alice, amount=100, source="promo", source_ref="test")
    picture = make_picture(alice, width=1024, height=576)
    with_fields(picture)
    html = page(hers, picture)
    for name, price in buttons(html).items():
        available = ledger.balance(alice).available
        for _click in range(2):
            job = press(hers, picture, name, html)
        assert job is not None
        assert job.price == price == available - ledger.balance(alice).available
        assert job.parsed_request.reference == f"picture:{picture.pk}"
        job.cancel_queued()
    assert Job.objects.count() == len(buttons(html))


def test_another_price_than_the_one_that_was_shown_is_not_charged(hers: Client, alice: User) -> None:
    picture = make_picture(alice, width=1024, height=576)
    html = page(hers, picture)
    assert press(hers, picture, "upscale-x2", html, choice="upscale-x2 1") is None
    assert "This costs 2 credits now." in page(hers, picture)


@pytest.mark.parametrize(
    "choice", ["", "upscale-x9 1", "upscale-", "inpaint 1", "remove_background 1", "layers 2"]
)
def test_what_is_not_offered_can_not_be_ordered(hers: Client, alice: User, choice: str) -> None:
    picture = make_picture(alice, width=1024, height=576)
    html = page(hers, picture)
    assert press(hers, picture, "", html, choice=choice) is None
    assert "can&#x27;t be done" in page(hers, picture) or "can't be done" in page(hers, picture)


def test_strangers_and_trash_get_nothing(hers: Client, alice: User, bob: User) -> None:
    his = Client()
    his.force_login(bob)
    picture = make_picture(alice, width=1024, height=576)
    html = page(hers, picture)
    assert press(his, picture, "variation", html) is None
    Picture.objects.update(deleted_at=picture.created_at)
    assert buttons(page(hers, picture)) == {}
    assert press(hers, picture, "variation", html) is None


def test_a_picture_at_the_limit_can_not_grow(alice: User) -> None:
    picture = make_picture(alice, width=8192, height=4608)
    assert offers.offers_of(picture).upscales == []


def test_no_button_where_no_model_can_do_it(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "able", lambda _kind, **_more: ())
    found = offers.offers_of(make_picture(alice, width=1024, height=576))
    assert (found.upscales, found.others) == ([], [])


def test_an_enlarged_picture_shows_no_steps_and_is_not_run_again(hers: Client, alice: User) -> None:
    from generation.requests import ordering
    from generation.requests.sizes import Size

    request = ordering.upscale(
        catalogue.get("bundled"),
        reference="picture:0190b5a0-0000-7000-8000-000000000001",
        source=Size(1024, 576),
        scale="x4",
    )
    picture = make_picture(
        alice, width=4096, height=2304, recipe={"request": request.to_json(), "stages": []}
    )
    html = page(hers, picture)
    assert "Run again" not in html
    assert "Guidance" not in html


@pytest.fixture
def with_sdxl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A model is turned on whose entry says how detail is added."""
    file = tmp_path / "catalogue.toml"
    file.write_text(f'[models.sdxl]\nenabled = true\nsource = "{tmp_path}"\n')
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()
    yield
    catalogue.reload()


def test_detail_is_offered_where_a_model_can_add_it_and_ordered_from_that_model(
    hers: Client, alice: User, with_sdxl: None
) -> None:
    ledger.grant(user=alice, amount=200, source="promo", source_ref="test")
    picture = make_picture(alice, width=1024, height=576)
    html = page(hers, picture)
    assert "4K with new detail" in html
    # Three credits at 4K are 12; 15 tiles of 896×832 in nine of thirty steps are ten more.
    assert buttons(html)["upscale-4k-detail"] == 22
    assert buttons(html)["upscale-4k"] == 4
    job = press(hers, picture, "upscale-4k-detail", html)
    assert job is not None
    assert (job.model, job.price, job.kind) == ("sdxl", 22, "upscale")
    assert job.parsed_request.enhance
    assert "upscale-x2-detail" not in buttons(html)


def test_detail_is_not_drawn_by_a_title_that_is_refused(hers: Client, alice: User, with_sdxl: None) -> None:
    """A picture from the editor has the title of its document for words: what people type, and nobody checked."""
    ledger.grant(user=alice, amount=200, source="promo", source_ref="test")
    document = a_document(alice)
    Document.objects.filter(pk=document.pk).update(title="hardcore porn on a red sofa")
    document.refresh_from_db()
    assert document.head
    recipe = exporting.recipe_of(document, document.head, "0" * 64)
    picture = make_picture(
        alice, width=1024, height=576, model=EDITOR, prompt=recipe["request"]["prompt"], recipe=recipe
    )
    html = page(hers, picture)
    assert press(hers, picture, "upscale-4k-detail", html) is None
    assert "made here" in page(hers, picture)
    assert ledger.balance(alice).held == 0
    assert press(hers, picture, "upscale-4k", page(hers, picture)) is not None  # no model is given the title

"""Every generative tool from the order to its use: what is charged, and that nothing changes beside the selection."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from billing import ledger
from editor import opening
from editor.models import Asset, Document
from generation.models import Job, Picture, Upload
from generation.pictures import history
from tests.editor.making import a_stroke, export, send, uploaded, work
from tests.editor.ordering import (
    carry_out,
    credits_for,
    do,
    master_of,
    ordered,
    pixels_of,
    place,
    quote,
    result_of,
    select,
    selected_in,
    top_of,
    use,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_model")]

MARKED = (40, 30, 90, 80)


@pytest.fixture
def alice(alice: User) -> User:
    credits_for(alice)
    return alice


@pytest.fixture
def photo(alice: User) -> Document:
    return opening.from_file(user=alice, file=uploaded(160))


def test_what_can_be_ordered_comes_from_the_catalogue(photo: Document, hers: Client) -> None:
    found = hers.get(f"/editor/{photo.pk}/generate").json()

    tools = {tool["tool"]: tool for tool in found["tools"]}
    assert list(tools) == ["fill", "replace", "erase", "extend", "variations", "upscale"]
    assert found["credits"] == 100
    assert [model["id"] for model in tools["fill"]["models"]] == ["bundled"]
    assert tools["fill"]["models"][0]["price"] == 1
    assert tools["replace"]["strength"]["default"] == 0.75
    assert [scale["scale"] for scale in found["scales"]] == ["x2", "x4", "4k", "8k"]
    assert [scale["price"] for scale in found["scales"]] == [1, 1, 4, 8]


@pytest.mark.parametrize(
    ("tool", "more"),
    [
        ("fill", {}),
        ("fill", {"feather": 0}),
        ("replace", {"strength": 0.5}),
        ("erase", {"words": ""}),
        ("variations", {"strength": 0.4, "words": "clouds"}),
    ],
)
@pytest.mark.parametrize("soft", [0, 6])
@pytest.mark.few(3)
def test_a_result_changes_what_was_selected_and_not_one_byte_beside_it(
    photo: Document, hers: Client, alice: User, tool: str, more: dict[str, Any], soft: int
) -> None:
    send(hers, photo, [a_stroke(photo.head, (10, 10), (140, 120), rgb=0xFF8000)])
    select(hers, photo, MARKED, feather=soft)
    before, inside = pixels_of(photo), selected_in(photo)

    order = ordered(hers, photo, tool, variants=2, **more)

    assert (order["state"], order["sentence"], order["charged"]) == ("done", "", 2)
    assert ledger.balance(alice).available == 98
    assert len(order["results"]) == 2
    said = use(hers, photo, order["results"][1])
    after = pixels_of(photo)
    changed = (after != before).any(axis=2)
    assert changed[inside].any()
    assert not changed[~inside].any()
    # What the strip showed is what the document shows.
    x, y, width, height = order["place_of_result"]
    assert np.array_equal(after[y : y + height, x : x + width], master_of(result_of(order, 1)))
    (added,) = said["operations"]
    assert added["kind"] == "layer.add"
    assert added["body"]["job"] == order["job"]


@pytest.mark.long
def test_ten_results_in_a_row_leave_alone_what_was_never_selected(photo: Document, hers: Client) -> None:
    first, touched = pixels_of(photo), np.zeros((160, 160), bool)
    for number in range(10):
        left, top = 12 * number, 7 * number
        select(hers, photo, (left, top, left + 30, top + 40), feather=number % 3)
        touched |= selected_in(photo)
        order = ordered(hers, photo, ("fill", "erase", "replace")[number % 3])
        use(hers, photo, order["results"][0])
    last = pixels_of(photo)
    assert (last != first).any(axis=2)[touched].any()
    assert np.array_equal(last[~touched], first[~touched])


def test_opacity_stays_outside_of_what_was_selected(alice: User, hers: Client) -> None:
    document = opening.blank(user=alice, width=120, height=90, rgba=0x40FF0000)
    select(hers, document, (30, 30, 80, 60))
    before, inside = pixels_of(document), selected_in(document)

    order = ordered(hers, document, "fill")
    use(hers, document, order["results"][0])

    after = pixels_of(document)
    assert np.array_equal(after[~inside], before[~inside])
    assert (after[inside] != before[inside]).any()


def test_a_canvas_is_extended_and_the_picture_in_it_stays(photo: Document, hers: Client) -> None:
    before = pixels_of(photo)
    canvas = {"width": 220, "height": 160, "dx": 60, "dy": 0}

    order = ordered(hers, photo, "extend", canvas=canvas, words="the sea")
    assert order["state"] == "done", order
    assert pixels_of(photo).shape == before.shape  # nothing happens before it is used
    said = use(hers, photo, order["results"][0])

    after = pixels_of(photo)
    assert [each["kind"] for each in said["operations"]] == ["canvas", "layer.add"]
    assert after.shape == (160, 220, 4)
    assert np.array_equal(after[:, 60:], before)
    assert (after[:, :60, 3] == 255).all()
    assert (photo.width, photo.height) == (220, 160)
    # Another variant of it may be laid over: the canvas is as it has to be.
    assert [each["kind"] for each in use(hers, photo, order["results"][0])["operations"]] == ["layer.add"]


@pytest.mark.parametrize(
    "canvas",
    [
        {"width": 160, "height": 200, "dx": 0, "dy": 0},
        {"width": 230, "height": 190, "dx": 40, "dy": 20},
        {"width": 161, "height": 160, "dx": 0, "dy": 0},
    ],
)
@pytest.mark.few(1)
def test_every_side_can_grow(photo: Document, hers: Client, canvas: dict[str, int]) -> None:
    before, (dx, dy) = pixels_of(photo), (canvas["dx"], canvas["dy"])

    order = ordered(hers, photo, "extend", canvas=canvas, words="")
    use(hers, photo, order["results"][0])

    after = pixels_of(photo)
    assert after.shape[:2] == (canvas["height"], canvas["width"])
    assert np.array_equal(after[dy : dy + 160, dx : dx + 160], before)
    assert (after[..., 3] == 255).all()


def test_an_upscale_is_a_document_of_its_own(photo: Document, hers: Client, alice: User) -> None:
    order = ordered(hers, photo, "upscale", scale="x2", words="")
    assert order["gives"] == "document"

    said = use(hers, photo, order["results"][0])

    made = Document.objects.get(pk=said["document"].split("/")[2])
    assert (made.width, made.height, made.made_with_ai) == (320, 320, True)
    assert np.array_equal(pixels_of(made), master_of(result_of(order)))
    photo.refresh_from_db()
    assert (photo.width, photo.height, photo.made_with_ai) == (160, 160, False)


def test_variations_of_the_whole_picture_are_documents(photo: Document, hers: Client) -> None:
    order = ordered(hers, photo, "variations", whole=True, variants=2, words="")

    assert (order["state"], order["gives"], len(order["results"])) == ("done", "document", 2)
    assert use(hers, photo, order["results"][0])["document"] != f"/editor/{photo.pk}/"


@pytest.mark.both_databases
def test_results_wait_outside_of_the_history_until_they_are_used_or_kept(
    photo: Document, hers: Client, alice: User
) -> None:
    select(hers, photo, MARKED)
    order = ordered(hers, photo, "fill", variants=3)
    assert shown(alice) == set()

    kept, used, left = order["results"]
    assert hers.post(kept["keep"]).json()["result"]["kept"]
    use(hers, photo, used)
    assert hers.post(left["remove"]).json() == {}

    assert shown(alice) == {kept["reference"], used["reference"]}
    again = hers.get(order["url"]).json()
    assert [(each["index"], each["kept"], each["used"]) for each in again["results"]] == [
        (0, True, False),
        (1, True, True),
    ]
    for name in ("thumbnail", "large", "master"):
        assert hers.get(used[name]).status_code == 200


@pytest.mark.both_databases
def test_a_document_holds_its_own_copy_of_a_result(photo: Document, hers: Client, alice: User) -> None:
    select(hers, photo, MARKED)
    order = ordered(hers, photo, "fill")
    said = use(hers, photo, order["results"][0])
    before = pixels_of(photo)
    body = said["operations"][0]["body"]
    master = result_of(order).files.get(role="master")
    own = photo.assets.get(sha256=body["asset"])
    assert (own.sha256, own.bytes) == (master.sha256, master.bytes)
    assert own.key != master.key

    hers.post(order["results"][0]["remove"])  # into the trash: it was used
    hers.post("/history/trash/empty/")
    hers.post(hers.get(order["url"]).json()["remove"])

    assert not Picture.objects.exists()
    assert np.array_equal(pixels_of(photo), before)
    assert not photo.assets.filter(role=Asset.Role.MASK).exists()


def test_an_export_of_it_says_that_a_model_made_some_of_it(photo: Document, hers: Client) -> None:
    select(hers, photo, MARKED)
    use(hers, photo, ordered(hers, photo, "fill")["results"][0])

    _state, picture = export(hers, photo)

    assert picture is not None
    assert picture.recipe["editor"]["made_with_ai"]
    assert np.array_equal(master_of(picture), pixels_of(photo))


def test_what_the_model_saw_goes_with_the_end_of_its_job(photo: Document, hers: Client, alice: User) -> None:
    select(hers, photo, MARKED)
    place(hers, photo, "fill")
    work()
    assert Upload.objects.visible_to(alice).count() == 2
    assert "part of a document" not in hers.get("/uploads/").content.decode()

    carry_out()

    assert not Upload.objects.visible_to(alice).exists()
    assert Job.objects.get().state == "done"
    assert not Picture.objects.get().parents.exists()


def test_a_dragged_box_is_what_the_model_sees(photo: Document, hers: Client) -> None:
    select(hers, photo, MARKED)
    about = {"marked": list(MARKED)}
    proposed = quote(hers, photo, "fill", **about)["box"]
    dragged = quote(hers, photo, "fill", box=[38, 28, 100, 90], **about)["box"]
    assert dragged != proposed
    assert (dragged[0] <= 38, dragged[1] <= 28, dragged[2] >= 100, dragged[3] >= 90) == (True,) * 4

    order = ordered(hers, photo, "fill", box=dragged)

    assert order["box"] == dragged
    before = pixels_of(photo)
    inside = selected_in(photo)
    use(hers, photo, order["results"][0])
    assert np.array_equal(pixels_of(photo)[~inside], before[~inside])
    assert ordered(hers, photo, "fill", box=list(MARKED))["state"] == "done"


def test_the_picture_of_one_step_is_changed_though_more_was_drawn_since(
    photo: Document, hers: Client
) -> None:
    """An order names a step: what is done after it stands below and above of what comes."""
    select(hers, photo, MARKED)
    answer = place(hers, photo, "fill")
    do(hers, photo, "fill", layer=opening.BASE, rgba=0xFF00FF00, opacity=255, mode="normal")
    carry_out()
    order = hers.get(answer.json()["url"]).json()
    before, inside = pixels_of(photo), selected_in(photo)

    use(hers, photo, order["results"][0])

    assert np.array_equal(pixels_of(photo)[~inside], before[~inside])
    x, y, width, height = order["place_of_result"]
    drawn = master_of(result_of(order))
    covered = inside[y : y + height, x : x + width]
    assert np.array_equal(pixels_of(photo)[y : y + height, x : x + width][covered], drawn[covered])


def test_the_layer_of_a_result_can_be_edited_on(photo: Document, hers: Client) -> None:
    select(hers, photo, MARKED)
    use(hers, photo, ordered(hers, photo, "fill")["results"][0])
    layer = top_of(photo)
    shown_with = pixels_of(photo)
    do(hers, photo, "layer.set", layer=layer, visible=False)
    hidden = pixels_of(photo)
    do(hers, photo, "layer.set", layer=layer, visible=True)

    assert (hidden != shown_with).any()
    assert np.array_equal(pixels_of(photo), shown_with)


def shown(user: User) -> set[str]:
    return {f"picture:{picture.pk}" for picture in history.newest(user=user).pictures}

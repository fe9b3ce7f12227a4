"""The bundled model in the editor: of a picture that it drew itself it knows what stands where, and works by that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from billing import ledger
from editor import opening, replaying
from editor.models import Document
from generation.files import storing
from generation.jobs import submission
from generation.models import File, Picture
from generation.requests import catalogue
from generation.worker import run
from tests.editor.making import a_stroke, send, uploaded
from tests.editor.ordering import (
    credits_for,
    master_of,
    ordered,
    pixels_of,
    place,
    quote,
    result_of,
    row_of,
    select,
    selected_in,
    use,
)
from tests.generation.requesting import a_request

pytestmark = [pytest.mark.django_db(transaction=True)]

# In the meadow, beside the house.
MARKED = (60, 300, 260, 520)


@pytest.fixture(autouse=True)
def few_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it draws does not matter here, and a test need not wait for it."""
    file = tmp_path / "quick.toml"
    file.write_text("[models.bundled]\ndefault_steps = 6\n")
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()


@pytest.fixture
def drawn(alice: User) -> Picture:
    credits_for(alice)
    request = a_request(prompt="a red house in a meadow", shape="16:9", seed=3, steps=20)
    submission.submit(user=alice, request=request, idempotency_key="first")
    run.run("gpu")
    return Picture.objects.get()


@pytest.fixture
def document(drawn: Picture, alice: User) -> Document:
    return opening.from_reference(user=alice, reference=f"picture:{drawn.pk}")


@pytest.mark.long
def test_it_sees_all_of_a_picture_that_it_drew_and_goes_on_from_its_results(
    document: Document, drawn: Picture, hers: Client
) -> None:
    whole = [0, 0, 1024, 576]
    touched, before = np.zeros((576, 1024), bool), pixels_of(document)
    shown = drawn
    for number in range(2):
        left, top, right, bottom = MARKED
        select(hers, document, (left + 500 * number, top, right + 500 * number, bottom))
        touched |= selected_in(document)
        assert quote(hers, document, "fill", marked=list(MARKED))["box"] == whole

        order = ordered(hers, document, "fill", words="a yellow tree")

        request = _request_of(order)
        assert (order["state"], order["box"]) == ("done", whole)
        assert request["reference"] == f"picture:{shown.pk}"
        use(hers, document, order["results"][0])
        shown = result_of(order)
    after = pixels_of(document)
    assert (after[touched] != before[touched]).any()
    assert np.array_equal(after[~touched], before[~touched])


@pytest.mark.long
def test_once_something_was_painted_it_sees_what_is_around(document: Document, hers: Client) -> None:
    send(hers, document, [a_stroke(document.head, (700, 100), (800, 200))])
    select(hers, document, MARKED)
    before, inside = pixels_of(document), selected_in(document)

    order = ordered(hers, document, "fill", words="a yellow tree")

    assert _request_of(order)["reference"].startswith("upload:")
    assert order["box"] != [0, 0, 1024, 576]
    use(hers, document, order["results"][0])
    assert np.array_equal(pixels_of(document)[~inside], before[~inside])


@pytest.mark.long
def test_a_picture_that_it_drew_is_extended_by_what_is_stored_with_it(
    document: Document, drawn: Picture, hers: Client
) -> None:
    before = pixels_of(document)
    canvas = {"width": 1224, "height": 576, "dx": 200, "dy": 0}
    asked = quote(hers, document, "extend", canvas=canvas)
    assert asked["note"] == ""

    order = ordered(hers, document, "extend", canvas=canvas, words="")

    assert (order["state"], order["box"]) == ("done", asked["box"]), order["sentence"]
    request = _request_of(order)
    assert request["reference"] == f"picture:{drawn.pk}"
    assert (request["edit"]["canvas"], request["edit"]["place"]) == ([1224, 576], [200, 0])
    use(hers, document, order["results"][0])
    after = pixels_of(document)
    assert after.shape == (576, 1224, 4)
    # The picture as it was stands in the new one, to the byte.
    assert np.array_equal(after[:, 200:], before)
    assert (after[:, :200] != after[:, 200:201]).any()


def test_of_a_picture_of_another_kind_it_says_so_before_it_is_paid_for(
    document: Document, alice: User, hers: Client
) -> None:
    select(hers, document, MARKED)
    assert quote(hers, document, "fill", marked=list(MARKED))["note"] == ""
    photo = opening.from_file(user=alice, file=uploaded(160))
    select(hers, photo, (20, 20, 90, 90))
    marked = [20, 20, 90, 90]
    canvas = {"width": 200, "height": 160, "dx": 40, "dy": 0}
    said = {
        "fill": quote(hers, photo, "fill", marked=marked)["note"],
        "erase": quote(hers, photo, "erase", marked=marked)["note"],
        "extend": quote(hers, photo, "extend", canvas=canvas)["note"],
        "upscale": quote(hers, photo, "upscale", scale="x2")["note"],
    }
    assert said == {
        "fill": "This model draws simple scenes. On photographs, what it draws looks like a poster.",
        "erase": "This model draws simple scenes. On photographs, removing on this device is better, and free.",
        "extend": "This model draws simple scenes. On photographs, a seam shows where the picture ended.",
        "upscale": "",
    }


def test_a_background_is_removed_by_the_mask_of_a_layer(document: Document, hers: Client) -> None:
    before = pixels_of(document)
    order = ordered(hers, document, "remove_background", layer=opening.BASE, words="")

    said = use(hers, document, order["results"][0])

    assert [each["kind"] for each in said["operations"]] == ["layer.mask"]
    alpha = master_of(result_of(order))[..., 3]
    assert 0 < (alpha == 255).sum() < alpha.size
    after = pixels_of(document)
    assert np.array_equal(after[..., 3], alpha)
    solid = alpha == 255
    assert np.array_equal(after[solid], before[solid])
    assert document.head is not None
    with replaying.replayed(document, document.head, on_progress=lambda _done, _of: None) as state:
        # The colours are all there still: the mask alone hides them.
        assert np.array_equal(state.layers[0].pixels.read((0, 0, 1024, 576)), before)


@pytest.mark.long
def test_a_layer_that_was_painted_on_is_none_that_it_knows(
    document: Document, hers: Client, alice: User
) -> None:
    send(hers, document, [a_stroke(document.head, (700, 100), (800, 200))])
    had = ledger.balance(alice).available

    order = ordered(hers, document, "remove_background", layer=opening.BASE, words="")

    assert order["state"] == "failed"
    assert order["sentence"].startswith("This model does that only with pictures that it drew itself.")
    assert ledger.balance(alice).available == had


@pytest.mark.long
def test_of_other_pictures_it_removes_no_background(alice: User, drawn: Picture, hers: Client) -> None:
    with storing.opened(drawn.files.get(role=File.Role.MASTER).key) as file:
        same = SimpleUploadedFile("a.png", file.read(), "image/png")
    document = opening.from_file(user=alice, file=same)

    tools = [tool["tool"] for tool in hers.get(f"/editor/{document.pk}/generate").json()["tools"]]

    assert "remove_background" not in tools
    answer = place(hers, document, "remove_background", layer=opening.BASE, price=1)
    assert (answer.status_code, answer.json()["code"]) == (422, "model")
    wrong = place(hers, document, "remove_background", layer="nothing", price=1)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "layer")


def _request_of(order: dict[str, Any]) -> dict[str, Any]:
    job = row_of(order).job
    assert job is not None
    found: dict[str, Any] = job.request
    return found


@pytest.mark.long
def test_a_picture_is_taken_apart_into_layers_that_show_it_again(
    document: Document, drawn: Picture, hers: Client
) -> None:
    before = pixels_of(document)
    page = hers.get(f"/pictures/{drawn.pk}/").content.decode()
    assert "Open as layers" in page
    opened = hers.post("/editor/new/", {"from": f"picture:{drawn.pk}", "tool": "layers"})
    assert opened["Location"].endswith("/#layers")
    offered = hers.get(f"/editor/{document.pk}/generate").json()["tools"]
    assert next(tool for tool in offered if tool["tool"] == "layers")["variants"] == [2, 8]

    order = ordered(hers, document, "layers", variants=4)

    assert order["state"] == "done"
    assert order["gives"] == "layers"
    use(hers, document, order["results"][0])
    document.refresh_from_db()
    assert document.head is not None
    with replaying.replayed(document, document.head, on_progress=lambda _done, _of: None) as state:
        assert [layer.name for layer in state.layers] == ["Background", "Layers"]
        names = [layer.name for layer in state.layers[1].children]
        state.layers[0].visible = False  # the layers alone
        alone = state.picture()
    assert names[0].startswith("Sky")
    assert {"Ground", "House"} <= set(names)
    far = np.abs(alone.astype(int) - before.astype(int))
    assert (alone[..., 3] == 255).all()
    # Shares of opacity and colours are rounded to eight bits twice, and the decoder is not quite linear.
    assert far[..., :3].mean() < 3
    assert (far.max(axis=2) > 24).mean() < 0.02
    assert all(result["used"] for result in hers.get(order["url"]).json()["results"])


@pytest.mark.long
def test_what_was_changed_since_is_not_taken_apart(document: Document, hers: Client, drawn: Picture) -> None:
    send(hers, document, [a_stroke(document.head, (10, 10), (90, 40))])
    assert "Undo to its first step" in quote(hers, document, "layers", variants=3)["sentence"]
    answer = place(hers, document, "layers", variants=3, price=1)
    assert answer.status_code == 422
    brought = opening.from_file(user=document.owner, file=uploaded(64))
    tools = hers.get(f"/editor/{brought.pk}/generate").json()["tools"]
    assert "layers" not in [tool["tool"] for tool in tools]

"""Orders of generative tools as the editor's page places them, the work on them, and what a document shows then."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import numpy as np
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from billing import ledger
from editor import assets, replaying
from editor.models import Document, Generation
from generation.files import storing
from generation.models import Job, Picture, Upload
from generation.worker import run
from image2.lib.ids import new_id
from tests.editor.making import operation, post, send, work
from tests.generation.web.makers import make_job, make_picture

Box = tuple[int, int, int, int]


def credits_for(user: User, amount: int = 100) -> None:
    ledger.grant(user=user, amount=amount, source="promo", source_ref=f"test:{user.pk}")


def do(client: Client, document: Document, kind: str, **body: Any) -> dict[str, Any]:
    """Do an operation after the head, as the page does."""
    document.refresh_from_db()
    done = operation(kind, document.head, **body)
    answer = send(client, document, [done])
    assert answer.status_code == 200, answer.content
    document.refresh_from_db()
    return done


def select(client: Client, document: Document, box: Box, **more: Any) -> None:
    x0, y0, x1, y1 = box
    do(client, document, "select", shape="rectangle", x0=x0, y0=y0, x1=x1, y1=y1, **more)


def quote(client: Client, document: Document, tool: str, **body: Any) -> dict[str, Any]:
    document.refresh_from_db()
    answer = post(client, "quote", document, {"tool": tool, "operation": str(document.head), **body})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def place(client: Client, document: Document, tool: str, **body: Any) -> Any:
    """Place an order at the price that is quoted for it, unless the test says another one."""
    document.refresh_from_db()
    sent = {"id": str(new_id()), "tool": tool, "operation": str(document.head), "words": "a red boat", **body}
    if "price" not in sent:
        about = {name: value for name, value in sent.items() if name not in ("id", "tool", "operation")}
        sent["price"] = quote(client, document, tool, **about)["price"]
    return post(client, "orders", document, sent)


def ordered(client: Client, document: Document, tool: str, **body: Any) -> dict[str, Any]:
    """Place an order, do all the work on it, and return it as the page gets it."""
    answer = place(client, document, tool, **body)
    assert answer.status_code == 202, answer.content
    carry_out()
    found: dict[str, Any] = client.get(answer.json()["url"]).json()
    return found


def carry_out() -> None:
    """What waits for the workers: what a model sees, then the jobs."""
    work()
    run.run("gpu")


def use(client: Client, document: Document, result: dict[str, Any]) -> dict[str, Any]:
    """Use a result and do the operations that it becomes, all in one call, as the page does."""
    document.refresh_from_db()
    answer = client.post(result["use"], {"operation": str(document.head)}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    parent, sent = document.head, []
    group = below = None
    for each in found.get("operations", []):
        body = dict(each["body"])
        if each["kind"] == "layer.add":
            layer = f"L{new_id().hex[-20:]}"
            above = below if group else top_of(document)
            body |= {"layer": layer, "group": group, "above": above}
            group, below = (layer, None) if body.get("group_layer") else (group, layer)
        sent.append(operation(each["kind"], parent, **body))
        parent = UUID(sent[-1]["id"])
    if sent:
        taken = send(client, document, sent)
        assert taken.status_code == 200, taken.content
        document.refresh_from_db()
    return found


def top_of(document: Document) -> str:
    with replaying.replayed(document, document.head, on_progress=_nothing) as state:  # type: ignore[arg-type]
        return state.layers[-1].id


def pixels_of(document: Document) -> np.typing.NDArray[np.uint8]:
    """What a replay of the log shows at the head."""
    document.refresh_from_db()
    assert document.head is not None
    with replaying.replayed(document, document.head, on_progress=_nothing) as state:
        return state.picture()


def selected_in(document: Document) -> np.typing.NDArray[np.bool_]:
    """Where anything is selected at the head."""
    document.refresh_from_db()
    assert document.head is not None
    with replaying.replayed(document, document.head, on_progress=_nothing) as state:
        assert state.selection is not None
        return state.selection.read((0, 0, *state.size)) > 0


def master_of(of: Picture | Upload) -> np.typing.NDArray[np.uint8]:
    """The pixels of a picture or an upload, RGBA."""
    with storing.opened(of.files.get(role="master").key) as file:
        return assets.decoded(file)


def result_of(order: dict[str, Any], index: int = 0) -> Picture:
    return Picture.objects.get(pk=order["results"][index]["reference"].partition(":")[2])


def row_of(order: dict[str, Any]) -> Generation:
    return Generation.objects.get(uid=order["id"])


def an_order(document: Document, *, words: str = "a red boat") -> Generation:
    """An order of an upscale whose job is done, with one result that waits; made of rows alone."""
    assert document.head is not None
    job = make_job(document.owner, Job.State.DONE)
    picture = make_picture(document.owner, thumbnails=False, job=job, kept=False, width=8, height=8)
    store_master(picture)
    asked = {"tool": "upscale", "scale": "x2", "words": words, "variants": 1}
    return Generation.objects.create(
        document=document,
        uid=new_id(),
        operation=document.head,
        tool="upscale",
        model="bundled",
        asked=asked,
        price=1,
        state=Generation.State.SUBMITTED,
        job=job,
    )


def store_master(picture: Picture) -> None:
    png = io.BytesIO()
    Image.new("RGB", (picture.width, picture.height), "teal").save(png, "PNG")
    stored = storing.store_rendition(
        png.getvalue(), role="master", form="png", width=picture.width, height=picture.height, attempt="t"
    )
    storing.publish(picture, storing.StoredPicture((stored,)))


def address(name: str, document: Document, *more: Any) -> str:
    return reverse(f"editor:{name}", args=[document.pk, *more])


def _nothing(_done: int, _of: int) -> None:
    pass

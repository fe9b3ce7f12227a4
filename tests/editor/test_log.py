"""The log on the server: everything of a call or nothing, twice is once, and nobody's step is lost."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from editor import assets
from editor.log import appending
from editor.log.outline import Outline
from editor.models import Asset, Document, Operation
from editor.replay.document import Document as Replayed
from editor.replay.engine import Kernels
from editor.replay.layers import Impossible
from tests.editor.calling import Pictures
from tests.editor.making import a_document, a_stroke, chain, operation, path_of, post, send
from tests.editor.operations import Author


def read(client: Client, document: Document) -> dict[str, Any]:
    """The whole log, page by page."""
    found: dict[str, Any] = {"operations": []}
    after = 0
    while True:
        page = client.get(reverse("editor:log", args=[document.pk]), {"after": after}).json()
        found = {**page, "operations": found["operations"] + page["operations"]}
        if not page["more"]:
            return found
        after = page["operations"][-1]["seq"]


def test_strokes_are_kept_in_order_and_read_back_to_the_byte(alice: User, hers: Client) -> None:
    document = a_document(alice)
    sent = chain(document.head, 5)

    answer = send(hers, document, sent)

    assert answer.json() == {"head": sent[-1]["id"], "seq": 6}
    log = read(hers, document)
    assert log["head"] == sent[-1]["id"]
    assert [each["kind"] for each in log["operations"]] == ["open", *["stroke"] * 5]
    for kept, made in zip(log["operations"][1:], sent, strict=True):
        assert {name: kept[name] for name in made} == made


def test_a_call_that_is_sent_twice_changes_nothing_the_second_time(alice: User, hers: Client) -> None:
    document = a_document(alice)
    first, sent = document.head, chain(document.head, 3)

    answers = [send(hers, document, sent, expected=first) for _time in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert Operation.objects.filter(document=document).count() == 4


def test_undo_moves_the_head_and_drops_nothing(alice: User, hers: Client) -> None:
    document = a_document(alice)
    sent = chain(document.head, 3)
    send(hers, document, sent)

    back = send(hers, document, [], head=sent[0]["id"])
    other = a_stroke(UUID(sent[0]["id"]))
    forth = send(hers, document, [other])

    assert (back.status_code, forth.status_code) == (200, 200)
    log = read(hers, document)
    assert log["head"] == other["id"]
    assert {each["id"] for each in log["operations"]} >= {each["id"] for each in [*sent, other]}


def test_a_head_that_moved_meanwhile_answers_with_what_is_new_and_takes_nothing(
    alice: User, hers: Client
) -> None:
    document = a_document(alice)
    start = document.head
    theirs, mine = chain(start, 2), chain(start, 2)
    send(hers, document, theirs)

    answer = send(hers, document, mine, expected=start)

    assert answer.status_code == 409
    found = answer.json()
    assert found["head"] == theirs[-1]["id"]
    assert [each["id"] for each in found["operations"]] == [each["id"] for each in theirs]
    assert Operation.objects.filter(document=document).count() == 3


def test_an_operation_that_is_not_taken_takes_the_whole_call_with_it(alice: User, hers: Client) -> None:
    document = a_document(alice)
    sent = chain(document.head, 2)
    sent += [a_stroke(UUID(sent[-1]["id"]), layer="nowhere")]

    answer = send(hers, document, sent)

    assert answer.status_code == 422
    assert answer.json() == {"sentence": "This layer doesn't exist any more.", "id": sent[-1]["id"]}
    assert Operation.objects.filter(document=document).count() == 1


def test_the_same_id_with_another_content_is_refused(alice: User, hers: Client) -> None:
    document = a_document(alice)
    one = a_stroke(document.head)
    send(hers, document, [one])

    answer = send(hers, document, [{**one, "body": {**one["body"], "rgb": 1}}])

    assert answer.status_code == 422
    assert "already" in answer.json()["sentence"]


def hostile(document: Document, others_asset: str) -> dict[str, dict[str, Any]]:
    """What a page of ours never sends, by what is wrong with it."""
    head = document.head
    many = base64.b64encode(path_of(*[(x % 300, x % 200) for x in range(20_001)])).decode()
    far = a_stroke(head)
    return {
        "too many samples": {**a_stroke(head), "blob": many},
        "a radius of a million": a_stroke(head, radius=1_000_000),
        "NaN": {**far, "body": {**far["body"], "opacity": float("nan")}},
        "a fraction": a_stroke(head, radius=160.5),
        "a whole number that is true": a_stroke(head, opacity=True),
        "an unknown layer": a_stroke(head, layer="nowhere"),
        "an unknown kind": operation("format.disk", head),
        "an unknown field": a_stroke(head, colour="red"),
        "a kind that is no text": {**a_stroke(head), "kind": ["stroke"]},
        "a body that is no object": {**a_stroke(head), "body": [1, 2]},
        "a second open": operation("open", head, width=9, height=9, layer="x", name="x"),
        "another engine": {**a_stroke(head), "engine": "k9"},
        "a parent that is not there": a_stroke(uuid4()),
        "somebody else's picture": operation("layer.add", head, layer="n", name="n", asset=others_asset),
        "a canvas without end": operation("canvas", head, width=8193, height=9, dx=0, dy=0),
        "a name with a NUL": operation("layer.add", head, layer="n", name="a\0b"),
        "half a letter": operation("layer.add", head, layer="n", name="\ud800"),
        "a blob that ends early": {**a_stroke(head), "blob": base64.b64encode(b"\x80").decode()},
        "a blob where none belongs": operation("clear", head, b"x", layer="base"),
        "a stroke of endless dabs": a_stroke(head, *[(0, 0), (8000, 8000)] * 40, radius=16384, spacing=3),
        "erase with nothing selected": operation("erase", head, layer="base", seed=1),
        "a filter of endless radius": operation(
            "filter", head, layer="base", filter={"kind": "gaussian", "radius": 10**6}
        ),
        "a filter without its seed": operation(
            "filter", head, layer="base", filter={"kind": "noise", "amount": 9, "one": 1}
        ),
        "an unknown adjustment": added(head, {"kind": "format.disk"}),
        "an adjustment that is no object": added(head, ["curves"]),
        "an adjustment beyond its bounds": added(head, {"kind": "hue", "hue": 181}),
        "an adjustment with a fraction": added(head, {"kind": "hue", "hue": 0.5}),
        "an adjustment with a strange value": added(head, {"kind": "hue", "gamma": 3}),
        "levels whose white is black": added(head, {"kind": "levels", "all": [200, 100, 100, 0, 255]}),
        "a curve of endless points": added(head, {"kind": "curves", "all": [[x, x] for x in range(17)]}),
        "a curve that turns back": added(head, {"kind": "curves", "all": [[9, 9], [9, 90]]}),
        "a curve of text": added(head, {"kind": "curves", "all": ["ab", "cd"]}),
        "an adjustment with pixels": added(head, {"kind": "invert"}, group_layer=True),
        "an adjustment of a layer that is none": operation(
            "layer.adjust", head, layer="base", adjust={"kind": "invert"}
        ),
        "a group in itself": operation("layer.move", head, layer="base", group="base", above=None),
    }


def added(head: Any, adjust: Any, **more: Any) -> dict[str, Any]:
    return operation("layer.add", head, layer="n", name="n", adjust=adjust, **more)


NAMES = list(hostile(Document(), "0" * 64))


@pytest.mark.parametrize("name", NAMES)
def test_hostile_operations_are_refused_with_a_sentence(
    name: str, alice: User, bob: User, hers: Client
) -> None:
    document = a_document(alice)
    others = assets.keep(a_document(bob), b"a picture of bob's", Asset.Role.PICTURE)

    answer = send(hers, document, [hostile(document, others.sha256)[name]])

    assert answer.status_code == 422, answer.content
    assert answer.json()["sentence"].endswith(".")
    assert Operation.objects.filter(document=document).count() == 1


@pytest.mark.parametrize("ids", [["a"], ["a", "b", "c"], []])
def test_a_copy_of_a_group_needs_an_id_for_each_layer(alice: User, hers: Client, ids: list[str]) -> None:
    document = a_document(alice)
    group = operation("layer.add", document.head, layer="group", name="Group", group_layer=True)
    inner = operation("layer.add", UUID(group["id"]), layer="inner", name="Inner", group="group")
    copy = operation("layer.duplicate", UUID(inner["id"]), layer="group", ids=ids, name="Copy")

    answer = send(hers, document, [group, inner, copy])

    assert answer.status_code == 422
    assert answer.json()["sentence"] == "A copy of this layer needs as many ids as it holds layers."


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"operations": "x", "head": 1, "expected": null}',
        b'{"head": ' + b"9" * 5000 + b"}",
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_no_call_is_answered_with_a_sentence(alice: User, hers: Client, body: bytes) -> None:
    url = reverse("editor:operations", args=[a_document(alice).pk])

    answer = hers.post(url, body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json()["sentence"]


def test_more_than_200_operations_and_more_than_two_megabytes_are_refused(alice: User, hers: Client) -> None:
    document = a_document(alice)

    many = send(hers, document, chain(document.head, 201))
    heavy = hers.post(
        reverse("editor:operations", args=[document.pk]),
        json.dumps({"padding": "x" * (2 * 1024 * 1024)}),
        content_type="application/json",
    )

    assert (many.status_code, heavy.status_code) == (422, 422)
    assert "200" in many.json()["sentence"]


def test_a_full_document_says_what_to_do(alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "MOST_OPERATIONS", 3)
    document = a_document(alice)
    sent = chain(document.head, 3)
    assert send(hers, document, sent[:2]).status_code == 200

    answer = send(hers, document, sent[2:])

    assert answer.status_code == 422
    assert "Flatten" in answer.json()["sentence"]


def test_a_hundred_layers_are_the_most(alice: User, hers: Client) -> None:
    document = a_document(alice)
    parent, sent = document.head, []
    for number in range(100):
        sent.append(operation("layer.add", parent, layer=f"l{number}", name=f"Layer {number}"))
        parent = UUID(sent[-1]["id"])
    assert send(hers, document, sent[:99]).status_code == 200

    answer = send(hers, document, sent[99:])

    assert answer.status_code == 422
    assert "100 layers" in answer.json()["sentence"]


@pytest.mark.long
def test_a_log_is_read_in_pages_of_two_megabytes(alice: User, hers: Client) -> None:
    document = a_document(alice, width=2000, height=2000)
    chance = random.Random(4)
    long = [(chance.randint(900, 940), chance.randint(900, 940)) for _ in range(15_000)]
    for _call in range(12):
        made = [a_stroke(document.head, *long, radius=16, spacing=1024) for _ in range(3)]
        for before, after in pairwise(made):
            after["parent"] = before["id"]
        assert send(hers, document, made).status_code == 200
        document.refresh_from_db()

    first = hers.get(reverse("editor:log", args=[document.pk]))

    assert len(first.content) < 2.2 * 1024 * 1024
    assert first.json()["more"]
    assert [each["seq"] for each in read(hers, document)["operations"]] == list(range(1, 38))


class Device:
    """A browser that draws, sends what it has, and does its own steps again after what is new (as the page does)."""

    def __init__(self, client: Client, document: Document, colour: int) -> None:
        self.client, self.document, self.colour = client, document, colour
        self.known = document.head
        self.sent: set[str] = set()
        self.waiting: list[dict[str, Any]] = []

    def draw(self) -> None:
        parent = UUID(self.waiting[-1]["id"]) if self.waiting else self.known
        self.waiting.append(a_stroke(parent, rgb=self.colour))

    def sync(self) -> None:
        while self.waiting:
            body = {
                "expected": str(self.known),
                "head": self.waiting[-1]["id"],
                "operations": self.waiting,
            }
            answer = post(self.client, "operations", self.document, body)
            self.known = UUID(answer.json()["head"])
            if answer.status_code == 200:
                self.sent |= {each["id"] for each in self.waiting}
                self.waiting = []
            else:
                assert answer.status_code == 409
                again = [a_stroke(None, rgb=self.colour) for _ in self.waiting]
                parent = self.known
                for each in again:
                    each["parent"], parent = str(parent), UUID(each["id"])
                self.waiting = again


def test_two_devices_with_200_operations_each_lose_none_and_end_equal(alice: User, hers: Client) -> None:
    document = a_document(alice)
    second = Client()
    second.force_login(alice)
    devices = [Device(hers, document, 0xFF), Device(second, document, 0xFF00)]
    chance = random.Random(8)
    drawn = [0, 0]
    while min(drawn) < 200:
        turn = chance.randrange(2)
        if drawn[turn] < 200:
            devices[turn].draw()
            drawn[turn] += 1
        if chance.random() < 0.2:
            devices[chance.randrange(2)].sync()
    for device in (*devices, *devices):
        device.sync()

    log = read(hers, document)
    ids = {each["id"] for each in log["operations"]}
    assert len(devices[0].sent | devices[1].sent) == 400
    assert devices[0].sent | devices[1].sent <= ids
    parents = {each["id"]: each["parent"] for each in log["operations"]}
    path, at = set(), log["head"]
    while at:
        path.add(at)
        at = parents[at]
    assert devices[0].sent | devices[1].sent <= path


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.few(10)
def test_the_outline_refuses_what_a_replay_would_refuse_and_nothing_else(seed: int) -> None:
    with Kernels() as kernels:
        author = Author(seed, pictures=2)
        replayed, outline = Replayed(kernels, Pictures(author.pictures)), Outline()
        for each in author.document(40):
            kind, body = each["kind"], each["body"]
            drawn = _tried(partial(replayed.apply, kind, body, each["blob"]))
            assert _tried(partial(outline.apply, kind, body)) == drawn, each
            outline = Outline.from_json(outline.to_json())


def _tried(act: Callable[[], object]) -> str:
    try:
        act()
    except Impossible as impossible:
        return str(impossible)
    return ""


def test_versions_have_names_of_their_own(alice: User, hers: Client) -> None:
    document = a_document(alice)

    first = post(hers, "versions", document, {"operation": str(document.head), "name": "Before the sky"})
    again = post(hers, "versions", document, {"operation": str(document.head), "name": "Before the sky"})
    nowhere = post(hers, "versions", document, {"operation": str(uuid4()), "name": "Elsewhere"})

    assert [row["name"] for row in first.json()["versions"]] == ["Before the sky"]
    assert (again.status_code, nowhere.status_code) == (422, 422)

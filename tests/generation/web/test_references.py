"""References of /create/: as many as the model takes, from files and history; what can't be used is one sentence."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.models import Job, Picture, Upload
from generation.pictures import trash
from generation.requests import catalogue
from tests.generation.prompts.llm import Writer, serving
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import make_picture
from tests.generation.web.test_creating import TYPED, a_file, value_of

TYPES = {
    "words": {"text_to_image"},
    "one": {"text_to_image", "image_to_image"},
    "four": {"text_to_image", "image_to_image", "edit"},
    "editor": {"edit"},
}
MANY = TYPED | {"model": "four", "size": "1k", "count": "1", "quoted": "1"}


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = catalogue.get("bundled")
    offered = {
        name: replace(bundled, id=name, label=name, capabilities=frozenset(can), max_references=4)
        for name, can in TYPES.items()
    } | {"three": replace(bundled, id="three", capabilities=frozenset(TYPES["four"]), max_references=3)}
    monkeypatch.setattr(catalogue, "entries", lambda: (*offered.values(), bundled))


def shown(page: str) -> list[str]:
    """The names that the form would send."""
    return value_of(page, "reference").split()


def name_of(picture: Picture) -> str:
    return f"picture:{picture.pk}"


def give(client: Client, references: list[str], *files: str, model: str = "four", **more: str) -> str:
    values = {"model": model, "reference": " ".join(references), "reference_file": [a_file(f) for f in files]}
    return client.post("/create/reference/", values | more, headers=FRAGMENT).content.decode()


def test_files_and_pictures_are_added_until_the_model_takes_no_more(hers: Client, alice: User) -> None:
    picture = make_picture(alice)
    page = give(hers, [], "a.png", "b.png")
    first = shown(page)
    assert [f"upload:{upload.pk}" for upload in Upload.objects.order_by("created_at")] == first
    answer = hers.get(
        f"/create/reference/{picture.pk}/", {"model": "four", "reference": " ".join(first)}, headers=FRAGMENT
    )
    page = answer.content.decode()
    assert shown(page) == [*first, name_of(picture)]
    page = give(hers, shown(page), "c.png")
    assert len(shown(page)) == 4
    assert re.findall(r'alt="([^"]+)"', page) == [f"Reference picture {number}" for number in range(1, 5)]
    full = give(hers, shown(page), "d.png")
    assert "at most 4 reference pictures. Remove one first." in full
    assert shown(full) == shown(page)
    assert Upload.objects.count() == 3


def test_one_of_them_is_removed(hers: Client, alice: User) -> None:
    names = [name_of(make_picture(alice)) for _ in range(3)]
    page = give(hers, names, action=f"remove_reference {names[1]}")
    assert shown(page) == [names[0], names[2]]
    answer = hers.post(
        "/create/", MANY | {"reference": " ".join(names), "action": f"remove_reference {names[0]}"}
    )
    assert shown(answer.content.decode()) == names[1:]


def test_a_model_that_takes_one_gets_the_newest(hers: Client, alice: User) -> None:
    old = name_of(make_picture(alice))
    page = give(hers, [old], "new.png", "other.png", model="one")
    assert shown(page) == [f"upload:{Upload.objects.get().pk}"]


def test_several_references_make_an_edit_in_their_order(hers: Client, alice: User) -> None:
    names = [name_of(make_picture(alice)) for _ in range(4)]
    hers.post("/create/", MANY | {"reference": " ".join(names), "prompt": "the cat of 2 on the sofa of 1"})
    job = Job.objects.get()
    assert (job.kind, job.price, job.parsed_request.references) == ("edit", 1, tuple(names))
    assert job.parsed_request.strength is None


@pytest.mark.parametrize(
    ("model", "use", "kind", "strength"),
    [
        ("four", "", "edit", None),
        ("four", "edit", "edit", None),
        ("four", "start", "image_to_image", 0.4),
        ("one", "edit", "image_to_image", 0.4),
        ("editor", "start", "edit", None),
    ],
)
def test_one_reference_is_used_as_the_model_can_and_the_person_says(
    hers: Client, alice: User, model: str, use: str, kind: str, strength: float | None
) -> None:
    values = {"model": model, "use": use, "reference": name_of(make_picture(alice)), "strength": "0.4"}
    page = give(hers, [values["reference"]], model=model, use=use)
    assert ('name="strength"' in page) == (kind == "image_to_image")
    assert ('type="radio"' in page) == (model == "four")
    hers.post("/create/", MANY | values)
    asked = Job.objects.get().parsed_request
    assert (asked.kind, asked.strength) == (kind, strength)


@pytest.mark.parametrize(
    ("action", "sentence"), [("rewrite", "it isn't rewritten."), ("expand 0", "there is nothing to add.")]
)
def test_an_instruction_is_no_description_to_work_on(
    hers: Client, alice: User, settings: Any, action: str, sentence: str
) -> None:
    typed = MANY | {"action": action, "prompt": "make it night", "reference": name_of(make_picture(alice))}
    with serving(Writer()) as writer:
        settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = writer.address, "writer-1"
        page = hers.post("/create/prompt/", typed, headers=FRAGMENT).content.decode()
        assert f"This is an instruction, not a description: {sentence}" in html.unescape(page)
        assert writer.asked == []
        page = hers.post("/create/prompt/", typed | {"use": "start"}, headers=FRAGMENT).content.decode()
        assert "This is an instruction" not in page
        assert len(writer.asked) == (action == "rewrite")


def test_buttons_are_there_only_where_the_model_takes_pictures(hers: Client) -> None:
    for model, is_there, many in (("words", False, False), ("one", True, False), ("four", True, True)):
        page = hers.post("/create/price/", MANY, headers=FRAGMENT)
        page = hers.post("/create/", MANY | {"action": "price", "model": model})
        html = page.content.decode()
        buttons = re.findall(r"<(?:label|button)\s[^>]*data-takes-references[^>]*>", html)
        assert len(buttons) == 2
        assert all((" hidden" in button) != is_there for button in buttons)
        assert (" multiple" in re.findall(r'<input[^>]*name="reference_file"[^>]*>', html)[0]) == many


def test_an_edit_is_run_again_with_all_its_references(hers: Client, alice: User) -> None:
    names = [name_of(make_picture(alice)) for _ in range(2)]
    hers.post("/create/", MANY | {"reference": " ".join(names)})
    page = hers.get(f"/create/?job={Job.objects.get().pk}").content.decode()
    assert shown(page) == names
    assert "Picture 1 changes as the prompt says" in page


def test_without_script_pictures_are_added_one_after_the_other(hers: Client, alice: User) -> None:
    pictures = [make_picture(alice) for _ in range(5)]
    typed = MANY | {"prompt": "a green boat"}
    for picture in pictures[:4]:
        assert hers.post("/create/", typed | {"action": "pick_reference"}).status_code == 302
        page = hers.get(f"/create/reference/{picture.pk}/", follow=True).content.decode()
        typed |= {"reference": value_of(page, "reference")}
    assert shown(page) == [name_of(picture) for picture in pictures[:4]]
    assert ">a green boat</textarea>" in page
    answer = hers.post("/create/", typed | {"action": "pick_reference"})
    assert "Remove one first." in answer.content.decode()
    assert shown(answer.content.decode()) == shown(page)


def _gone(alice: User, _bob: User) -> list[str]:
    picture = make_picture(alice)
    trash.delete(user=alice, pictures=[picture.pk])
    return [name_of(make_picture(alice)), name_of(picture)]


BAD: dict[str, tuple[Callable[[User, User], list[str]], str, str]] = {
    "five": (lambda alice, _: [name_of(make_picture(alice)) for _ in range(5)], "four", "at most 4 reference pictures"),
    "four for a model of three": (
        lambda alice, _: [name_of(make_picture(alice)) for _ in range(4)], "three", "at most 3 reference pictures",
    ),
    "two for a model of one": (
        lambda alice, _: [name_of(make_picture(alice)) for _ in range(2)], "one", "takes one reference picture",
    ),
    "one for a model of words": (
        lambda alice, _: [name_of(make_picture(alice))], "words", "takes no reference pictures",
    ),
    "none for a model that changes": (lambda *_: [], "editor", "This model changes pictures. Add one"),
    "one was deleted": (_gone, "four", "One of the pictures isn&#x27;t there any more"),
    "of another person": (
        lambda alice, bob: [name_of(make_picture(alice)), name_of(make_picture(bob))], "four",
        "One of the pictures isn&#x27;t there any more",
    ),
    "no name at all": (lambda *_: ["nonsense"], "four", "Choose a picture to start from."),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_can_not_be_used_is_one_sentence_and_costs_nothing(
    hers: Client, alice: User, bob: User, case: str
) -> None:
    make, model, sentence = BAD[case]
    names = make(alice, bob)
    pictures = set(Picture.objects.values_list("pk"))
    answer = hers.post("/create/", MANY | {"model": model, "reference": " ".join(names), "quoted": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    block = page[page.index('id="composer-reference"') : page.index('for="id_prompt"')]
    assert sentence in block
    assert block.count('role="alert"') == 1
    assert ">a red sailboat</textarea>" in page
    mine = {name_of(picture) for picture in Picture.objects.available_to(alice)}
    assert shown(page) == [name for name in names if name in mine]
    assert not Job.objects.exists()
    assert (ledger.balance(alice).available, ledger.balance(alice).held) == (100, 0)
    assert set(Picture.objects.values_list("pk")) == pictures


@pytest.mark.parametrize(
    ("model", "references", "says"),
    [
        ("four", 5, "at most four reference pictures"),
        ("three", 4, "at most 3 reference pictures"),
        ("one", 2, "can't do that"),
    ],
)
def test_the_command_refuses_the_same_in_one_line(
    tmp_path: Path, model: str, references: int, says: str
) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    given = [part for _ in range(references) for part in ("--reference", str(tmp_path / "a.png"))]
    with pytest.raises(CommandError, match=says):
        call_command("generate", "make it red", "--out", str(tmp_path / "b.png"), "--model", model, *given)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]

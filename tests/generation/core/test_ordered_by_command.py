"""`manage.py generate --user`: an order like any from a page, drawn by the site and in the history at once."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.models import Job, Picture, Upload
from generation.pictures import history
from generation.worker import run

from .conftest import NewPerson

pytestmark = [pytest.mark.django_db(transaction=True)]


def generate(*arguments: Any) -> str:
    out = StringIO()
    call_command("generate", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.linear_gradient("L").resize((320, 240)).convert("RGB").save(path)
    return path


def test_it_is_charged_drawn_and_in_the_history_at_once(alice: User, tiny_model: None) -> None:
    said = generate("a lighthouse", "--user", alice.email, "--steps", 4, "--seed", 5, "--count", 2)
    job = Job.objects.get()
    assert (
        said
        == f"Job {job.pk}: 2 credits. It is in the history of {alice.email} once the site has drawn it.\n"
    )
    run.run("gpu")
    shown = history.newest(user=alice).pictures
    assert [(picture.prompt, picture.kept) for picture in shown] == [("a lighthouse", True)] * 2
    assert {picture.seed for picture in shown} == {5, 6}
    assert ledger.balance(alice).available == 998


def test_a_picture_and_a_mask_become_uploads_of_that_person(
    alice: User, tiny_model: None, photo: Path, tmp_path: Path
) -> None:
    mask = Image.new("L", (320, 240))
    mask.paste(255, (40, 40, 160, 120))
    mask.save(tmp_path / "mask.png")
    generate(
        "a boat", "--kind", "inpaint", "--user", alice.email, "--steps", 4,
        "--reference", photo, "--mask", tmp_path / "mask.png",
    )  # fmt: skip
    run.run("gpu")
    made = Picture.objects.get()
    assert history.newest(user=alice).pictures == [made]
    assert (made.width, made.height) == (320, 240)
    assert {line.role for line in made.parents.all()} == {"edit", "mask"}
    assert set(Upload.objects.values_list("owner", flat=True)) == {alice.pk}


def test_what_can_not_be_ordered_is_one_sentence_and_leaves_nothing(
    alice: User, person: NewPerson, photo: Path, tmp_path: Path
) -> None:
    poor = person("carol", having=0)
    upscale = ("--kind", "upscale", "--scale", "x2", "--reference", photo)
    empty = tmp_path / "mask.png"
    Image.new("L", (320, 240)).save(empty)
    for arguments, sentence in (
        (
            ("--user", "nobody@example.com", "a boat"),
            "There is no account with the address nobody@example.com.",
        ),
        (("--user", poor.email, *upscale), "You need 1 more credit. Nothing was charged."),
        (("--user", alice.email, *upscale, "--fields", photo), "leave --fields out"),
        (
            ("--user", alice.email, "--kind", "inpaint", "--reference", photo, "--mask", empty),
            "marks nothing",
        ),
        (("a boat",), "--out --user"),
    ):
        with pytest.raises(CommandError, match=sentence):
            generate(*arguments)
    assert not Job.objects.exists()
    assert not Upload.objects.exists()
    assert (ledger.balance(alice).available, ledger.balance(poor).available) == (1000, 0)

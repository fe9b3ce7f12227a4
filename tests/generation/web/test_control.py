"""Control pictures on /create/: offered where the chosen model has weights for them, drawn by the worker, kept."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import User
from billing import ledger
from generation.jobs import failures, submission
from generation.models import Job, Lineage, Picture, Upload, Worker
from generation.models.workers import SILENCE
from generation.pictures import references, trash
from generation.requests import catalogue, pricing, recipe
from generation.requests.controls.control import Control
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import SHAPES
from generation.worker import run
from image2.lib.ids import new_id
from tests.generation.requesting import a_request
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import make_picture
from tests.generation.web.test_creating import TYPED, value_of

Write = Callable[..., None]
SMALL = TYPED | {"size": "1k", "count": "1", "quoted": "1", "shape": "1:1"}
GONE = "This picture isn't there any more. Choose another one."
TAKES_NONE = "This model takes no control picture. Choose another model, or remove the control picture."


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_folder: Path) -> Iterator[Write]:
    """Write a catalogue file: a tiny model in place of the bundled one, led by what lies in these folders."""

    def make(**folders: Path) -> None:
        sizes = "\n".join(f'"{shape}" = [64, 64]' for shape in SHAPES)
        text = (
            f'[models.bundled]\nsource = "{tiny_folder}"\nscaler = "lanczos"\nprojection = ""\nvocabulary = ""\n'
            'capabilities = ["text_to_image", "image_to_image"]\n'
            f"[models.bundled.base_sizes]\n{sizes}\n"
        )
        for kind, folder in folders.items():
            text += (
                f'[models.bundled.controls.{kind}]\nsource = "{folder}"\nlicence = "MIT"\n'
                "commercial_use = true\nmemory_mb = 5\n"
            )
        (tmp_path / "catalogue.toml").write_text(text)
        monkeypatch.setenv("IMAGE2_CATALOGUE", str(tmp_path / "catalogue.toml"))
        catalogue.reload()

    yield make
    monkeypatch.undo()
    catalogue.reload()


@pytest.fixture
def led(write: Write, tmp_path: Path) -> None:
    """Names that nothing lies behind: for pages, which don't look."""
    write(edges=tmp_path / "edges", depth=tmp_path / "depth")


def a_square(name: str = "square.png") -> io.BytesIO:
    picture, out = Image.new("RGB", (90, 70), "navy"), io.BytesIO()
    ImageDraw.Draw(picture).rectangle((20, 20, 60, 50), fill="white")
    picture.save(out, "PNG")
    file = io.BytesIO(out.getvalue())
    file.name = name
    return file


def said(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def brought(client: Client) -> str:
    """The name of a control picture that was uploaded from the open form."""
    page = said(
        client.post("/create/control/", {"model": "bundled", "control_file": a_square()}, headers=FRAGMENT)
    )
    return value_of(page, "control")


def test_a_model_without_weights_for_it_shows_no_such_row(hers: Client, write: Write) -> None:
    write()
    assert "control_file" not in said(hers.get("/create/"))


def test_one_is_uploaded_chosen_and_kept_in_the_request_at_the_price_of_the_picture(
    hers: Client, alice: User, led: None
) -> None:
    assert "control_file" in said(hers.get("/create/"))
    name = brought(hers)
    typed = SMALL | {
        "control": name,
        "control_kind": "depth",
        "control_strength": "0.5",
        "control_map": "map",
    }
    assert hers.post("/create/", typed).status_code == 302
    job = Job.objects.get()
    assert job.parsed_request.control == Control(picture=name, kind="depth", strength=0.5, is_map=True)
    assert (job.needs, job.price) == ("control:depth", pricing.price(a_request()))
    assert references.uploads_of_live_jobs() == {Upload.objects.get().pk}
    # The address of the job's settings fills all of it in again.
    again = said(hers.get(f"/create/?job={job.pk}"))
    assert value_of(again, "control") == name
    assert re.search(r'name="control_kind"\s+value="depth"\s+checked', again)
    assert re.search(r'name="control_map"\s+value="map"\s+checked', again)
    assert re.search(r'name="control_strength"[^>]*value="0.5"', again)


def test_without_script_the_file_comes_with_the_form_and_can_be_taken_out_again(
    hers: Client, led: None
) -> None:
    page = said(hers.post("/create/", SMALL | {"control_file": a_square(), "action": "price"}))
    name = value_of(page, "control")
    assert name == f"upload:{Upload.objects.get().pk}"
    without = said(hers.post("/create/", SMALL | {"control": name, "action": "remove_control"}))
    assert 'name="control"' not in without
    assert hers.post("/create/", SMALL | {"control_file": a_square("b.png")}).status_code == 302
    chosen = Job.objects.get().parsed_request.control
    assert chosen is not None
    assert (chosen.kind, chosen.strength, chosen.is_map) == ("edges", 0.8, False)


def test_a_picture_of_the_history_is_used_by_a_link_on_its_page(hers: Client, alice: User, led: None) -> None:
    picture = make_picture(alice)
    address = f"/create/?control=picture:{picture.pk}"
    assert address in said(hers.get(f"/pictures/{picture.pk}/"))
    assert value_of(said(hers.get(address)), "control") == f"picture:{picture.pk}"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"control_strength": "9"}, "Control takes a strength from 0.1 to 2."),
        ({"control_strength": "nan"}, "Enter a number."),
        ({"control_kind": "pose"}, "Choose what leads the drawing: edges or depth."),
        ({"control": "upload:nonsense"}, "Choose a control picture."),
        ({"control": f"upload:{new_id()}"}, GONE),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_costs_nothing(
    hers: Client, alice: User, led: None, typed: dict[str, str], sentence: str
) -> None:
    answer = hers.post("/create/", SMALL | {"control": brought(hers), "control_kind": "edges"} | typed)
    assert answer.status_code == 422
    assert said(answer).count(sentence) == 1
    assert not Job.objects.exists()
    assert ledger.balance(alice).available == 100


def test_a_picture_of_another_person_is_not_there(hers: Client, alice: User, bob: User, led: None) -> None:
    theirs = make_picture(bob)
    answer = hers.post("/create/", SMALL | {"control": f"picture:{theirs.pk}", "control_kind": "edges"})
    assert (answer.status_code, said(answer).count(GONE)) == (422, 1)
    assert not Job.objects.exists()


def test_one_that_was_deleted_meanwhile_is_said_once_and_can_be_left_out(
    hers: Client, alice: User, led: None
) -> None:
    picture = make_picture(alice)
    typed = SMALL | {"control": f"picture:{picture.pk}", "control_kind": "edges"}
    trash.delete(user=alice, pictures=[picture.pk])
    answer = hers.post("/create/", typed)
    assert (answer.status_code, said(answer).count(GONE)) == (422, 1)
    assert 'name="control"' not in said(answer)
    assert ledger.balance(alice).available == 100


def test_a_model_that_takes_none_says_so_and_the_row_of_another_kind_names_what_there_is(
    hers: Client, write: Write, led: None, tmp_path: Path
) -> None:
    name = brought(hers)
    write(depth=tmp_path / "depth")
    other = said(hers.post("/create/", SMALL | {"control": name, "control_kind": "edges"}))
    assert other.count("This model isn't controlled by that. Choose Depth, or another model.") == 1
    write()
    answer = hers.post("/create/", SMALL | {"control": name, "control_kind": "edges"})
    assert (answer.status_code, said(answer).count(TAKES_NONE)) == (422, 1)
    row = said(
        hers.post("/create/styles/", SMALL | {"control": name, "control_kind": "edges"}, headers=FRAGMENT)
    )
    assert (row.count(TAKES_NONE), value_of(row, "control")) == (1, name)


EDGES, BOTH = "control:edges", ["control:edges", "control:depth"]


@pytest.mark.parametrize(
    ("reports", "kinds"),
    [
        ([], ["edges", "depth"]),  # nobody is alive: jobs wait, as ever
        ([{}], ["edges", "depth"]),  # alive, and hasn't looked yet
        ([{"state": "loaded", "lacks": [EDGES]}], ["depth"]),
        ([{"state": "here", "lacks": BOTH}], []),
        ([{"state": "here", "lacks": BOTH}, {"state": "here", "lacks": [EDGES]}], ["depth"]),
        # Who can't run the model can't lead it either, whatever lies there.
        ([{"state": "here", "lacks": [EDGES]}, {"state": "missing"}], ["depth"]),
        ([{"state": "here", "lacks": BOTH}, {"state": "here"}], ["edges", "depth"]),
    ],
)
def test_what_every_live_worker_lacks_is_offered_nowhere(
    hers: Client, alice: User, led: None, reports: list[dict[str, Any]], kinds: list[str]
) -> None:
    name, picture = brought(hers), make_picture(alice)
    for number, facts in enumerate(reports):
        models = {"bundled": facts} if facts else {}
        Worker.objects.create(name=f"w{number}", lane="gpu", models=models)
    Worker.objects.create(
        name="dead",
        lane="gpu",
        heartbeat_at=timezone.now() - 2 * SILENCE,
        models={"bundled": {"state": "here"}},
    )
    row = said(hers.get(f"/create/?control={name}"))
    assert re.findall(r'name="control_kind"\s+value="(\w+)"', row) == kinds
    assert ("control_file" in row) is bool(kinds)
    assert (f"control=picture:{picture.pk}" in said(hers.get(f"/pictures/{picture.pk}/"))) is bool(kinds)
    # Sent nevertheless, from a page that was open before: one sentence, and nothing is charged.
    answer = hers.post("/create/", SMALL | {"control": name, "control_kind": "edges"})
    sentence = (
        TAKES_NONE if not kinds else "This model isn't controlled by that. Choose Depth, or another model."
    )
    expected = (302, 0) if "edges" in kinds else (422, 1)
    assert (answer.status_code, said(answer).count(sentence)) == expected
    assert Job.objects.exists() is ("edges" in kinds)


def test_a_file_that_is_no_picture_is_refused_beside_the_row(hers: Client, led: None) -> None:
    file = io.BytesIO(b"no picture")
    file.name = "a.png"
    answer = hers.post("/create/control/", {"model": "bundled", "control_file": file}, headers=FRAGMENT)
    assert answer.status_code == 422
    assert said(answer).count('role="alert"') == 1
    assert not Upload.objects.exists()


@pytest.mark.parametrize("kind", ["edit", "inpaint", "upscale"])
def test_only_pictures_from_words_or_from_a_picture_take_one(kind: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        a_request(
            kind=kind,
            reference=f"upload:{new_id()}",
            control=Control(picture=f"upload:{new_id()}", kind="edges"),
        )
    assert "control" in refused.value.errors


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": 3},
        {"strength": float("nan")},
        {"strength": True},
        {"is_map": 1},
        {"picture": None},
        {"more": 1},
    ],
)
def test_one_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    data = Control(picture=f"upload:{new_id()}", kind="edges").to_json() | wrong
    with pytest.raises(InvalidRequest) as refused:
        GenerationRequest.from_json(a_request().to_json() | {"control": data})
    assert refused.value.errors.keys() == {"control"}


# --- through the whole worker -----------------------------------------------------------------------------------


@pytest.fixture
def networks(write: Write, tmp_path: Path, tiny_folder: Path) -> Path:
    """Tiny networks with random weights, in the catalogue."""
    from generation.engine.production import RESIDENCY
    from tests.generation.engine.tiny import controlnets  # brings torch along

    RESIDENCY.drop_all()  # another test's networks for the same model
    write(**{kind: controlnets.save(tmp_path / kind, tiny_folder) for kind in ("edges", "depth")})
    return tmp_path


def ordered(client: Client, **typed: Any) -> Job:
    assert client.post("/create/", SMALL | {"steps": "4", "seed": "7"} | typed).status_code == 302
    run.run("gpu")
    return Job.objects.newest_first()[0]


@pytest.mark.django_db(transaction=True)
def test_the_worker_draws_it_and_recipe_lineage_and_page_say_so(
    hers: Client, alice: User, networks: Path
) -> None:
    job = ordered(hers, control=brought(hers), control_kind="edges")
    assert (job.state, job.error_code) == (Job.State.DONE, "")
    picture = Picture.objects.get()
    assert picture.recipe["control"]["map"]["by"] == "canny"
    assert [(line.upload_id, line.role) for line in picture.parents.all()] == [
        (Upload.objects.get().pk, Lineage.Role.CONTROL)
    ]
    assert ledger.balance(alice).available == 99
    page = said(hers.get(f"/pictures/{picture.pk}/"))
    assert "<span>Control</span><span>Edges × 0.8</span>" in page
    assert f'/uploads/{Upload.objects.get().pk}/"><img' in page  # as what it was made from
    assert (
        "Its drawing was led by a control picture: what the licence of the weights for that (MIT) says holds too."
        in page
    )
    assert (
        value_of(said(hers.get(f"/create/?from={picture.pk}")), "control")
        == f"upload:{Upload.objects.get().pk}"
    )
    # What leaves inside of a file names nothing of the person's, and a picture that was led isn't from words alone.
    assert recipe.for_file(picture.recipe)["request"]["control"]["picture"] == "upload"
    assert "composite" in recipe.digital_source_type(picture.recipe)
    plain = ordered(hers)
    assert plain.pictures.get().files.get(role="master").sha256 != picture.files.get(role="master").sha256


@pytest.mark.django_db(transaction=True)
def test_weights_that_are_gone_fail_the_job_in_one_sentence_uncharged(
    hers: Client, alice: User, networks: Path
) -> None:
    (networks / "edges" / "config.json").unlink()
    job = ordered(hers, control=brought(hers), control_kind="edges")
    assert (job.state, job.error_code) == (Job.State.FAILED, failures.Failure.CONTROL)
    assert failures.sentence_of(job).startswith("The control picture couldn't be used with this model.")
    assert ledger.balance(alice).available == 100
    # The model itself is as it was.
    assert ordered(hers).state == Job.State.DONE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (["control"], failures.Failure.CONTROL_GONE),
        (["reference"], failures.Failure.REFERENCE),
        (["reference", "control"], failures.Failure.REFERENCE),
    ],
)
@pytest.mark.parametrize("is_deleted", [True, False], ids=["in the trash", "without its file"])
def test_a_picture_that_goes_while_its_job_waits_is_called_what_it_was_uncharged(
    hers: Client, alice: User, led: None, fields: list[str], code: failures.Failure, is_deleted: bool
) -> None:
    picture = make_picture(alice)
    named = dict.fromkeys(fields, f"picture:{picture.pk}")
    assert hers.post("/create/", SMALL | named | {"control_kind": "edges"}).status_code == 302
    if is_deleted:
        trash.delete(user=alice, pictures=[picture.pk])
    run.run("gpu")
    job = Job.objects.get()
    assert (job.state, job.error_code) == (Job.State.FAILED, code)
    what = (
        "control picture isn't there"
        if code == failures.Failure.CONTROL_GONE
        else "reference picture couldn't"
    )
    assert failures.sentence_of(job).startswith(f"The {what}")
    assert ledger.balance(alice).available == 100


@pytest.mark.django_db(transaction=True)
def test_a_picture_without_edges_says_so_uncharged(hers: Client, alice: User, networks: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (80, 80), "teal").save(out, "PNG")
    flat = io.BytesIO(out.getvalue())
    flat.name = "flat.png"
    job = ordered(hers, control_file=flat, control_kind="edges")
    assert (job.state, job.error_code) == (Job.State.FAILED, failures.Failure.NO_EDGES)
    assert ledger.balance(alice).available == 100


def test_a_job_with_a_control_picture_that_went_is_refused_when_it_is_submitted(
    alice: User, led: None
) -> None:
    request = a_request(control=Control(picture=f"upload:{new_id()}", kind="edges"))
    with pytest.raises(submission.ControlGone):
        submission.submit(user=alice, request=request, idempotency_key="k")
    assert ledger.balance(alice).available == 100

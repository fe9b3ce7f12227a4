"""LoRA on /create/: offered where the chosen model has some, with a weight; a failed one costs nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from billing import ledger
from generation.jobs import failures
from generation.models import Job, Picture, Worker
from generation.requests import catalogue, marking
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import SHAPES
from generation.styles import adapters
from generation.styles.adapter import Adapter
from generation.styles.adapters import AdaptersError
from generation.views.pictures import offers
from generation.worker import run
from tests.generation.requesting import a_request
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import make_job, make_picture
from tests.generation.web.test_creating import TYPED

ENTRY = """
[adapters.sketch]
name = "Sketch"
file = "/nowhere/sketch.safetensors"
sha256 = "{digest}"
licence = "MIT"
commercial_use = true
models = ["bundled"]
trigger = "sks"
least_weight = 0.2
most_weight = 1.2
weight = 0.8
"""
PLAIN = ENTRY.format(digest="0" * 64)
GONE = "This LoRA is no longer available. Choose another one, or none."

Write = Callable[[str], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write the operator's catalogue file."""

    def make(text: str) -> None:
        (tmp_path / "catalogue.toml").write_text(text)
        monkeypatch.setenv("IMAGE2_CATALOGUE", str(tmp_path / "catalogue.toml"))
        for part in (catalogue, adapters):
            part.reload()

    yield make
    monkeypatch.undo()
    for part in (catalogue, adapters):
        part.reload()


def chosen_in(page: str) -> str:
    (found,) = re.findall(r'name="adapter"\s+value="([^"]*)"\s+checked', page)
    return str(found)


def test_without_an_entry_the_form_has_no_such_row(hers: Client, db: None) -> None:
    assert 'name="adapter' not in hers.get("/create/").content.decode()


def test_one_is_chosen_with_its_weight_and_costs_what_the_model_costs(
    hers: Client, alice: User, write: Write
) -> None:
    write(PLAIN)
    page = hers.get("/create/").content.decode()
    assert chosen_in(page) == ""
    assert hers.post("/create/", TYPED | {"adapter": "sketch", "adapter_weight": "0.5"}).status_code == 302
    job = Job.objects.get()
    assert job.parsed_request.adapter == Adapter(key="sketch", name="Sketch", weight=0.5, trigger="sks")
    assert job.parsed_request.words == "a red sailboat, sks"
    assert job.price == ledger.balance(alice).held == 8
    again = hers.get("/create/").content.decode()
    assert chosen_in(again) == "sketch"
    assert re.search(r'name="adapter_weight"[^>]*value="0.5"', again)


@pytest.mark.parametrize(
    ("trigger", "prompt", "words"),
    [
        ("art", "a party", "a party, art"),
        ("art", "pixel Art, bright", "pixel Art, bright"),
        ("art", "art", "art"),
        ("sks sketch, ink", "a SKS Sketch of a cat", "a SKS Sketch of a cat, ink"),
        ("c++ (style)", "c++ (style) cat", "c++ (style) cat"),
        ("straße", "eine STRASSE", "eine STRASSE"),
    ],
)
def test_a_trigger_is_added_unless_it_is_there_as_whole_words(trigger: str, prompt: str, words: str) -> None:
    assert Adapter(key="sketch", name="Sketch", weight=1.0, trigger=trigger).words(prompt) == words


def test_an_empty_weight_is_the_usual_one(hers: Client, write: Write) -> None:
    write(PLAIN)
    hers.post("/create/", TYPED | {"adapter": "sketch", "adapter_weight": ""})
    chosen = Job.objects.get().parsed_request.adapter
    assert chosen is not None
    assert chosen.weight == 0.8
    # Shown as a hint, not as a value, which would be sent with another LoRA that is chosen next.
    weight = re.search(r'<input[^>]*name="adapter_weight"[^>]*>', hers.get("/create/").content.decode())
    assert weight is not None
    assert 'value=""' in weight[0]
    assert 'placeholder="0.8"' in weight[0]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"adapter": "sketch", "adapter_weight": "3"}, "This LoRA takes a weight from 0.2 to 1.2."),
        ({"adapter": "sketch", "adapter_weight": "1.21"}, "This LoRA takes a weight from 0.2 to 1.2."),
        ({"adapter": "sketch", "adapter_weight": "nan"}, "Enter a number."),
        ({"adapter": "other"}, GONE),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_costs_nothing(
    hers: Client, alice: User, write: Write, typed: dict[str, str], sentence: str
) -> None:
    write(PLAIN)
    answer = hers.post("/create/", TYPED | typed)
    assert answer.status_code == 422
    assert answer.content.decode().count(sentence) == 1
    assert not Job.objects.exists()
    assert ledger.balance(alice).available == 100


def test_one_whose_file_no_live_worker_has_is_not_offered_and_says_so(
    hers: Client, alice: User, write: Write
) -> None:
    write(PLAIN)
    Worker.objects.create(
        name="w1", lane="gpu", models={"bundled": {"state": "here", "lacks": ["adapter:sketch"]}}
    )
    assert 'name="adapter' not in hers.get("/create/").content.decode()
    answer = hers.post("/create/", TYPED | {"adapter": "sketch"})
    assert (answer.status_code, answer.content.decode().count(GONE)) == (422, 1)
    assert ledger.balance(alice).available == 100
    Worker.objects.create(name="w2", lane="gpu", models={"bundled": {"state": "here"}})
    assert 'name="adapter' in hers.get("/create/").content.decode()
    assert hers.post("/create/", TYPED | {"adapter": "sketch"}).status_code == 302


def test_one_of_another_model_is_refused(write: Write) -> None:
    write(PLAIN.replace('["bundled"]', '["sdxl"]'))
    with pytest.raises(InvalidRequest) as refused:
        a_request(adapter=Adapter(key="sketch", name="Sketch", weight=1.0)).validated()
    assert str(refused.value) == "This LoRA doesn't work with this model. Choose another one, or none."


def test_the_settings_of_a_picture_keep_it_and_say_when_it_is_gone(
    hers: Client, alice: User, write: Write
) -> None:
    write(PLAIN)
    chosen = Adapter(key="sketch", name="Sketch", weight=0.6)
    picture = make_picture(alice)
    picture.recipe = {**picture.recipe, "request": a_request(adapter=chosen).to_json()}
    picture.save()
    page = hers.get(f"/create/?from={picture.pk}").content.decode()
    assert chosen_in(page) == "sketch"
    assert re.search(r'name="adapter_weight"[^>]*value="0.6"', page)
    assert (
        "<span>LoRA</span><span>Sketch × 0.6</span>" in hers.get(f"/pictures/{picture.pk}/").content.decode()
    )
    variation = offers.request_of(picture, "variation", seed=1)
    assert variation is not None
    assert variation.adapter == chosen
    for before, after in (
        ('["bundled"]', '["sdxl"]'),
        ("least_weight = 0.2", "least_weight = 0.7"),
        (PLAIN, ""),
    ):
        write(PLAIN.replace(before, after))
        without = offers.request_of(picture, "variation", seed=1)
        assert without is not None
        assert without.validated().adapter is None
    gone = hers.get(f"/create/?from={picture.pk}").content.decode()
    assert gone.count(GONE) == 1
    assert "disabled" not in re.search(r"data-generate[^>]*>", gone).group()  # type: ignore[union-attr]  # it is there


def test_its_licence_is_said_beside_the_models(hers: Client, alice: User, write: Write) -> None:
    write(PLAIN)
    assert "<li>Sketch: MIT</li>" in hers.get("/licences/").content.decode()
    picture = make_picture(alice)
    picture.recipe = {**picture.recipe, "adapters": [{"key": "sketch", "name": "Sketch", "licence": "MIT"}]}
    picture.save()
    page = hers.get(f"/pictures/{picture.pk}/").content.decode()
    assert "It was drawn with the LoRA “Sketch”: what its licence (MIT) says holds too." in page


def test_a_job_whose_adapter_is_gone_is_not_repeated_and_says_so(
    hers: Client, alice: User, write: Write
) -> None:
    write("")
    chosen = Adapter(key="sketch", name="Sketch", weight=0.6)
    ended = make_job(alice, Job.State.CANCELLED, request=a_request(adapter=chosen))
    answer = hers.post(f"/jobs/{ended.pk}/again/", headers=FRAGMENT)
    assert answer.status_code == 422
    assert "can&#x27;t be repeated as is. Edit its settings first." in answer.content.decode()
    assert ledger.balance(alice).available == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight": 3},
        {"weight": float("nan")},
        {"weight": True},
        {"weight": "1"},
        {"key": "../up"},
        {"name": "x" * 41},
        {"trigger": None},
        {"more": 1},
    ],
)
def test_one_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    data = Adapter(key="sketch", name="Sketch", weight=1.0).to_json() | wrong
    with pytest.raises(InvalidRequest) as refused:
        GenerationRequest.from_json(a_request().to_json() | {"adapter": data})
    assert refused.value.errors.keys() == {"adapter"}


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_missing_fails_the_job_in_one_sentence_uncharged(
    hers: Client, alice: User, write: Write, tiny_folder: Path
) -> None:
    sizes = "\n".join(f'"{shape}" = [64, 64]' for shape in SHAPES)
    write(
        f'[models.bundled]\nsource = "{tiny_folder}"\nscaler = "lanczos"\n'
        'capabilities = ["text_to_image", "image_to_image"]\n'
        f"[models.bundled.base_sizes]\n{sizes}\n" + PLAIN
    )
    hers.post("/create/", TYPED | {"adapter": "sketch"})
    run.run("gpu")
    job = Job.objects.get()
    assert (job.state, job.error_code) == (Job.State.FAILED, failures.Failure.ADAPTER)
    assert failures.sentence_of(job).startswith(
        "This LoRA couldn't be used with the model. You were not charged."
    )
    assert ledger.balance(alice).available == 100
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('licence = "MIT"\n', ""), "'licence' is missing"),
        (('name = "Sketch"', 'name = "Sketch"\nspeed = 3'), "unknown field 'speed'"),
        (("0" * 64, "0" * 63), "sha256 has the 64 digits"),
        (("/nowhere/sketch", "../../etc/sketch"), "file is a name in the folder of adapters"),
        (('["bundled"]', "[]"), "models is a list of at least one model"),
        (("weight = 0.8", "weight = 1.5"), "weight lies between least_weight and most_weight"),
        (("most_weight = 1.2", "most_weight = 9"), "weight lies between"),
        (("most_weight = 1.2", 'most_weight = "1"'), "weight lies between"),
        (("commercial_use = true", "commercial_use = false"), "does not allow a paid site"),
        (("adapters.sketch", "adapters.Sketch"), "key has lower-case letters"),
    ],
)
def test_a_wrong_entry_is_refused_by_name_when_the_site_starts(
    write: Write, change: tuple[str, str], says: str
) -> None:
    write(PLAIN.replace(*change))
    with pytest.raises(AdaptersError) as refused:
        adapters.entries()
    assert says in str(refused.value)
    assert [found.id for found in checks.run_checks() if found.id == "generation.E005"]


def test_an_entry_for_a_model_that_does_not_exist_is_refused(write: Write) -> None:
    write(PLAIN.replace('["bundled"]', '["bundled", "dall-e"]'))
    (found,) = [found for found in checks.run_checks() if found.id == "generation.E005"]
    assert "there is no model 'dall-e'" in found.msg


def test_an_entry_for_a_quantised_model_is_refused_and_not_offered(hers: Client, write: Write) -> None:
    write('[models.bundled]\nquantise = "int8"\n' + PLAIN)
    (found,) = [found for found in checks.run_checks() if found.id == "generation.E005"]
    assert "'bundled' is quantised" in found.msg
    assert 'name="adapter' not in hers.get("/create/").content.decode()
    chosen = Adapter(key="sketch", name="Sketch", weight=0.8)
    with pytest.raises(InvalidRequest) as refused:
        a_request(adapter=chosen).validated()
    assert set(refused.value.errors) == {"adapter"}


def test_one_that_is_not_for_money_is_refused_on_a_site_that_sells(write: Write, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    write("non_commercial_site = true\n" + PLAIN.replace("commercial_use = true", "commercial_use = false"))
    (found,) = [found for found in checks.run_checks() if found.id == "generation.E002"]
    assert "the LoRA sketch (MIT)" in found.msg


def test_on_the_command_line_it_is_drawn_with(write: Write, tmp_path: Path, tiny_folder: Path) -> None:
    from tests.generation.engine.tiny import loras  # brings torch along, which few tests need

    path = loras.save(tmp_path / "sketch.safetensors", loras.halves(loras.UNET))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sizes = "\n".join(f'"{shape}" = [64, 64]' for shape in SHAPES)
    write(
        f'[models.bundled]\nsource = "{tiny_folder}"\nscaler = "lanczos"\ncapabilities = ["text_to_image"]\n'
        f"[models.bundled.base_sizes]\n{sizes}\n"
        + ENTRY.format(digest=digest).replace("/nowhere/sketch.safetensors", str(path))
    )
    options = ["--seed", "7", "--steps", "4", "--out", str(tmp_path / "a.png"), "--lora", "sketch"]
    call_command("generate", "a red sailboat", *options)
    with (tmp_path / "a.png").open("rb") as file:
        recipe = marking.read_png(file)
    assert recipe is not None
    assert (recipe["adapters"][0]["weight"], recipe["words"]["prompt"]) == (0.8, "a red sailboat, sks")
    with pytest.raises(CommandError, match="takes a weight from"):
        call_command("generate", "a red sailboat", *options, "--lora-weight", "3")
    with pytest.raises(CommandError, match=r"There is no LoRA “x”\. There are: sketch"):
        call_command("generate", "a red sailboat", *options[:-1], "x")


def test_the_command_checks_each_file(
    write: Write, tmp_path: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.generation.engine.tiny import loras  # brings torch along, which few tests need

    path = loras.save(tmp_path / "sketch.safetensors", loras.halves(loras.UNET))
    entry = ENTRY.format(digest=hashlib.sha256(path.read_bytes()).hexdigest()).replace(
        "/nowhere/sketch.safetensors", str(path)
    )
    write(f'[models.bundled]\nsource = "{tiny_folder}"\n' + entry)
    call_command("adapters", "check")
    assert "3 layers, rank 2, for a UNet" in capsys.readouterr().out
    call_command("adapters", "list")
    assert "0.2 to 1.2, usually 0.8  bundled" in capsys.readouterr().out
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CommandError, match=r"sketch: sketch\.safetensors is cut off"):
        call_command("adapters", "check", "sketch")
    with pytest.raises(CommandError, match=r"There is no adapter 'x'\. There are: sketch"):
        call_command("adapters", "check", "x")

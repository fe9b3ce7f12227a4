"""The models on /create/: one alone is a calm list of one; several are cards in groups, with limits and examples."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from billing import ledger
from generation import examples
from generation.models import Job, ModelExample, ModelSwitch, Worker
from generation.requests import catalogue
from generation.views.creating import model_choices

TYPED = {"prompt": "a red sailboat", "model": "sdxl", "shape": "1:1", "size": "1k", "count": "1"}


@pytest.fixture
def switched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Switch shipped entries on, as if their weights lay in a folder: these tests draw nothing."""

    def switch(*model_ids: str, more: str = "") -> None:
        text = "".join(
            f'[models.{model}]\nenabled = true\nsource = "{tmp_path}"\n{more}\n' for model in model_ids
        )
        (tmp_path / "catalogue.toml").write_text(text)
        monkeypatch.setenv("IMAGE2_CATALOGUE", str(tmp_path / "catalogue.toml"))
        catalogue.reload()

    yield switch
    catalogue.reload()


def page(client: Client, address: str = "/create/") -> str:
    return client.get(address).content.decode()


def radios(text: str) -> dict[str, bool]:
    """The models on offer, and whether each is chosen."""
    found = re.findall(r'<input\s+type="radio"\s+name="model".*?>', text, re.DOTALL)
    values = ((re.search(r'value="([^"]+)"', tag), " checked" in tag) for tag in found)
    return {value[1]: chosen for value, chosen in values if value}


def an_example(model: str, **changes: object) -> ModelExample:
    entry = catalogue.get(model)
    out = io.BytesIO()
    Image.new("RGB", (512, 288), "navy").save(out, "WEBP")
    asked = examples.request(entry)
    examples.keep(entry, weights="sha256:0", asked=asked, image=out.getvalue(), size=(512, 288))
    ModelExample.objects.filter(model=model).update(**changes or {"seed": 7})
    return ModelExample.objects.get(model=model)


def test_one_model_alone_is_a_list_of_one(hers: Client) -> None:
    text = page(hers)
    assert radios(text) == {}
    assert "model-choice" not in text
    assert re.search(r'<select class="input" id="id_model" name="model">\s*<option[^>]*value="bundled"', text)
    assert "landing/" not in text


def test_several_stand_in_groups_by_what_they_are_good_at(
    hers: Client, switched_on: Callable[..., None]
) -> None:
    switched_on("sdxl", "qwen-image-edit-2511", "qwen-image-layered", "z-image-turbo")
    text = page(hers)
    titles = re.findall(r'<p class="model-group-title"[^>]*>([^<]+)</p>', text)
    assert titles == [
        "Posters and simple scenes",
        "Photos",
        "Changing pictures",
        "All kinds of pictures",
    ]
    # One that only takes pictures apart is no choice here.
    assert list(radios(text)) == ["bundled", "z-image-turbo", "qwen-image-edit-2511", "sdxl"]
    assert [model for model, chosen in radios(text).items() if chosen] == ["bundled"]
    assert "<select" not in text


@pytest.mark.django_db
def test_the_same_words_are_one_group_and_none_come_last(switched_on: Callable[..., None]) -> None:
    switched_on("sdxl", "z-image-turbo", more='good_at = "Photos"')
    first, second = model_choices.groups(catalogue.drawing()[1:])[0].choices
    assert (first.entry.id, second.entry.id) == ("z-image-turbo", "sdxl")


@pytest.mark.django_db
def test_an_entry_that_says_nothing_is_among_the_others(switched_on: Callable[..., None]) -> None:
    switched_on("sdxl", "z-image-turbo", more='good_at = ""')
    groups = model_choices.groups(catalogue.drawing())
    assert [group.title for group in groups] == ["Posters and simple scenes", "Other models"]


@pytest.mark.parametrize("model", ["bundled", "flux2-klein-4b", "qwen-image-edit-2511", "sana-4k"])
def test_a_card_says_the_limits_of_its_entry(model: str) -> None:
    entry = catalogue.get(model)
    card = model_choices.Choice(entry, None)
    assert f"{entry.min_steps}–{entry.max_steps} steps" in card.limits
    assert card.price == entry.base_price
    expected = {
        "bundled": ("Draws every size itself", "one reference picture", "From words, from a picture"),
        "flux2-klein-4b": (
            "Draws 1024×1024, then enlarges",
            "up to 4 reference pictures",
            "edits by instruction",
        ),
        "qwen-image-edit-2511": ("1024×1024", "up to 3 reference pictures", "Edits by instruction"),
        "sana-4k": ("Draws 4096×4096", "no reference pictures", "From words"),
    }
    assert all(words in " ".join((*card.limits, card.kinds)) for words in expected[model])


def test_an_example_is_the_models_own_or_there_is_none(
    hers: Client, switched_on: Callable[..., None]
) -> None:
    switched_on("sdxl")
    assert re.findall(r'<img\s+class="model-picture"\s+src="([^"]+)"', page(hers)) == [
        f"/static/{examples.SHIPPED}"
    ]
    row = an_example("sdxl")
    (shipped, own) = re.findall(r'<img\s+class="model-picture"\s+src="([^"]+)"', page(hers))
    assert (shipped, own) == (
        f"/static/{examples.SHIPPED}",
        f"/models/sdxl/example/{examples.version(row)}",
    )
    answer = hers.get(own)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert "immutable" in answer["Cache-Control"]
    assert Image.open(io.BytesIO(answer.content)).size == (512, 288)


@pytest.mark.parametrize("changed", ["source", "revision", "variant"])
def test_what_other_weights_drew_is_not_shown(
    hers: Client, switched_on: Callable[..., None], changed: str
) -> None:
    switched_on("sdxl")
    an_example("sdxl", **{changed: "other"})
    assert "/models/sdxl/" not in page(hers)


def test_own_weights_in_the_place_of_the_shipped_ones_have_no_picture_of_those(
    hers: Client, switched_on: Callable[..., None]
) -> None:
    switched_on("sdxl", "bundled")
    assert "model-picture" not in page(hers)


def test_the_address_of_an_older_drawing_leads_nowhere(
    hers: Client, client: Client, switched_on: Callable[..., None]
) -> None:
    switched_on("sdxl")
    address = f"/models/sdxl/example/{examples.version(an_example('sdxl'))}"
    assert client.get(address).status_code == 302  # nobody, to the log-in
    an_example("sdxl")
    assert hers.get(address).status_code == 404
    assert hers.get("/models/none/example/1").status_code == 404


def test_the_shipped_picture_is_there_and_of_the_words_that_it_says() -> None:
    with Image.open(examples.shipped_file()) as picture:
        assert picture.size == examples.SHIPPED_SIZE
    listed = (examples.shipped_file().parent / "pictures.json").read_text()
    assert f'"prompt": "{examples.PROMPT}", "shape": "{examples.SHAPE}", "seed": {examples.SEED}' in listed


@pytest.mark.parametrize(
    ("reports", "offered"),
    [
        ([{"bundled": {"state": "loaded"}, "sdxl": {"state": "here"}}], ["bundled", "sdxl"]),
        ([{"bundled": {"state": "loaded"}, "sdxl": {"state": "missing"}}], []),
        ([{"bundled": {"state": "loaded"}}], []),  # a worker that started before the file had it
        ([{"bundled": {"state": "loaded"}}, {"sdxl": {"state": "here"}}], ["bundled", "sdxl"]),
    ],
)
def test_only_what_can_run_now_is_shown(
    hers: Client,
    switched_on: Callable[..., None],
    reports: list[dict],  # type: ignore[type-arg]
    offered: list[str],
) -> None:
    switched_on("sdxl")
    for number, models in enumerate(reports):
        Worker.objects.create(name=f"w{number}", lane="gpu", models=models)
    text = page(hers)
    assert list(radios(text)) == offered
    assert ('value="sdxl"' in text) is bool(offered)


def test_a_remembered_model_that_cannot_run_is_replaced_and_it_says_so(
    hers: Client, alice: User, switched_on: Callable[..., None]
) -> None:
    switched_on("sdxl", "z-image-turbo")
    assert hers.post("/create/", TYPED).status_code == 302
    assert radios(page(hers))["sdxl"]
    ModelSwitch.objects.create(model="sdxl")
    text = page(hers)
    assert "Stable Diffusion XL can't run now. Image 2 Poster is selected instead." in text
    assert radios(text) == {"bundled": True, "z-image-turbo": False}
    assert 'name="quoted" value="1"' in text  # the price of what is selected
    ModelSwitch.objects.create(model="z-image-turbo")
    assert "Stable Diffusion XL can't run now." in page(hers)


def test_one_that_is_switched_off_meanwhile_is_refused_and_nothing_is_chosen_for_the_person(
    hers: Client, alice: User, switched_on: Callable[..., None]
) -> None:
    switched_on("sdxl", "z-image-turbo")
    ModelSwitch.objects.create(model="sdxl")
    before = ledger.balance(alice)
    answer = hers.post("/create/", TYPED)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "This model is no longer available. Choose another one." in text
    assert radios(text) == {"bundled": False, "z-image-turbo": False}
    assert '<details class="model-toggle" open>' in text
    assert "a red sailboat" in text
    assert (Job.objects.count(), ledger.balance(alice)) == (0, before)


def test_a_card_is_chosen_without_script(hers: Client, switched_on: Callable[..., None]) -> None:
    switched_on("sdxl")
    price = hers.post("/create/", TYPED | {"action": "price"}).content.decode()
    assert radios(price)["sdxl"]
    assert 'name="quoted" value="3"' in price
    assert hers.post("/create/", TYPED | {"quoted": "3"}).status_code == 302
    assert Job.objects.get().model == "sdxl"

"""The row of styles on /create/, with and without script; and what becomes of a style that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.models import Job, Picture
from generation.requests import catalogue
from generation.styles import presets
from generation.styles.style import Style
from generation.views.pictures import offers
from tests.generation.styles.conftest import Write
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import a_request, make_job, make_picture
from tests.generation.web.test_creating import TYPED

GONE = "This style is no longer available. Choose another one, or none."
NOT_FOR_IT = "This style doesn&#x27;t work with this model. Choose another one, or none."
OLD = Style(key="gone-by", name="Gone by", version=1, prompt="{prompt} at night")


def chosen_in(page: str) -> str:
    found = re.findall(r'name="style"\s+value="([^"]*)"\s+checked', page)
    assert len(found) == 1, "exactly one is chosen"
    return str(found[0])


def styled(owner: User, style: Style) -> Picture:
    picture = make_picture(owner)
    request = a_request(prompt=picture.prompt, seed=picture.seed, style=style)
    picture.recipe = {**picture.recipe, "request": request.to_json()}
    picture.save()
    return picture


def rain() -> Style:
    found = presets.find("rain")
    assert found is not None
    return found.style


def test_a_style_is_chosen_by_a_radio_button_and_kept_as_it_was_in_the_request(hers: Client) -> None:
    page = hers.get("/create/").content.decode()
    assert chosen_in(page) == ""
    assert re.search(r"<legend[^>]*>Style</legend>", page)
    assert hers.post("/create/", TYPED | {"style": "rain"}).status_code == 302
    request = Job.objects.get().parsed_request
    assert (request.prompt, request.style) == ("a red sailboat", rain())
    assert request.words == "a red sailboat in the rain"


def test_each_style_shows_its_example_picture(hers: Client) -> None:
    page = hers.get("/create/").content.decode()
    assert re.search(r'src="/static/styles/bundled/rain-1[^"]*\.webp"', page)


def test_the_style_is_remembered_with_the_other_settings(hers: Client) -> None:
    hers.post("/create/", TYPED | {"style": "rain"})
    assert chosen_in(hers.get("/create/").content.decode()) == "rain"
    hers.post("/create/", TYPED | {"style": "", "prompt": "a blue house"})
    assert chosen_in(hers.get("/create/").content.decode()) == ""


@pytest.mark.parametrize(
    ("style", "sentence"), [("gone-by", GONE), ("watercolour", NOT_FOR_IT), ("../../up", GONE)]
)
def test_a_style_that_is_not_offered_is_a_sentence_and_none_is_chosen_next(
    hers: Client, alice: User, style: str, sentence: str
) -> None:
    answer = hers.post("/create/", TYPED | {"style": style})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(sentence) == 1
    assert chosen_in(page) == ""
    assert not Job.objects.exists()
    assert ledger.balance(alice).available == 100


def test_the_same_settings_keep_the_style_and_take_it_alone(hers: Client, alice: User) -> None:
    picture = styled(alice, rain())
    assert chosen_in(hers.get(f"/create/?from={picture.pk}").content.decode()) == "rain"
    alone = hers.get(f"/create/?from={picture.pk}&take=style").content.decode()
    assert chosen_in(alone) == "rain"
    assert f"{picture.prompt}</textarea>" not in alone


def test_the_same_settings_of_a_picture_without_a_style_take_the_last_style_away(
    hers: Client, alice: User
) -> None:
    hers.post("/create/", TYPED | {"style": "rain"})
    plain = make_picture(alice)
    assert chosen_in(hers.get(f"/create/?from={plain.pk}").content.decode()) == ""


def test_the_settings_of_a_picture_whose_style_is_gone_say_so_once(hers: Client, alice: User) -> None:
    page = hers.get(f"/create/?from={styled(alice, OLD).pk}").content.decode()
    assert page.count(GONE) == 1
    assert chosen_in(page) == ""


def test_the_settings_of_a_picture_whose_style_was_changed_say_so(
    hers: Client, alice: User, own_styles: Write
) -> None:
    picture = styled(alice, rain())
    assert "was changed since" not in hers.get(f"/create/?from={picture.pk}").content.decode()
    own_styles('[styles.rain]\nversion = 2\nprompt = "{prompt} on a rainy day"\n')
    page = hers.get(f"/create/?from={picture.pk}").content.decode()
    assert "“Rain” was changed since that picture was drawn. Its new words are used." in page
    assert chosen_in(page) == "rain"


def test_again_draws_what_it_drew_though_the_style_is_gone(hers: Client, alice: User) -> None:
    ended = make_job(alice, Job.State.CANCELLED, request=a_request(style=OLD))
    answer = hers.post(f"/jobs/{ended.pk}/again/")
    assert answer.status_code == 302
    new = Job.objects.newest_first()[0]
    assert new.pk != ended.pk
    assert new.parsed_request.words == f"{a_request().prompt} at night"


def test_variations_of_a_picture_keep_its_style(alice: User) -> None:
    asked = offers.request_of(styled(alice, OLD), "variation", seed=1)
    assert asked is not None
    assert asked.style == OLD
    plain = offers.request_of(make_picture(alice), "variation", seed=1)
    assert plain is not None
    assert plain.style is None


def test_the_page_of_a_picture_names_its_style_and_shows_the_prompt_as_typed(
    hers: Client, alice: User
) -> None:
    picture = styled(alice, OLD)
    page = hers.get(f"/pictures/{picture.pk}/").content.decode()
    assert re.search(r"<span>Style</span><span>Gone by</span>", page)
    assert "take=style" in page
    assert "at night" not in page


def test_the_words_are_checked_with_what_the_style_adds(hers: Client, own_styles: Write) -> None:
    own_styles(
        '[styles.bad]\nname = "Bad"\nversion = 1\nprompt = "{prompt}, hardcore porn"\nmodels = ["bundled"]\n'
    )
    answer = hers.post("/create/", TYPED | {"style": "bad"})
    assert answer.status_code == 422
    assert "Nothing was charged." in answer.content.decode()
    assert not Job.objects.exists()


@pytest.fixture
def sdxl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second model in the form, of a family that reads free text."""
    (tmp_path / "weights").mkdir()
    file = tmp_path / "catalogue.toml"
    file.write_text(f'[models.sdxl]\nenabled = true\nsource = "{tmp_path / "weights"}"\n')
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()


def test_the_row_follows_the_model(hers: Client, sdxl: None) -> None:
    row = hers.post(
        "/create/styles/", TYPED | {"model": "sdxl", "style": "rain"}, headers=FRAGMENT
    ).content.decode()
    assert 'value="watercolour"' in row
    assert 'value="rain"' not in row
    assert NOT_FOR_IT in row
    assert chosen_in(row) == ""
    back = hers.post("/create/styles/", TYPED | {"style": "rain"}, headers=FRAGMENT).content.decode()
    assert chosen_in(back) == "rain"
    assert NOT_FOR_IT not in back


def test_a_picture_of_the_operators_folder_is_shown_to_people_alone(
    hers: Client, sdxl: None, own_styles: Write
) -> None:
    folder = own_styles("") / "examples" / "sdxl"
    row = hers.post("/create/styles/", TYPED | {"model": "sdxl"}, headers=FRAGMENT).content.decode()
    assert "<img" not in row, "nothing is shown where nothing was drawn"
    folder.mkdir(parents=True)
    Image.new("RGB", (192, 128), "teal").save(folder / "watercolour-1.webp")
    row = hers.post("/create/styles/", TYPED | {"model": "sdxl"}, headers=FRAGMENT).content.decode()
    address = "/create/styles/sdxl/watercolour/1"
    assert f'src="{address}"' in row
    answer = hers.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert b"".join(answer.streaming_content)[:4] == b"RIFF"  # type: ignore[attr-defined]  # a file's answer
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "/create/styles/sdxl/watercolour/2",
        "/create/styles/sdxl/photo/1",
        "/create/styles/sdxl/no-such/1",
        "/create/styles/../watercolour/1",
        "/create/styles/no-model/watercolour/1",
    ],
)
def test_no_other_file_is_served(hers: Client, sdxl: None, own_styles: Write, address: str) -> None:
    folder = own_styles("")
    for place in ("sdxl", "no-model", ".."):
        (folder / "examples" / place).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(folder / "examples" / place / "watercolour-1.webp")
    assert hers.get(address).status_code == 404

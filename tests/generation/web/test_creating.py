"""/create/: the price before the run, one job however often the button is pressed, and nothing typed is lost."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.models import UsageEvent, User
from billing import ledger
from generation.models import Job, Picture, Upload
from generation.requests import recipe
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import a_request, make_job, make_picture

KEY = "0123456789abcdef0123456789abcdef"
TYPED = {
    "prompt": "a red sailboat",
    "model": "bundled",
    "shape": "16:9",
    "size": "4k",
    "count": "2",
    "key": KEY,
    "quoted": "8",
}


def a_file(name: str = "mine.png", size: tuple[int, int] = (40, 30)) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, "PNG")
    file.seek(0)
    file.name = name
    return file


def value_of(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    return found.group(1) if found else ""


def test_the_price_is_beside_the_button_before_the_run(hers: Client) -> None:
    page = hers.get("/create/").content.decode()
    assert value_of(page, "quoted") == "1"
    assert re.search(r"Generate.*?1.*?credit", page, re.DOTALL)


@pytest.mark.parametrize(
    ("size", "count", "price"), [("1k", "1", 1), ("2k", "1", 2), ("4k", "1", 4), ("4k", "4", 16)]
)
def test_the_price_shown_is_the_price_held(
    hers: Client, alice: User, size: str, count: str, price: int
) -> None:
    choice = TYPED | {"size": size, "count": count}
    quote = hers.post("/create/price/", choice, headers=FRAGMENT).content.decode()
    assert value_of(quote, "quoted") == str(price)
    hers.post("/create/", choice | {"quoted": str(price)})
    assert Job.objects.get().price == ledger.balance(alice).held == price


def test_without_script_the_job_has_a_page_that_refreshes_itself(hers: Client) -> None:
    answer = hers.post("/create/", TYPED)
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
    assert '<noscript><meta http-equiv="refresh"' in hers.get(answer["Location"]).content.decode()


def test_with_script_the_card_appears_at_once_and_the_form_has_a_fresh_key(hers: Client) -> None:
    page = hers.post("/create/", TYPED, headers=FRAGMENT)
    text = page.content.decode()
    job = Job.objects.get()
    assert page.status_code == 200
    assert f'id="job-{job.pk}"' in text
    assert 'hx-target="#feed"' in text
    assert value_of(text, "key") not in ("", KEY)
    assert "a red sailboat" in text


def test_the_same_form_sent_again_is_the_same_job(hers: Client, alice: User) -> None:
    first, second = hers.post("/create/", TYPED), hers.post("/create/", TYPED)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1
    assert ledger.balance(alice).held == 8


def test_after_the_back_button_a_changed_prompt_is_another_job(hers: Client) -> None:
    hers.post("/create/", TYPED)
    hers.post("/create/", TYPED | {"prompt": "a blue sailboat"})
    assert Job.objects.count() == 2


def test_a_price_that_was_not_shown_is_shown_first(hers: Client) -> None:
    answer = hers.post("/create/", TYPED | {"quoted": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This costs 8 credits" in page
    assert value_of(page, "quoted") == "8"
    assert not Job.objects.exists()


def test_a_wrong_form_keeps_everything_typed(hers: Client) -> None:
    wrong = TYPED | {"prompt": "🦊 x" * 800, "seed": "7", "steps": "11", "negative_prompt": "clouds"}
    answer = hers.post("/create/", wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert wrong["prompt"] in page
    assert (value_of(page, "seed"), value_of(page, "steps"), value_of(page, "negative_prompt")) == (
        "7",
        "11",
        "clouds",
    )
    assert re.search(r'name="shape"\s+value="16:9"\s+checked', page)
    assert re.search(r'name="size"\s+value="4k"\s+checked', page)
    assert not Job.objects.exists()


def test_a_wrong_form_keeps_the_uploaded_picture(hers: Client, alice: User) -> None:
    answer = hers.post("/create/", TYPED | {"prompt": "", "reference_file": a_file()})
    upload = Upload.objects.get(owner=alice)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert value_of(page, "reference") == f"upload:{upload.pk}"
    again = hers.post("/create/", TYPED | {"reference": value_of(page, "reference"), "strength": "0.5"})
    assert again.status_code == 302
    assert Job.objects.get().request["reference"] == f"upload:{upload.pk}"


def test_a_file_that_is_no_picture_is_refused_before_any_charge(hers: Client, alice: User) -> None:
    svg = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    svg.name = "x.png"
    answer = hers.post("/create/", TYPED | {"reference_file": svg})
    assert answer.status_code == 422
    assert not Job.objects.exists()
    assert not Upload.objects.exists()
    assert ledger.balance(alice).available == 100


def test_a_picked_file_is_taken_before_the_rest_is_sent(hers: Client, alice: User) -> None:
    answer = hers.post("/create/reference/", {"reference_file": a_file()}, headers=FRAGMENT)
    assert value_of(answer.content.decode(), "reference") == f"upload:{Upload.objects.get(owner=alice).pk}"


def test_a_picture_of_somebody_else_is_no_reference(hers: Client, bob: User) -> None:
    his = make_picture(bob)
    page = hers.get(f"/create/?reference=picture:{his.pk}").content.decode()
    assert value_of(page, "reference") == ""
    answer = hers.post("/create/", TYPED | {"reference": f"picture:{his.pk}", "strength": "0.5"})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_out_of_credits_is_shown_before_the_run_with_what_to_do(alice: User, hers: Client) -> None:
    ledger.hold(user=alice, amount=98, ref="test:spent")
    quote = hers.post("/create/price/", TYPED, headers=FRAGMENT).content.decode()
    assert "You need 6 more credits." in quote
    assert "This costs 8 and you have 2" in quote
    for way in ("/pricing/#plans", "/pricing/#packs"):
        assert f'href="{way}"' in quote
    assert "disabled" in quote
    answer = hers.post("/create/", TYPED)
    assert answer.status_code == 422
    assert "You need 6 more credits. Nothing was charged." in answer.content.decode()
    assert 'href="/pricing/#packs"' in answer.content.decode()
    assert not Job.objects.exists()


def test_too_many_waiting_jobs_are_refused_with_the_limit(hers: Client, alice: User, settings: Any) -> None:
    settings.QUEUED_JOBS_PER_PERSON = 1
    make_job(alice)
    answer = hers.post("/create/", TYPED)
    assert answer.status_code == 422
    assert "which is the limit" in answer.content.decode()


def test_a_prompt_without_a_known_word_is_noted_and_still_drawn(hers: Client) -> None:
    unknown = TYPED | {"prompt": "Schrödinger equation"}
    assert (
        "knows none of these words" in hers.post("/create/price/", unknown, headers=FRAGMENT).content.decode()
    )
    assert (
        "knows none of these words"
        not in hers.post("/create/price/", TYPED, headers=FRAGMENT).content.decode()
    )
    assert hers.post("/create/", unknown).status_code == 302


def test_the_last_settings_are_remembered_but_not_the_prompt(hers: Client) -> None:
    hers.post("/create/", TYPED)
    page = hers.get("/create/").content.decode()
    assert re.search(r'name="shape"\s+value="16:9"\s+checked', page)
    assert re.search(r'name="count"\s+value="2"\s+checked', page)
    assert ">a red sailboat</textarea>" not in page


def test_a_picture_can_be_run_again_with_its_own_seed(hers: Client, alice: User) -> None:
    picture = make_picture(alice, seed=12345)
    page = hers.get(f"/create/?from={picture.pk}").content.decode()
    assert value_of(page, "seed") == "12345"
    assert f">{picture.prompt}</textarea>" in page
    one = hers.get(f"/create/?from={picture.pk}&take=seed").content.decode()
    assert value_of(one, "seed") == "12345"
    assert f"{picture.prompt}</textarea>" not in one


def test_a_picture_of_an_older_request_is_run_again_with_its_text_as_it_was(
    hers: Client, alice: User
) -> None:
    text = "a sail\u00adboat by\u200b night"
    old = a_request(version=1, prompt=text)
    picture = make_picture(alice)
    Picture.objects.filter(pk=picture.pk).update(prompt=text, recipe={"request": old.to_json()})
    page = hers.get(f"/create/?from={picture.pk}").content.decode()
    assert value_of(page, "version") == "1"
    again = TYPED | {"prompt": text, "version": "1", "seed": "7"}
    hers.post("/create/", again)
    assert Job.objects.get().parsed_request.prompt == text
    hers.post("/create/", again | {"version": ""})
    assert Job.objects.newest_first()[0].parsed_request.prompt == "a sailboat by night"
    # Without such characters an older request is the same as a new one.
    plain = make_picture(alice)
    Picture.objects.filter(pk=plain.pk).update(recipe={"request": a_request(version=1).to_json()})
    assert value_of(hers.get(f"/create/?from={plain.pk}").content.decode(), "version") == ""


def test_a_picture_from_before_words_were_read_is_run_again_as_typed(hers: Client, alice: User) -> None:
    picture = make_picture(alice, prompt="ein rotes Haus")
    for version, kept in [(1, "1"), (2, "2"), (3, "3"), (4, "")]:
        request = a_request(version=version, prompt="ein rotes Haus").to_json()
        Picture.objects.filter(pk=picture.pk).update(recipe={"request": request})
        page = hers.get(f"/create/?from={picture.pk}").content.decode()
        assert value_of(page, "version") == kept, version


def test_what_is_run_again_of_a_request_of_version_3_is_drawn_as_typed_however_often(
    hers: Client, alice: User
) -> None:
    request = a_request(version=3, prompt="ein rotes Haus").to_json()
    picture = make_picture(alice, prompt="ein rotes Haus")
    for _time in range(2):
        # What a redrawn picture says of itself: the request as it was, by the engine of today.
        Picture.objects.filter(pk=picture.pk).update(recipe={"request": request, "engine": recipe.ENGINE})
        page = hers.get(f"/create/?from={picture.pk}").content.decode()
        hers.post("/create/", TYPED | {"prompt": "ein rotes Haus", "version": value_of(page, "version")})
        drawn = Job.objects.newest_first()[0].parsed_request
        assert not drawn.is_read
        request = drawn.to_json()
    # Typed anew, the same words are read.
    hers.post("/create/", TYPED | {"prompt": "ein rotes Haus"})
    assert Job.objects.newest_first()[0].parsed_request.is_read


def test_a_job_of_version_3_is_tried_again_as_it_was(hers: Client, alice: User) -> None:
    request = a_request(version=3, prompt="ein rotes Haus")
    failed = make_job(alice, state=Job.State.FAILED, error_code="model", request=request)
    for _press in range(2):
        assert hers.post(f"/jobs/{failed.pk}/again/").status_code == 302
    (again,) = Job.objects.exclude(pk=failed.pk)
    assert again.request == failed.request


@pytest.mark.parametrize(
    "query",
    [
        "from=nonsense",
        "from=",
        "job=%00",
        "take=__class__",
        "reference=picture:nonsense",
        "suggestion=99999999",
        "suggestion=²",
    ],
)
def test_an_invalid_url_gives_an_empty_form(hers: Client, query: str) -> None:
    assert hers.get(f"/create/?{query}").status_code == 200


def test_nobody_sees_the_recipe_of_somebody_else(hers: Client, bob: User) -> None:
    his = make_picture(bob, prompt="bobs secret castle")
    order = make_job(bob)
    assert "bobs secret castle" not in hers.get(f"/create/?from={his.pk}").content.decode()
    assert (
        "a red sailboat"
        not in hers.get(f"/create/?job={order.pk}&take=prompt").content.decode().split("<ul")[0]
    )


def test_markup_in_a_prompt_stays_text(hers: Client) -> None:
    page = hers.post("/create/", TYPED | {"prompt": "</textarea><script>alert(1)</script>", "size": "8k"})
    assert "<script>alert(1)" not in page.content.decode()


def test_usage_is_recorded_without_prompts_and_only_with_consent(hers: Client, alice: User) -> None:
    hers.post("/create/", TYPED)
    hers.post("/create/", TYPED | {"key": "f" * 32}, headers={"Sec-GPC": "1"})
    event = UsageEvent.objects.get(user=alice)
    assert event.details == {
        "kind": "text_to_image",
        "model": "bundled",
        "shape": "16:9",
        "size": "4k",
        "count": 2,
    }

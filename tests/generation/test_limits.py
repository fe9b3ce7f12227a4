"""A sentence about a number names the limits of the chosen model, and so does the field that it is typed into."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from generation.requests import catalogue
from generation.requests.request import GenerationRequest, InvalidRequest
from tests.generation.web.makers import a_request

ENTRIES = [pytest.param(entry, id=entry.id) for entry in catalogue.entries()]


def refusal(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as refused:
        GenerationRequest(**a_request().to_json() | changes).validated()
    return {name: str(sentence) for name, sentence in refused.value.errors.items()}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_wrong_number_of_steps_is_answered_with_what_the_model_takes(entry: catalogue.Entry) -> None:
    if not entry.enabled:
        assert set(refusal(model=entry.id, steps=0)) == {"steps"}
        return
    for steps in (-1, 0, entry.min_steps - 1, entry.max_steps + 1, 201, 10**9):
        said = refusal(model=entry.id, steps=steps)["steps"]
        assert re.findall(r"\d+", said) == [str(entry.min_steps), str(entry.max_steps)]


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_wrong_guidance_is_answered_with_what_the_model_takes(entry: catalogue.Entry) -> None:
    for guidance in (-1.0, 51.0, float("nan")):
        said = refusal(model=entry.id, guidance=guidance)["guidance"]
        assert re.findall(r"[\d.]*\d", said) == [f"{entry.min_guidance:g}", f"{entry.max_guidance:g}"]


def test_an_unknown_model_names_no_limits() -> None:
    assert not re.search(r"\d", refusal(model="no/such", steps=0)["steps"])


@pytest.mark.django_db
def test_the_field_and_the_sentence_beside_it_name_the_same_limits(client: Client, alice: User) -> None:
    client.force_login(alice)
    entry = catalogue.get("bundled")

    page = client.post("/create/", {"prompt": "a boat", "model": "bundled", "steps": "500"}).text
    field = re.search(r'<input[^>]*id="id_steps"[^>]*>', page)
    assert field
    assert f'min="{entry.min_steps}" max="{entry.max_steps}"' in " ".join(field.group(0).split())
    assert f"This model takes {entry.min_steps} to {entry.max_steps} steps." in page
    assert "1 to 200" not in page

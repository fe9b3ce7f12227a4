"""The list of words against prompts with labels: hardly anything harmless is refused, and what is missed is known."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st

from generation.moderation import words

SET: dict[str, Any] = tomllib.loads(Path(__file__).with_name("prompts.toml").read_text("utf-8"))
REFUSE = [(category, prompt) for category, prompts in SET["refuse"].items() for prompt in prompts]


def of_the_bundled_model() -> list[str]:
    folder = Path(django_settings.BASE_DIR) / "generation" / "bundled"
    files = (folder / name for name in ("prompts.json", "handwritten.json"))
    return [each["prompt"] for file in files for each in json.loads(file.read_text("utf-8"))]


def test_at_most_one_harmless_prompt_in_a_hundred_is_refused() -> None:
    harmless = [*SET["harmless"], *of_the_bundled_model()]
    refused = {prompt: found for prompt in harmless if (found := words.shipped().find(prompt))}
    assert len(harmless) > 400
    assert len(refused) <= len(harmless) / 100, refused


def test_what_is_to_be_refused_is_refused_by_its_category() -> None:
    found = [(str(words.shipped().find(prompt)), prompt) for _category, prompt in REFUSE]
    assert found == REFUSE


def test_what_is_known_to_be_missed_is_still_missed() -> None:
    """So that the list of misses in the decision record is true; one that is found now moves up in the file."""
    assert [prompt for prompt in SET["missed"]["prompts"] if words.shipped().find(prompt)] == []


@pytest.mark.parametrize(
    "written", ["PORN", "p o r n", "p.o.r.n", "P0RN", "pórn", "ｐｏｒｎ", "porn!", "“porn”", "a-porn-b"]
)
def test_the_same_word_written_otherwise(written: str) -> None:
    assert words.shipped().find(f"some {written} here") == "sexual"


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert words.shipped().find(text) in {None, *words.Category}


@given(st.sampled_from(REFUSE), st.sampled_from(["a red house", "in the rain, at night", "by a lake"]))
def test_harmless_words_around_it_change_nothing(refused: tuple[str, str], other: str) -> None:
    category, prompt = refused
    assert words.shipped().find(f"{other}, {prompt}, {other}") == category


def test_a_list_of_the_operators(tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text("# ours\nacme corp*\n\nthe mayor # of this town\n", "utf-8")
    found = words.own(str(file))
    assert found.find("a poster of ACME Corporation") == "own_list"
    assert found.find("The Mayor, riding a pig") == "own_list"
    assert found.find("the may or may not") is None
    assert found.find("this town") is None
    empty = tmp_path / "empty.txt"
    empty.write_text("# nothing\n*\n", "utf-8")
    assert words.own(str(empty)).find("anything") is None

"""What is drawn from a prompt in another language is drawn from the words that are read, and the judge sees it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline

from generation.bundled import assemble, score
from generation.bundled.sheet import draw_prompts
from generation.bundled.training import judge
from generation.engine.production import produce
from generation.prompts import reading
from generation.requests import catalogue
from tests.generation.engine.orders import a_request, orders_of
from tests.generation.prompts.sentences import SENTENCES

FOLDER = assemble.WEIGHTS / "text-to-image"
GERMAN = "ein rotes Haus am See bei Nacht"
ENGLISH = "a red house on calm water at night"


def drawn(folder: Path, prompt: str, **more: str) -> tuple[bytes, dict[str, object]]:
    """A thumbnail and the recipe, as a worker draws it."""
    folder.mkdir()
    orders = orders_of(a_request(prompt=prompt, seed=3, **more))
    (picture,) = produce(orders, catalogue.get("bundled"), workdir=folder, on_progress=lambda _step: None)
    return next(iter(picture.thumbnails.values())).read_bytes(), dict(picture.recipe)


def test_the_worker_draws_what_is_read_and_the_recipe_names_both(tmp_path: Path) -> None:
    shown, recipe = drawn(tmp_path / "de", GERMAN, negative_prompt="Wolken")
    shown_in_english, plain = drawn(tmp_path / "en", ENGLISH, negative_prompt="clouds")
    assert recipe["request"] == plain["request"] | {"prompt": GERMAN, "negative_prompt": "Wolken"}  # type: ignore[operator]
    assert recipe["read"] == {"language": "de", "prompt": ENGLISH, "negative_prompt": "clouds"}
    assert "read" not in plain
    assert shown == shown_in_english


def seen(sentences: list[tuple[str, str]]) -> dict[str, list[bool]]:
    """For each language, whether the judge sees each named fact in pictures of its prompts."""
    facts = {prompt: each for _language, prompt, _read, each in SENTENCES}
    pipe = StableDiffusionPipeline.from_pretrained(FOLDER).to(torch.float32)
    pipe.set_progress_bar_config(disable=True)
    texts = [reading.read(prompt).prompt for _language, prompt in sentences]
    entry = catalogue.get("bundled")
    pictures = draw_prompts(pipe, texts, steps=entry.default_steps, guidance=entry.default_guidance, batch=10)
    rows = score.named_facts(judge.trained(), pictures, [facts[prompt] for _language, prompt in sentences])
    found: dict[str, list[bool]] = {}
    for (language, _prompt), row in zip(sentences, rows, strict=True):
        found.setdefault(language, []).extend(row.values())
    return found


@pytest.mark.long
def test_the_judge_sees_what_a_prompt_in_each_language_names() -> None:
    first = [next(group)[:2] for _language, group in itertools.groupby(SENTENCES, lambda each: each[0])]
    for language, facts in seen(first).items():
        assert sum(facts) >= len(facts) - 1, language


@pytest.mark.long
def test_the_judge_sees_nearly_everything_that_thirty_prompts_name() -> None:
    found = seen([each[:2] for each in SENTENCES])
    shares = {language: sum(facts) / len(facts) for language, facts in found.items()}
    assert all(share >= 0.85 for share in shares.values()), shares


@pytest.mark.long
def test_without_being_read_the_same_prompts_show_little_of_it() -> None:
    """The other tests could not fail if any picture would do."""
    facts = [each for language, _prompt, _read, each in SENTENCES if language == "de"]
    pipe = StableDiffusionPipeline.from_pretrained(FOLDER).to(torch.float32)
    pipe.set_progress_bar_config(disable=True)
    prompts = [prompt for language, prompt, _read, _facts in SENTENCES if language == "de"]
    entry = catalogue.get("bundled")
    pictures = draw_prompts(
        pipe, prompts, steps=entry.default_steps, guidance=entry.default_guidance, batch=10
    )
    rows = score.named_facts(judge.trained(), pictures, facts)
    there = [value for row in rows for name, value in row.items() if name.endswith("there")]
    assert sum(there) < len(there) / 2

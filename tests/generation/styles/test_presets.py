"""The styles on offer: for models that can follow them, changed by the operator, wrong files refused by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.core import checks
from PIL import Image

from generation.bundled import vocabulary
from generation.requests import catalogue
from generation.styles import examples, presets
from generation.styles.presets import Preset, StylesError
from generation.styles.style import PLACE
from tests.generation.styles.conftest import Write

OWN = """
[styles.house-look]
name = "House look"
version = 3
prompt = "{prompt}, muted greens"
negative = "text"
families = ["stable_diffusion"]
"""


def keys(model: str) -> list[str]:
    return [preset.style.key for preset in offered_to(model)]


def offered_to(model: str) -> tuple[Preset, ...]:
    entry = catalogue.get(model)
    return presets.offered(model=model, family=entry.family, vocabulary=entry.vocabulary)


def test_the_bundled_model_is_offered_only_words_that_it_knows() -> None:
    offered = offered_to("bundled")
    assert len(offered) >= 8
    for preset in offered:
        added = vocabulary.words(preset.style.prompt.replace(PLACE, " "))
        assert set(added) <= vocabulary.MEANINGFUL | vocabulary._GLUE, preset.style.key
        assert set(added) & vocabulary.MEANINGFUL, preset.style.key
        assert not preset.style.negative, preset.style.key


def test_a_model_that_reads_free_text_is_offered_styles_that_the_bundled_one_is_not() -> None:
    assert {"watercolour", "photo"} <= set(keys("sdxl")) & set(keys("flux2-klein-4b"))
    assert not set(keys("sdxl")) & set(keys("bundled"))


def test_every_family_that_a_style_names_exists() -> None:
    families = {family for preset in presets.presets().found for family in preset.families}
    assert families <= catalogue.FAMILIES.keys()


def test_a_model_that_draws_nothing_from_words_is_offered_no_style() -> None:
    assert not keys("qwen-image-layered")


def test_every_style_of_the_bundled_model_has_its_example_and_no_other_file_lies_there() -> None:
    offered = offered_to("bundled")
    wanted = {f"bundled/{examples.file_name(preset)}" for preset in offered}
    files = {path.relative_to(examples.SHIPPED).as_posix(): path for path in examples.SHIPPED.rglob("*.*")}
    assert files.keys() == wanted
    for path in files.values():
        with Image.open(path) as picture:
            assert (picture.format, picture.size) == ("WEBP", (examples.WIDTH, examples.HEIGHT))
        assert path.stat().st_size < 10_000


def test_the_operators_styles_come_after_the_shipped_ones(own_styles: Write) -> None:
    before = keys("sdxl")
    own_styles(OWN)
    assert keys("sdxl") == [*before, "house-look"]
    assert "house-look" not in keys("bundled")
    found = presets.find("house-look")
    assert found is not None
    assert (found.style.version, found.style.words("a {cat}")) == (3, "a {cat}, muted greens")


def test_the_operator_changes_a_shipped_style_and_takes_another_away(own_styles: Write) -> None:
    own_styles('[styles.photo]\nversion = 2\nname = "Snapshot"\n[styles.film]\nenabled = false\n')
    assert "film" not in keys("sdxl")
    found = presets.find("photo")
    assert found is not None
    assert (found.style.name, found.style.version) == ("Snapshot", 2)


def test_a_model_is_offered_what_its_entry_says_it_reads(own_styles: Write) -> None:
    """The catalogue alone says which model reads only words of its own."""
    own_styles(
        '[examples]\nsdxl = "a tram"\n'
        + OWN.replace("families", "models").replace("stable_diffusion", "sdxl")
    )
    entry = replace(catalogue.get("sdxl"), vocabulary="scenes")
    found = presets.offered(model="sdxl", family=entry.family, vocabulary=entry.vocabulary)
    assert [preset.style.key for preset in found] == ["house-look"]
    assert len(keys("sdxl")) > 1
    own = presets.find("house-look")
    assert own is not None
    assert presets.example_of(own, model="sdxl") == "a tram"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (OWN.replace("{prompt}, ", ""), "'house-look': prompt has {prompt} once"),
        (OWN.replace("{prompt}", "{prompt} {prompt}"), "'house-look': prompt has {prompt} once"),
        (OWN.replace("muted", "x" * 500), "'house-look': prompt has"),
        (OWN.replace("version = 3", "version = 0"), "'house-look': version is a whole number"),
        (OWN.replace("version = 3", "version = true"), "'house-look': version is a whole number"),
        (OWN.replace("version = 3\n", ""), "'house-look': version is a whole number"),
        (OWN.replace("House look", " "), "'house-look': name is what people read"),
        (OWN.replace("house-look", "House_Look"), "a key has lower-case letters"),
        (OWN.replace("house-look", '"../up"'), "a key has lower-case letters"),
        (OWN.replace('["stable_diffusion"]', '"stable_diffusion"'), "families is a list of names"),
        (OWN.replace('["stable_diffusion"]', "[]"), "name the families or the models"),
        (OWN + 'weight = "much"\n', "unknown field 'weight'"),
        (OWN.replace('"text"', '"line\\nline"'), "negative has"),
        ("styles = 3", "write each style as [styles.its-key]"),
        ("speed = 3", "unknown key 'speed'"),
        ('own_words = ["sdxl"]', "unknown key 'own_words'"),
        ("[styles", "is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_name_when_the_site_starts(
    own_styles: Write, text: str, says: str
) -> None:
    own_styles(text)
    with pytest.raises(StylesError) as refused:
        presets.presets()
    assert says in str(refused.value)
    assert [found.id for found in checks.run_checks() if found.id == "generation.E004"]


def test_a_folder_without_a_file_holds_pictures_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = presets.presets()
    monkeypatch.setenv("IMAGE2_STYLES", str(tmp_path))
    assert presets.presets() == before

"""Weights for control pictures in an entry of the catalogue: read, checked, and refused in one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from generation.requests import catalogue
from tests.generation.web.test_control import networks, write

__all__ = ["networks", "write"]

EDGES = '{ source = "/a", licence = "MIT", memory_mb = 1, commercial_use = true }'
Own = Callable[[str], None]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Own]:
    """Write an operator's catalogue file; whatever becomes of the test, the next one reads the shipped one."""

    def to(text: str) -> None:
        (tmp_path / "own.toml").write_text(text)
        monkeypatch.setenv("IMAGE2_CATALOGUE", str(tmp_path / "own.toml"))
        catalogue.reload()

    yield to
    monkeypatch.undo()
    catalogue.reload()


@pytest.mark.django_db(transaction=True)
def test_models_check_reads_the_weights_and_says_what_is_wrong(
    networks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("models", "check", "bundled")
    told = capsys.readouterr().out
    assert f"control by edges: {networks / 'edges'}" in told
    assert "licence: MIT (catalogue); memory: 5 MB by the catalogue" in told
    (networks / "depth" / "config.json").write_text('{"_class_name": "UNet2DConditionModel"}')
    with pytest.raises(CommandError, match="holds UNet2DConditionModel, and control needs ControlNetModel"):
        call_command("models", "check", "bundled")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('controls = { pose = { source = "/a" } }', "unknown kind 'pose'; there are edges and depth"),
        ('controls = { edges = { source = "/a" } }', "edges: 'licence' is missing"),
        (
            'controls = { edges = { source = "a", licence = "MIT", memory_mb = 1 } }',
            "source is the absolute path",
        ),
        (
            'controls = { edges = { source = "/a", licence = "MIT", memory_mb = 0 } }',
            "memory_mb is a whole number",
        ),
        (
            'controls = { edges = { source = "/a", licence = "X", memory_mb = 1 } }',
            "does not allow a paid site",
        ),
        ("controls = 3", "write { edges"),
    ],
)
def test_an_entry_that_is_wrong_is_one_sentence(own: Own, line: str, sentence: str) -> None:
    own(f"[models.bundled]\n{line}\n")
    with pytest.raises(catalogue.CatalogueError, match=re.escape(sentence)):
        catalogue.entries()


def test_a_family_that_cannot_be_led_is_refused(own: Own) -> None:
    own(f"[models.sana-4k]\ncontrols = {{ edges = {EDGES} }}\n")
    with pytest.raises(catalogue.CatalogueError, match="the family 'sana' takes no control picture"):
        catalogue.entries()


def test_a_model_that_makes_no_such_pictures_is_refused(own: Own) -> None:
    own(f'[models.bundled]\ncapabilities = ["inpaint"]\ncontrols = {{ edges = {EDGES} }}\n')
    with pytest.raises(catalogue.CatalogueError, match="this model makes neither; take them out"):
        catalogue.entries()


def test_a_site_that_sells_may_not_use_weights_without_commercial_use(own: Own, settings: Settings) -> None:
    edges = '{ source = "/a", licence = "NC", memory_mb = 1 }'
    own(f"non_commercial_site = true\n[models.bundled]\ncontrols = {{ edges = {edges} }}\n")
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    (found,) = [error for error in checks.run_checks() if error.id == "generation.E002"]
    assert "bundled's control by edges (NC)" in str(found.msg)

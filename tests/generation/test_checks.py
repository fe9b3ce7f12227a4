"""A site that sells credits does not start with a model whose licence forbids it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from generation.requests import catalogue

RESEARCH = """
{declared}
[models.own]
label = "Own"
family = "stable_diffusion"
source = "{folder}"
licence = "research only"
commercial_use = {commercial}
enabled = {enabled}
capabilities = ["text_to_image"]
recommended = "generation/bundled/weights/recommended.json"
min_steps = 1
max_steps = 99
min_guidance = 0.0
max_guidance = 20.0
memory_mb = 10
base_price = 1
"""


@pytest.fixture
def operator_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "catalogue.toml"
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(path))
    catalogue.reload()
    yield path
    catalogue.reload()


@pytest.mark.parametrize(
    ("key", "declared", "commercial", "enabled", "starts"),
    [
        ("sk_live_1", "non_commercial_site = true", "false", "true", False),
        ("sk_test_1", "non_commercial_site = true", "false", "true", False),
        ("", "non_commercial_site = true", "false", "true", True),
        ("sk_live_1", "non_commercial_site = true", "false", "false", True),
        ("sk_live_1", "", "true", "true", True),
        ("sk_live_1", "", "false", "false", True),
    ],
)
def test_a_stripe_key_and_a_non_commercial_model_are_refused_together(
    settings: Settings,
    operator_file: Path,
    tmp_path: Path,
    key: str,
    declared: str,
    commercial: str,
    enabled: str,
    starts: bool,
) -> None:
    settings.STRIPE_SECRET_KEY = key
    operator_file.write_text(
        RESEARCH.format(declared=declared, commercial=commercial, enabled=enabled, folder=tmp_path)
    )
    assert ("generation.E002" not in {found.id for found in run_checks()}) is starts


def test_the_refusal_names_the_model_and_says_what_to_do(
    settings: Settings, operator_file: Path, tmp_path: Path
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    operator_file.write_text(
        RESEARCH.format(
            declared="non_commercial_site = true", commercial="false", enabled="true", folder=tmp_path
        )
    )
    with pytest.raises(SystemCheckError) as refused:  # what a start runs before anything serves
        call_command("check")
    assert "own (research only)" in str(refused.value)
    assert "enabled = false" in str(refused.value)
    assert "leave STRIPE_SECRET_KEY out" in str(refused.value)


def test_the_shipped_catalogue_may_be_sold(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    assert run_checks() == []

"""What is sold: the file that comes with the program, an operator's own, and what is said when that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.test import Client
from pytest_django import Settings

from billing.plans import current, definitions, file
from billing.plans.file import PlansError
from tests import factories

OWN = """
currency = "eur"

[[plans]]
key = "free"
name = "Free"
summary = "To try it."
credits = 0
weight = 1
retention_days = 90

[[plans]]
key = "club"
name = "Club"
summary = "For members."
credits = 50
monthly = 500
weight = 3
"""


@pytest.fixture
def own(tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "plans.toml"
    path.write_text(OWN)
    settings.PLANS_FILE = str(path)
    return path


def test_pictures_are_kept_for_as_long_as_the_account_unless_the_operator_says_otherwise() -> None:
    assert {plan.retention_days for plan in definitions.plans()} == {None}


@pytest.mark.django_db
def test_an_operators_file_takes_the_place_of_the_shipped_one(own: Path, client: Client) -> None:
    assert [plan.key for plan in definitions.plans()] == ["free", "club"]
    assert [offer.lookup_key for offer in definitions.offers()] == ["club_monthly"]
    prices = client.get("/pricing/").text
    assert "€5" in prices
    assert "kept for 90 days" in prices
    assert "as long as the account exists" in prices
    client.force_login(factories.make_alice())
    assert "kept for 90 days" in client.get("/billing/").text


def test_a_plan_says_how_much_room_there_is_or_else_the_site_does(own: Path, settings: Settings) -> None:
    settings.STORAGE_MB_PER_PERSON = 300
    free, club = definitions.plans()
    assert (current.storage_of(free), current.storage_of(club)) == (300 * 2**20, 300 * 2**20)
    own.write_text(OWN + "storage_mb = 500\n")
    definitions._read.cache_clear()
    assert current.storage_of(definitions.plan("club")) == 500 * 2**20
    definitions._read.cache_clear()


@pytest.mark.django_db
def test_the_prices_say_which_sizes_wait_for_the_first_purchase(client: Client, settings: Settings) -> None:
    assert "after your first purchase" not in client.get("/pricing/").text
    settings.SIZE_BEFORE_PURCHASE = "2k"
    assert "Up to 2K, every size after your first purchase" in client.get("/pricing/").text


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('currency = "eur"', "", "three small letters"),
        ('key = "free"', 'key = "gratis"', "the first plan is called free"),
        ("credits = 50\n", "", "plan 'club': 'credits' is missing"),
        ("weight = 3", "weight = 0", "plan 'club': weight is a whole number from 1 up"),
        ("weight = 3", 'weight = "3"', "weight is a whole number"),
        ("weight = 3", "weight = true", "weight is a whole number"),
        ("weight = 3", "weight = 3\ncolour = 1", "unknown field 'colour'"),
        ("retention_days = 90", "retention_days = 9", "retention_days is a whole number from 30 up"),
        ("weight = 3", "weight = 3\nstorage_mb = 100", "storage_mb is a whole number from 128 up"),
        ('key = "club"', 'key = "The Club"', "small letters"),
        ('key = "club"', 'key = "free"', "plan 'free' is there twice"),
        ('name = "Club"', 'name = ""', "name is a text"),
        ("[[plans]]", "[plans]", "is not TOML"),
        (OWN, 'currency = "eur"\nplans = 3', "are lists"),
    ],
)
def test_a_wrong_file_is_reported_at_the_start_with_entry_and_field(
    own: Path, before: str, after: str, said: str
) -> None:
    own.write_text(OWN.replace(before, after))
    with pytest.raises(PlansError, match=said):
        file.read(own)


def test_a_missing_file_is_reported_by_the_system_check(settings: Settings, tmp_path: Path) -> None:
    settings.PLANS_FILE = str(tmp_path / "nothing.toml")
    found = {check.id: check for check in run_checks()}
    assert "can't be read" in found["billing.E001"].msg

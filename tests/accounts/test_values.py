"""Names, addresses and devices: pure functions, by tables."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.people.names import clean_name
from accounts.people.passwords import SiteNamesValidator
from accounts.sign_in import client_ip
from accounts.sign_in.devices import device_name


@pytest.mark.parametrize(
    "name",
    ["Dana", "Łukasz Ño", "李小龍", "محمد علی", "O’Brien-Smith", "Anne 2", "می\u200cخواهم", "🙂", "J."],
)
def test_names_of_the_world_are_names(name: str) -> None:
    assert clean_name(name) == name


@given(st.text(max_size=100))
def test_cleaning_is_stable_and_never_keeps_what_cannot_be_seen(text: str) -> None:
    try:
        name = clean_name(text)
    except ValidationError:
        return
    assert clean_name(name) == name
    assert "\x00" not in name
    assert "\u202e" not in name
    assert name == name.strip()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("127.0.0.1", "127.0.0.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("::1", "::"),
    ],
)
def test_of_an_address_the_network_is_kept(address: str, kept: str) -> None:
    assert client_ip.truncated(address) == kept
    assert client_ip.truncated(kept) == kept


def test_what_a_caller_writes_about_its_address_is_ignored_without_a_proxy() -> None:
    request = RequestFactory().get(
        "/", headers={"x-forwarded-for": "203.0.113.77"}, REMOTE_ADDR="198.51.100.9"
    )

    assert client_ip.of(request) == "198.51.100.9"


def test_behind_one_proxy_the_last_entry_counts_and_what_stands_before_it_does_not(
    settings: Settings,
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    header = {"x-forwarded-for": "10.0.0.1, 203.0.113.77"}
    request = RequestFactory().get("/", headers=header, REMOTE_ADDR="198.51.100.9")

    assert client_ip.of(request) == "203.0.113.77"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Version/18 Safari/605.1", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) CriOS/140 Safari/605", "Chrome on iPhone"),
        (
            "Mozilla/5.0 (Linux; Android 15) SamsungBrowser/27 Chrome/130 Safari/537",
            "Samsung Internet on Android",
        ),
        ("curl/8.9", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_a_device_has_a_name_that_a_person_recognises(agent: str, name: str) -> None:
    assert device_name(agent) == name


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        *(
            ("image2image2", False),
            ("IMAGE 2 image 2", False),
            ("imagetwo!2026", False),
            ("i_m_a_g_e_2_ok", False),
        ),
        *(("pictures.example", False), ("Acme Pictures 99", False), ("acmeimage2acme", False)),
        *(("image2 tulips in may", True), ("a sea of green bottles", True), ("ünïcödé ẅörds", True)),
    ],
)
def test_a_password_is_more_than_the_name_of_the_site(
    settings: Settings, password: str, is_taken: bool
) -> None:
    settings.OPERATOR_NAME, settings.SITE_URL = "Acme Pictures", "https://pictures.example:8000"
    with nullcontext() if is_taken else pytest.raises(ValidationError, match="name of this site"):
        SiteNamesValidator().validate(password)

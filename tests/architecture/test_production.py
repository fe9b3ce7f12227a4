"""A production start in a child process: clean when everything is set, refused with what to set when it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "".join(chr(33 + number) for number in range(1, 80)),
    "SITE_URL": "https://pictures.example.org",
    "ALLOWED_HOSTS": "pictures.example.org",
    "BEHIND_PROXY": "1",
    "TRUSTED_PROXY_COUNT": "1",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "OPERATOR_NAME": "Pictures Ltd",
    "OPERATOR_ADDRESS": "1 Long Street",
    "OPERATOR_EMAIL": "hello@example.org",
}


def check(home: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "IMAGE2_HOME": str(home), **PRODUCTION, **changed}
    if library_path := os.environ.get("LD_LIBRARY_PATH"):
        environment["LD_LIBRARY_PATH"] = library_path
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_whole_production_environment_is_clean(tmp_path: Path) -> None:
    result = check(tmp_path)

    assert result.returncode == 0, result.stderr
    assert "no issues (0 silenced)" in result.stdout


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"SECRET_KEY": ""}, ["image2.E004"]),
        ({"SITE_URL": "http://pictures.example.org", "ALLOWED_HOSTS": "*"}, ["image2.E002", "image2.E003"]),
        ({"TRUSTED_PROXY_COUNT": "", "EMAIL_URL": ""}, ["image2.E005", "image2.E007"]),
        ({"BEHIND_PROXY": "", "OPERATOR_NAME": ""}, ["image2.E006", "image2.E008"]),
        ({"DEBUG": "1"}, ["security.W018"]),
    ],
)
@pytest.mark.few(1)
def test_an_unsafe_start_is_refused_and_says_what_to_set(
    tmp_path: Path, changed: dict[str, str], found: list[str]
) -> None:
    result = check(tmp_path, **changed)

    assert result.returncode != 0
    for name in found:
        assert name in result.stderr


@pytest.mark.long
def test_every_cookie_is_bound_to_the_host_and_plain_http_leads_to_the_sites_own_address(
    tmp_path: Path,
) -> None:
    look = (
        "import django; django.setup()\n"
        "from django.contrib.messages import constants, storage\n"
        "from django.http import HttpResponse\n"
        "from django.test import Client, RequestFactory\n"
        "from image2.lib.http import browser_storage, theme\n"
        "print(*sorted(each.name for each in browser_storage.stored() if each.place == 'cookie'))\n"
        "request, response = RequestFactory().get('/'), HttpResponse()\n"
        "request.session = {}\n"
        "kept = storage.default_storage(request)\n"
        "theme.remember(response, 'dark')\n"
        "kept.add(constants.INFO, 'Saved')\n"
        "kept.update(response)\n"
        'print(*(f\'{name}:{each["path"]}:{each["secure"]}:{each["domain"]}:{each["httponly"]}\''
        " for name, each in response.cookies.items()))\n"
        "print(Client().get('/pricing/', HTTP_HOST='pictures.example.org:8080').headers['Location'])\n"
    )
    environment = {"PATH": os.environ["PATH"], "IMAGE2_HOME": str(tmp_path), **PRODUCTION}
    if library_path := os.environ.get("LD_LIBRARY_PATH"):
        environment["LD_LIBRARY_PATH"] = library_path
    done = subprocess.run(
        [sys.executable, "-c", look],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "image2.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    names, cookies, leads_to = done.stdout.splitlines()[-3:]
    assert names.split() == [
        f"__Host-{name}" for name in ("csrf", "known_browser", "messages", "session", "theme")
    ]
    assert cookies.split() == ["__Host-theme:/:True::True", "__Host-messages:/:True::True"]
    assert leads_to == "https://pictures.example.org/pricing/"

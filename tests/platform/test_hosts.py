"""Whatever host and port a request names: limits count once, links lead to the site, and one spelling is served."""

from __future__ import annotations

import ast
import re
from http import HTTPStatus
from pathlib import Path

import pytest
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.core import mail
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from accounts.models import User
from privacy.policy import versions

ROOT = Path(__file__).resolve().parents[2]
LOG_IN = "/accounts/login/"
ANSWERS = {
    "name": "Alice",
    "password1": "a sea of green bottles",
    "age": "on",
    "policy": "on",
}


def wrong_tries(email: str, hosts: list[str]) -> list[bool]:
    """Whether each of these tries was still judged; every one comes from another network."""
    pages = [
        Client().post(
            LOG_IN,
            {"login": email, "password": "wrong"},
            HTTP_HOST=host,
            REMOTE_ADDR=f"203.0.{number}.7",
        )
        for number, host in enumerate(hosts)
    ]
    return ["e-mail address or password is wrong" in page.text for page in pages]


@pytest.mark.django_db
def test_twelve_wrong_passwords_over_twelve_ports_are_limited_like_on_one(alice: User, bob: User) -> None:
    ports = [f"localhost:{1001 + number}" for number in range(12)]

    assert wrong_tries(alice.email, ports) == wrong_tries(bob.email, ["localhost"] * 12)
    assert wrong_tries(alice.email, ["127.0.0.1"]) == [False]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("named", "served"),
    [
        ("LOCALHOST", "localhost"),
        ("LocalHost.:1001", "localhost:1001"),
        ("localhost.", "localhost"),
        ("localhost:80", "localhost"),
    ],
)
def test_another_spelling_of_the_host_is_redirected_and_does_nothing(
    alice: User, named: str, served: str
) -> None:
    response = Client().post(f"{LOG_IN}?next=/a", {"login": alice.email}, HTTP_HOST=named)

    assert response.status_code == HTTPStatus.PERMANENT_REDIRECT
    assert response.headers["Location"] == f"http://{served}{LOG_IN}?next=/a"


@pytest.mark.django_db
@pytest.mark.parametrize("named", ["evil.example", "EVIL.example.", "evil.example:80"])
def test_a_host_that_is_not_listed_is_refused(client: Client, named: str) -> None:
    assert client.get("/", HTTP_HOST=named).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "answers"),
    [
        ("/accounts/signup/", {**ANSWERS, "email": "alice@example.test"}),
        ("/accounts/signup/", {**ANSWERS, "email": "dana@example.test"}),
        ("/accounts/login/code/", {"email": "alice@example.test"}),
        ("/accounts/login/code/", {"email": "nobody@example.test"}),
        ("/accounts/password/reset/", {"email": "alice@example.test"}),
        ("/accounts/password/reset/", {"email": "nobody@example.test"}),
    ],
)
def test_links_in_mails_lead_to_the_site_whatever_host_was_named(
    alice: User, form: str, answers: dict[str, str]
) -> None:
    sent = {**answers, "policy_version": versions.current_version()}
    Client().post(form, sent, HTTP_HOST="localhost:6666")

    (message,) = mail.outbox
    whole = str(message.message())
    links = re.findall(r"https?://[^\s\"<>]+", str(message.body))
    assert links
    assert all(link.startswith(f"{settings.SITE_URL}/") or link == settings.SITE_URL for link in links)
    assert "6666" not in whole


@pytest.mark.django_db
def test_logging_in_leads_on_to_paths_only(client: Client, alice: User) -> None:
    page = client.get(f"{LOG_IN}?next=http://localhost:1001/account/", HTTP_HOST="localhost:1001")
    assert page.status_code == HTTPStatus.OK

    client.force_login(alice)
    response = client.get(f"{LOG_IN}?next=http://localhost:1001/account/", HTTP_HOST="localhost:1001")
    assert response.headers["Location"] == "/create/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://localhost:1001/create/?a=b", "/create/?a=b"),
        ("http://localhost:1001", "/"),
        ("http://localhost:1001//evil.example/", "/evil.example/"),
        ("http://localhost:1002/create/", "/"),
        ("http://evil.example/create/", "/"),
    ],
)
def test_choosing_a_theme_leads_back_by_path_alone(client: Client, came_from: str, back: str) -> None:
    headers = {"referer": came_from, "host": "localhost:1001"}

    response = client.post("/theme/", {"theme": "dark"}, headers=headers)

    assert response.headers["Location"] == back


@pytest.mark.parametrize("host", ["localhost:1001", "localhost:1002", "localhost"])
def test_a_passkey_belongs_to_the_host_without_its_port(host: str) -> None:
    with context.request_context(RequestFactory().get("/", HTTP_HOST=host)):
        assert get_adapter().get_public_key_credential_rp_entity() == {"id": "localhost", "name": "Image 2"}


# Who may look at the Host header, and why that decides nothing.
ALLOWED = {
    "image2/lib/http/hosts.py": "brings it into one spelling",
    "image2/lib/http/access.py": "compares it with another header of the same request; only a path comes out",
    "image2/website/pages.py": "compares it with another header of the same request; only a path comes out",
}


def test_nothing_else_of_ours_looks_at_the_host_header() -> None:
    looking = {
        str(path.relative_to(ROOT))
        for app in ("accounts", "billing", "editor", "generation", "image2", "privacy")
        for path in (ROOT / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in ("get_host", "get_port", "build_absolute_uri"))
        or (isinstance(node, ast.Name) and node.id in ("get_current_site", "RequestSite"))
        or (isinstance(node, ast.Constant) and node.value in ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT"))
    }
    templates = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.*")
        if re.search(r"get_host|build_absolute_uri|current_site", path.read_text())
    }

    assert looking == set(ALLOWED)
    assert templates == set()


@pytest.mark.parametrize("host", ["10.1.2.3:8000", "127.0.0.1:8000", "pictures.example.org", "x_y", ""])
def test_probes_of_containers_are_answered_by_any_name_and_pages_by_the_sites(
    client: Client, settings: Settings, host: str
) -> None:
    settings.ALLOWED_HOSTS, settings.SITE_URL = ["pictures.example.org"], "https://pictures.example.org"
    assert client.get("/healthz", headers={"Host": host}).status_code == 200
    page = client.get("/licences/", headers={"Host": host})
    assert page.status_code == (200 if host == "pictures.example.org" else 400)

"""docker-compose.yml run for real: built, healthy, confined, walked through, and its containers killed."""

from __future__ import annotations

import hashlib
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import sign_up
from tests.browser.test_kills import Person, drawn
from tests.browser.walking import GENERATE, download, walk_the_main_line
from tests.containers.podman import Podman
from tests.containers.stack import LEASE_SECONDS, RUN, Stack
from tests.contracts.test_compose import OURS
from tests.services.browser import Pages

RUNNING = [name for name in RUN if name != "preparation"]
OUR_RUNNING = [name for name in RUNNING if name in OURS]
TOOLS = ("cc", "gcc", "make", "git", "uv", "cargo")


@pytest.mark.parametrize("service", RUNNING)
def test_every_service_becomes_healthy(stack: Stack, service: str) -> None:
    stack.wait_for(service)
    state = stack.podman("inspect", "--format", "{{.State.Health.Status}}", stack.container(service))
    assert state.strip() == "healthy"


@pytest.mark.parametrize("service", OUR_RUNNING)
def test_a_container_has_no_rights_and_writes_to_its_data_alone(stack: Stack, service: str) -> None:
    status = stack.inside(service, "cat", "/proc/1/status")
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert lines["Uid"].split() == ["10001"] * 4
    assert int(lines["CapEff"], 16) == int(lines["CapBnd"], 16) == 0
    assert lines["NoNewPrivs"] == "1"
    stack.inside(service, "sh", "-c", "touch /data/written /tmp/written")
    for place in ("/srv/image2", "/usr/local/bin", "/etc", "/models"):
        refused = stack.podman.try_to("exec", stack.container(service), "touch", f"{place}/written")
        assert "Read-only file system" in refused.stderr, place


@pytest.mark.parametrize("image", sorted({RUN[name]["image"] for name in OUR_RUNNING}))
def test_an_image_holds_no_tools_no_tests_and_no_secrets(podman: Podman, stack: Stack, image: str) -> None:
    look = "command -v {}; ls -a /srv/image2; ls -A /tmp /data".format(" ".join(TOOLS))
    seen = podman("run", "--rm", "--entrypoint", "sh", image, "-c", look, check=False)
    assert not {f"/usr/bin/{tool}" for tool in TOOLS} & set(seen.split())
    assert not {f"/usr/local/bin/{tool}" for tool in TOOLS} & set(seen.split())
    assert not {".env", ".git", "tests", "bin", "var"} & set(seen.split())
    history = podman("history", "--no-trunc", "--format", "{{.CreatedBy}}", image) + podman("inspect", image)
    assert not [name for name, secret in stack.secrets.items() if secret in history]


def test_the_pages_image_has_no_torch_and_the_engines_has(podman: Podman, stack: Stack) -> None:
    look = "import importlib.util as u; print(bool(u.find_spec('torch')))"
    found = {
        service: stack.inside(service, "python", "-c", look).strip()
        for service in ("web", "worker-without-gpu")
    }
    assert found == {"web": "False", "worker-without-gpu": "True"}


@pytest.mark.parametrize("service", OUR_RUNNING)
def test_what_env_sets_reaches_the_processes_and_nothing_else_is_set(stack: Stack, service: str) -> None:
    said = dict(line.partition("=")[::2] for line in stack.inside(service, "env").splitlines())
    assert said["JOB_LEASE_SECONDS"] == LEASE_SECONDS
    assert not {"SENTRY_DSN", "TRASH_DAYS", "IMAGE2_TEST_CONTAINERS"} & said.keys()


# Prints what the store holds of the newest picture's master, as the site in the container reads it.
STORED_MASTER = """
import hashlib
from django.core.files.storage import storages
from generation.models import File
master = File.objects.filter(role=File.Role.MASTER).latest("pk")
with storages["default"].open(master.key) as stored:
    print(master.width, master.height, master.sha256, hashlib.sha256(stored.read()).hexdigest())
"""


def test_a_person_walks_the_main_line_through_the_containers(stack: Stack, page: Page) -> None:
    walk_the_main_line(page, stack)
    # Without the recipe the file is the master, byte for byte.
    page.get_by_role("button", name=re.compile("Download")).first.click()
    page.get_by_label("Include the recipe").uncheck()
    page.keyboard.press("Escape")
    saved = hashlib.sha256(download(page, "PNG")).hexdigest()
    stored = stack.manage("shell", "--no-imports", "-c", STORED_MASTER).split()
    assert stored == ["3840", "2160", saved, saved]


# The others prove the same of other parts.
@pytest.mark.parametrize(
    ("service", "attempts"),
    [
        ("worker-without-gpu", (1,)),
        pytest.param("web", (0,), marks=pytest.mark.long),
        pytest.param("postgres", (0, 1), marks=pytest.mark.long),
        pytest.param("valkey", (0, 1), marks=pytest.mark.long),
    ],
)
def test_a_killed_container_loses_nothing_and_charges_nothing_twice(
    stack: Stack, service: str, attempts: tuple[int, ...]
) -> None:
    ada = Person(stack, count=2)
    ada.wait_for(drawn, "a preview")
    stack.crash(service)
    stack.wait_for(service)
    ada.assert_done_once(pictures=2, attempts=attempts)
    stack.wait_until_ready()


@pytest.mark.long
@pytest.mark.parametrize("service", ["worker-without-gpu", "worker-cpu"])
def test_a_worker_is_healthy_while_the_broker_is_away(stack: Stack, service: str) -> None:
    with stack.away("valkey"):
        stack.inside(service, "sh", "-c", "touch --date='1 hour ago' /data/alive/*")
        stack.wait_for(service)


@pytest.mark.long
def test_pages_say_what_is_wrong_while_the_database_is_away_and_come_back(
    stack: Stack, page: Page, new_page: Pages
) -> None:
    new_page.expect_error("500")
    stack.wait_until_ready()
    sign_up(page, stack)
    with stack.away("postgres"):
        page.goto(f"{stack.url}/history/")
        expect(page.get_by_role("heading")).to_have_text("Something went wrong on our side")
        expect(
            page.get_by_text("Jobs you started keep running, and nothing is charged twice.")
        ).to_be_visible()
        assert stack.status("/readyz") == 503
    page.goto(f"{stack.url}/history/")
    expect(page.get_by_role("heading", name="History", exact=True)).to_be_visible()


@pytest.mark.long
def test_what_is_asked_for_while_the_broker_is_away_is_drawn_when_it_is_back(
    stack: Stack, page: Page, new_page: Pages
) -> None:
    # The stream of progress breaks off; the browser asks for it again by itself.
    new_page.expect_error("/jobs/stream/")
    stack.wait_until_ready()
    sign_up(page, stack)
    page.get_by_role("textbox", name=re.compile("Describe|Prompt")).fill("a red house")
    with stack.away("valkey"):
        assert stack.status("/readyz") == 503
        page.get_by_role("button", name=GENERATE).click(timeout=60_000)
        expect(page.locator("job-card")).to_be_visible(timeout=60_000)
    page.goto(f"{stack.url}/history/")
    for _turn in range(60):
        if page.locator("a[href*='/pictures/']").count():
            break
        page.wait_for_timeout(2000)
        page.reload()
    expect(page.locator("a[href*='/pictures/']").first).to_be_visible()

"""``manage.py models``, as an operator types it."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from billing import ledger
from generation.jobs import submission
from generation.models import Job, Worker
from generation.requests import catalogue
from tests.generation.hub.conftest import COMMIT
from tests.generation.hub.server import Hub
from tests.generation.web.makers import a_request

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_catalogue(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(f'[models.sdxl]\nsource = "owner/model"\nvariant = ""\nrevision = "{COMMIT}"\n')
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()


def said(*words: str) -> str:
    out = StringIO()
    call_command("models", *words, stdout=out)
    return out.getvalue()


def test_a_model_is_pulled_listed_and_checked(hub: Hub) -> None:
    assert "not here (owner/model)" in said("list")
    assert "100 %" in said("pull", "sdxl")
    assert "here, 80" in said("list")  # 800 kB of weights and some small files
    report = said("check", "sdxl")
    assert "UNet2DConditionModel" in report
    assert "400,000 F16" in report
    assert "5 files are what was pulled" in report
    assert "OpenRAIL" in report or "apache-2.0 (its card)" in report


def test_the_check_says_how_it_is_loaded_and_what_is_missing_for_that(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("pull", "sdxl")
    file = Path(os.environ["IMAGE2_CATALOGUE"])
    file.write_text(file.read_text() + 'offload = "model"\nquantise = "int8"\n')
    catalogue.reload()
    monkeypatch.setattr("generation.engine.placement.find_spec", lambda name: name)
    assert "loading: quantised to int8, offloaded by model" in said("check", "sdxl")
    monkeypatch.setattr("generation.engine.placement.find_spec", lambda _name: None)
    with pytest.raises(CommandError, match=r"quantise needs a package that isn't installed\. Run: "):
        said("check", "sdxl")
    file.write_text(file.read_text().replace("int8", "int3"))
    catalogue.reload()
    with pytest.raises(CommandError, match='quantise = \'int3\' isn\'t known; it can be "int8" or "float8"'):
        said("check", "sdxl")


def test_removing_is_refused_while_jobs_wait_unless_they_are_given_back(hub: Hub, alice: User) -> None:
    said("pull", "sdxl")
    ledger.grant(user=alice, amount=50, source="admin", source_ref="test")
    job = submission.submit(user=alice, request=a_request(), idempotency_key="a")
    Job.objects.filter(pk=job.pk).update(model="sdxl")
    with pytest.raises(CommandError, match=r"jobs wait for it \(1\)"):
        said("remove", "sdxl")
    assert "here, " in said("list")
    assert "waiting jobs given back: 1" in said("remove", "sdxl", "--give-back")
    job.refresh_from_db()
    assert ledger.balance(alice).held == 0
    assert job.error_code == "switched_off"


@pytest.mark.parametrize(
    "words", [("check", "sdxl"), ("check", "nope"), ("remove", "sdxl"), ("warm", "sdxl")]
)
def test_what_cannot_be_done_is_one_sentence(words: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=r"\w"):
        said(*words)


@pytest.mark.parametrize("seconds", ["0", "-5", "soon", "1.5"])
def test_a_time_that_is_none_is_refused_before_a_worker_is_asked(seconds: str) -> None:
    Worker.objects.create(name="box:7", lane="gpu")
    with pytest.raises(CommandError, match="no whole number of seconds"):
        said("warm", "bundled", f"--seconds={seconds}")


def test_the_list_says_who_holds_a_model() -> None:
    Worker.objects.create(name="box:7", lane="gpu", models={"bundled": {"state": "loaded"}})
    Worker.objects.create(name="box:8", lane="gpu", models={"bundled": {"state": "here"}})
    lines = {line.split()[0]: line for line in said("list").splitlines()}
    assert lines["bundled"].endswith("; in the memory of box:7")
    assert "box" not in lines["sdxl"]

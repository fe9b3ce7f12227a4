"""``manage.py models``, as an operator types it."""

from __future__ import annotations

import hashlib
import os
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from billing import ledger
from generation.hub import places
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


def test_a_folder_is_checked_by_its_path(hub: Hub, tmp_path: Path) -> None:
    said("pull", "sdxl")
    folder = tmp_path / "mine"
    (tmp_path / "models" / "owner--model" / COMMIT).rename(folder)
    (folder / places.MANIFEST).unlink()
    report = said("check", str(folder))
    assert "StableDiffusionPipeline in" in report
    weights = hub.files["unet/diffusion_pytorch_model.safetensors"]
    assert f"{hashlib.sha256(weights).hexdigest()}  unet/diffusion_pytorch_model.safetensors" in report
    assert "licence: apache-2.0 (its card)" in report
    assert "it fits" in report
    (folder / "unet" / "more.bin").write_bytes(b"code")
    with pytest.raises(CommandError, match=r"unet/more\.bin: this format can run code"):
        said("check", str(folder))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CommandError, match="no diffusers folder"):
        said("check", str(empty))


def test_a_folder_of_one_model_is_checked_too(tmp_path: Path) -> None:
    from tests.generation.engine.tiny import cutout, segment_anything

    report = said("check", str(segment_anything.SAVED["sam2"](tmp_path / "sam")))
    assert re.search(r"model +sam2 .* [\d,]+ F32", report)
    assert "model.safetensors" in report
    onnx = cutout.save_random(tmp_path / "cutout")
    assert re.search(r"model +ONNX ", said("check", str(onnx)))
    (tmp_path / "sam" / "config.json").write_text("{}")
    with pytest.raises(CommandError, match="it has no model_type"):
        said("check", str(tmp_path / "sam"))


def test_the_list_says_which_model_has_no_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "two.toml"
    file.write_text(f'[models.sdxl]\nenabled = true\nsource = "{tmp_path}"\n')
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    lines = {line.split()[0]: line for line in said("list").splitlines()}
    assert lines["sdxl"].endswith("; no example picture")
    assert "no example" not in lines["bundled"] + lines["z-image-turbo"]


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


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "words",
    [
        *[("check", "sdxl"), ("check", "nope"), ("check", "/nowhere"), ("remove", "sdxl")],
        *[("warm", "sdxl"), ("example", "sdxl"), ("example", "bundled")],
    ],
)
def test_what_cannot_be_done_is_one_sentence(words: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=r"\w"):
        said(*words)


@pytest.mark.few(1)
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

"""A pull fetches the pinned revision and nothing that could run code, continues, and verifies what arrived."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from generation.hub import places, pulling
from generation.hub.places import HubError
from generation.requests.catalogue import Entry
from tests.generation.hub.server import Hub

WEIGHTS = "unet/diffusion_pytorch_model.safetensors"


def silent(done: int, whole: int) -> None:
    pass


def test_the_pipelines_own_files_arrive_and_nothing_else(hub: Hub, entry: Entry) -> None:
    seen: list[tuple[int, int]] = []
    folder = pulling.pull(entry, lambda done, whole: seen.append((done, whole)))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {
        *("model_index.json", "README.md", "unet/config.json", WEIGHTS, "tokenizer/vocab.json"),
        places.MANIFEST,
    }
    assert (folder / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
    assert places.find(entry) == folder
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] == sum(len(hub.files[name]) for name in there - {places.MANIFEST})


def test_a_second_pull_downloads_nothing(hub: Hub, entry: Entry) -> None:
    pulling.pull(entry, silent)
    hub.downloads.clear()
    pulling.pull(entry, silent)
    assert hub.downloads == []


def test_a_variant_takes_its_own_weights(hub: Hub, entry: Entry) -> None:
    folder = pulling.pull(replace(entry, variant="fp16"), silent)
    assert [path.name for path in (folder / "unet").glob("*.safetensors")] == [
        "diffusion_pytorch_model.fp16.safetensors"
    ]


def test_broken_connections_are_continued_where_they_broke(hub: Hub, entry: Entry) -> None:
    hub.cuts = [200_000, 150_000, 1]
    folder = pulling.pull(entry, silent)
    assert (folder / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
    starts = [first for name, first in hub.downloads if name == WEIGHTS]
    assert starts == [0, 200_000, 350_000, 350_001]


def test_a_server_without_ranges_starts_the_file_again(hub: Hub, entry: Entry) -> None:
    hub.cuts, hub.ignores_ranges = [200_000], True
    folder = pulling.pull(entry, silent)
    assert (folder / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_connection_that_brings_nothing_ends_the_pull_and_the_next_one_continues(
    hub: Hub, entry: Entry
) -> None:
    hub.cuts = [100_000, 0, 0, 0, 0, 0]
    with pytest.raises(HubError, match="What arrived is kept: pull again"):
        pulling.pull(entry, silent)
    assert places.place(entry).state == "partly"
    hub.downloads.clear()
    pulling.pull(entry, silent)
    assert hub.downloads[0] == (WEIGHTS, 100_000)


def test_a_killed_pull_is_continued(hub: Hub, entry: Entry) -> None:
    hub.slow_seconds = 0.2
    program = (
        "from dataclasses import replace; from generation.requests import catalogue; "
        "from generation.hub import pulling; "
        f"entry = replace(catalogue.get('sdxl'), source='owner/model', variant='', revision='{entry.revision}'); "
        "pulling.pull(entry, lambda done, whole: None)"
    )
    part = places.folder_of(entry) / f"{WEIGHTS}{places.PART}"
    with subprocess.Popen([sys.executable, "-c", program], env=dict(os.environ)) as child:
        until = time.monotonic() + 60
        while time.monotonic() < until and not (part.is_file() and part.stat().st_size):
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    kept = part.stat().st_size
    assert 0 < kept < len(hub.files[WEIGHTS])
    hub.slow_seconds = 0
    hub.downloads.clear()
    folder = pulling.pull(entry, silent)
    assert hub.downloads[0] == (WEIGHTS, kept)
    assert (folder / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


@pytest.mark.parametrize("name", ["unet/a.bin", "a.ckpt", "vae/a.PT", "pipeline.py", "a.pkl"])
def test_what_could_run_code_is_refused_before_anything_is_downloaded(
    hub: Hub, entry: Entry, name: str
) -> None:
    hub.files[name] = b"code"
    with pytest.raises(HubError, match=r"can run code when it is read\. Nothing was downloaded"):
        pulling.pull(entry, silent)
    assert hub.downloads == []
    folder = pulling.pull(entry, silent, leave_out_unsafe=True)
    assert not (folder / name).exists()


def test_a_part_without_safetensors_is_refused_before_the_large_files(hub: Hub, entry: Entry) -> None:
    for name in [name for name in hub.files if name.startswith("unet/diffusion")]:
        del hub.files[name]
    hub.files["unet/model.bin"] = b"code"
    with pytest.raises(HubError, match=r"unet .* has no safetensors"):
        pulling.pull(entry, silent, leave_out_unsafe=True)
    assert hub.downloads == [("model_index.json", 0)]


def test_a_pipeline_with_code_of_its_own_is_refused_before_the_large_files(hub: Hub, entry: Entry) -> None:
    hub.files["model_index.json"] = b'{"_class_name": ["pipeline", "Mine"]}'
    with pytest.raises(HubError, match="code of their own are not run"):
        pulling.pull(entry, silent)
    assert hub.downloads == [("model_index.json", 0)]


@pytest.mark.parametrize("revision", ["", "main", "C" * 40, "c" * 39])
def test_a_revision_that_is_no_commit_is_refused(hub: Hub, entry: Entry, revision: str) -> None:
    with pytest.raises(HubError, match=r"(is no commit|no revision is pinned), and a branch moves"):
        pulling.pull(replace(entry, revision=revision), silent)


def test_a_revision_that_moved_is_refused(hub: Hub, entry: Entry) -> None:
    hub.answers = "d" * 40
    with pytest.raises(HubError, match="the revision moved"):
        pulling.pull(entry, silent)
    assert hub.downloads == []


def test_a_revision_that_is_gone_and_a_model_that_is_not_there_are_said(hub: Hub, entry: Entry) -> None:
    with pytest.raises(HubError, match="has no revision eeeeeeeeeeee…"):
        pulling.pull(replace(entry, revision="e" * 40), silent)
    with pytest.raises(HubError, match="has no model other/model"):
        pulling.pull(replace(entry, source="other/model"), silent)


def test_a_hub_that_is_not_there_is_said(hub: Hub, entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match=r"can't be reached|doesn't answer"):
        pulling.pull(entry, silent)


def test_a_file_that_arrives_damaged_is_deleted(hub: Hub, entry: Entry) -> None:
    hub.damaged = WEIGHTS
    with pytest.raises(HubError, match="arrived damaged"):
        pulling.pull(entry, silent)
    assert not (places.folder_of(entry) / f"{WEIGHTS}{places.PART}").exists()
    hub.damaged = ""
    pulling.pull(entry, silent)


def test_a_name_that_leaves_the_folder_is_refused(hub: Hub, entry: Entry) -> None:
    hub.files["../../etc/a.json"] = b"{}"
    with pytest.raises(HubError, match="leaves the folder"):
        pulling.pull(entry, silent)


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs a root who may mount")
    monkeypatch.setenv("IMAGE2_MODELS", str(folder))
    return folder


def test_missing_space_is_said_before_the_large_files(hub: Hub, entry: Entry, small_disk: Path) -> None:
    try:
        with pytest.raises(HubError, match=r"MB are missing\. Free them, or set IMAGE2_MODELS"):
            pulling.pull(entry, silent)
        assert hub.downloads == [("model_index.json", 0)]
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


def test_a_disk_that_fills_meanwhile_keeps_what_arrived(
    hub: Hub, entry: Entry, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(small_disk)._replace(free=10**12)  # what another program fills after the look
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    try:
        with pytest.raises(HubError, match=r"is full\. What arrived is kept"):
            pulling.pull(entry, silent)
        assert places.place(entry).state == "partly"
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


def test_removing_frees_the_space(hub: Hub, entry: Entry) -> None:
    pulling.pull(entry, silent)
    there = places.place(entry).bytes
    assert places.remove(entry) == there > 800_000
    assert places.place(entry).state == "missing"
    with pytest.raises(HubError, match="nothing of it"):
        places.remove(entry)


def test_a_folder_of_the_operators_is_not_removed(entry: Entry, tmp_path: Path) -> None:
    with pytest.raises(HubError, match="only you delete"):
        places.remove(replace(entry, source=str(tmp_path)))

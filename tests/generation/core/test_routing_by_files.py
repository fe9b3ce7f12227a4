"""A job that needs a LoRA or weights for control goes to a worker that has the file, or is taken and says why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from billing import ledger
from generation.jobs import failures, submission
from generation.models import Job, Worker
from generation.requests import catalogue
from generation.styles import adapters
from generation.worker import reporting, run
from image2.lib.ids import new_id
from tests.generation.requesting import a_request

from .test_routing import LOADED, MISSING, Queue, claim, worker

SKETCH = "adapter:sketch"
LACKING = LOADED | {"lacks": [SKETCH]}
AN_ADAPTER = """
[adapters.sketch]
name = "Sketch"
file = "sketch.safetensors"
sha256 = "{digest}"
licence = "MIT"
commercial_use = true
models = ["bundled"]
[models.bundled.controls.edges]
source = "{folder}"
licence = "MIT"
commercial_use = true
memory_mb = 5
"""


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_worker_without_the_file_leaves_the_job_to_one_that_has_it(alice: User, queue: Queue) -> None:
    worker("w1", {"a": LACKING})
    worker("w2", {"a": {"state": "here"}})
    # Long after the time in which jobs are left to workers that hold a model.
    job = queue.add(alice, "a", age=10_000, needs=SKETCH)
    plain = queue.add(alice, "a", needs="")
    assert claim("w1") == plain
    assert claim("w1") is None
    assert claim("w2") == job


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("needs", "lacks", "is_left"),
    [
        (SKETCH, ["adapter:sketch-2", "control:edges"], False),
        (f"{SKETCH} control:edges", ["control:edges"], True),
        (f"{SKETCH} control:edges", ["adapter:ketch", "control:edge"], False),
        ("control:depth", ["control:depth"], True),
    ],
)
def test_only_what_a_job_needs_counts(
    alice: User, queue: Queue, needs: str, lacks: list[str], is_left: bool
) -> None:
    worker("w1", {"a": LOADED | {"lacks": lacks}})
    worker("w2", {"a": {"state": "here"}})
    job = queue.add(alice, "a", needs=needs)
    assert claim("w1") == (None if is_left else job)


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize(
    "others",
    [{}, {"a": LACKING}, {"a": MISSING}, {"b": LOADED}],
    ids=["nothing", "lacks it too", "lacks the model", "another model"],
)
def test_where_no_worker_has_everything_the_job_is_taken_at_once(
    alice: User, queue: Queue, others: dict[str, Any]
) -> None:
    worker("w1", {"a": LACKING})
    worker("w2", others)
    job = queue.add(alice, "a", needs=SKETCH)
    assert claim("w1") == job


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_dead_worker_that_had_the_file_keeps_nobody_waiting(alice: User, queue: Queue) -> None:
    worker("w1", {"a": LACKING})
    worker("w2", {"a": LOADED}, silent=True)
    job = queue.add(alice, "a", needs=SKETCH)
    assert claim("w1") == job


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_job_is_not_left_to_a_worker_that_holds_the_model_and_lacks_the_file(
    alice: User, queue: Queue
) -> None:
    worker("w1", {"a": {"state": "here", "load_seconds": 30}})
    worker("w2", {"a": LACKING})
    job = queue.add(alice, "a", needs=SKETCH)
    assert claim("w1") == job


@pytest.fixture
def with_adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "catalogue.toml").write_text(AN_ADAPTER.format(digest="0" * 64, folder=tmp_path / "net"))
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(tmp_path / "catalogue.toml"))
    monkeypatch.setenv("IMAGE2_MODELS", str(tmp_path / "models"))
    for part in (catalogue, adapters):
        part.reload()
    yield
    monkeypatch.undo()
    for part in (catalogue, adapters):
        part.reload()


@pytest.mark.django_db(transaction=True)
def test_a_worker_reports_what_it_lacks_until_the_files_are_there(with_adapter: None, tmp_path: Path) -> None:
    Worker.objects.create(name=reporting.worker_name(), lane="gpu")
    reporting.report()
    assert Worker.objects.get().models["bundled"]["lacks"] == [SKETCH, "control:edges"]
    adapter, network = tmp_path / "models" / "adapters" / "sketch.safetensors", tmp_path / "net"
    for path in (adapter, network / "config.json"):
        path.parent.mkdir(parents=True)
        path.touch()
    reporting.report()
    # Half copied: its settings alone.
    assert Worker.objects.get().models["bundled"]["lacks"] == ["control:edges"]
    (network / "diffusion_pytorch_model.safetensors").touch()
    reporting.report()
    assert "lacks" not in Worker.objects.get().models["bundled"]


@pytest.mark.django_db(transaction=True)
def test_where_nobody_has_the_file_the_job_fails_with_a_sentence_and_costs_nothing(
    alice: User, with_adapter: None
) -> None:
    found = adapters.find("sketch")
    assert found is not None
    request = a_request(adapter=found.chosen(1.0))
    job = submission.submit(user=alice, request=request, idempotency_key=str(new_id()))
    assert job.needs == SKETCH
    run.run("gpu")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "adapter")
    assert failures.sentence_of(job).startswith("This LoRA couldn't be used with the model.")
    assert ledger.balance(alice).available == 1000

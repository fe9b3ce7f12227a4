"""Kill a worker while it draws three people's jobs in one batch, and print what happened as one JSON line.

The jobs are left to it, since it says that it holds their model: another worker, this process, gets none before.

``python -m tests.generation.core.killed``, with an empty database in DATABASE_URL and a folder in IMAGE2_HOME.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from django.db import connection  # noqa: E402

from accounts.models import User  # noqa: E402
from billing import ledger  # noqa: E402
from generation.engine.contract import Progress  # noqa: E402
from generation.jobs import claim, progress, recovery, submission  # noqa: E402
from generation.models import Job, Picture, Worker  # noqa: E402
from generation.requests import catalogue  # noqa: E402
from generation.requests.request import GenerationRequest  # noqa: E402
from generation.worker import run  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402

HOLDER = "holder:1"
NAMES = ("alice", "bob", "carol")


def main() -> None:
    """Submit, kill, sweep, and draw what is left."""
    have_tables()
    for seed, name in enumerate(NAMES):
        submit(User.objects.create_user(f"{name}@example.org", name=name), seed)
    Worker.objects.create(
        name=HOLDER, lane="gpu", models={"bundled": {"state": "loaded", "load_seconds": 600}}
    )
    left = claim.claim(lane="gpu", worker="another") is None
    connection.close()
    after: dict[str, Any] = {"left": left, "killed": {"signal": draw_and_die()}}
    jobs = Job.objects.order_by("created_at")
    after["killed"] |= {
        "states": list(jobs.values_list("state", flat=True)),
        "pictures": Picture.objects.count(),
    }
    while jobs.filter(state=Job.State.RUNNING).exists():
        time.sleep(0.2)
        recovery.sweep()
    after["swept"] = list(jobs.values_list("state", "attempts"))
    while jobs.filter(state=Job.State.QUEUED).exists():
        run.run("gpu")
    after["ended"] = list(jobs.values_list("state", "attempts"))
    after["batches"] = [picture.recipe["batch"] for picture in Picture.objects.all()]
    balances = [ledger.balance(user) for user in User.objects.order_by("email")]
    after["credits"] = [[balance.available, balance.held] for balance in balances]
    after["price"] = jobs[0].price
    sys.stdout.write(json.dumps(after) + "\n")


def submit(user: User, seed: int) -> None:
    ledger.grant(user=user, amount=1000, source="promo", source_ref=f"test:{user.email}")
    request = GenerationRequest(
        kind="text_to_image",
        model="bundled",
        prompt=f"a red house, number {seed}",
        shape="1:1",
        size="1k",
        count=1,
        seed=seed,
        steps=4,
        guidance=catalogue.get("bundled").default_guidance,
    )
    submission.submit(user=user, request=request, idempotency_key="once")


def draw_and_die() -> int:
    """Start a worker that gets kill -9 when its second job reports its drawing; return the signal that ended it."""
    worker = os.fork()
    if worker == 0:
        heard: set[object] = set()
        report = progress.report

        def killed(job_id: Any, step: Progress) -> None:
            report(job_id, step)
            if step.stage == "drawing":
                heard.add(job_id)
            if len(heard) == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        progress.report = killed
        run.worker_name = lambda: HOLDER  # type: ignore[attr-defined]  # another is put in its place
        run.run("gpu")
        os._exit(0)
    _pid, status = os.waitpid(worker, 0)
    return os.WTERMSIG(status)


if __name__ == "__main__":
    main()

"""Two workers with room for one model each draw waiting jobs of two models, with routing and without, as one JSON line.

``python -m tests.benchmarks.routing_workers JOBS TURNS``, with an empty database in DATABASE_URL and a folder in
IMAGE2_HOME. Claim, loading, drawing, storing and settling are the site's; only Celery is left out, and each load is
made two seconds longer, as reading gigabytes is: tiny weights load at once.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from accounts.models import User  # noqa: E402
from billing import ledger  # noqa: E402
from generation.engine import families, production  # noqa: E402
from generation.engine.families.residency import Residency  # noqa: E402
from generation.jobs import notify, submission  # noqa: E402
from generation.models import Job, Worker  # noqa: E402
from generation.requests import catalogue  # noqa: E402
from generation.requests.catalogue import Entry  # noqa: E402
from generation.requests.request import GenerationRequest  # noqa: E402
from generation.requests.sizes import SHAPES  # noqa: E402
from generation.worker import lifecycle, reporting, run  # noqa: E402
from image2.lib.ids import new_id  # noqa: E402
from tests.generation.engine.tiny import stable_diffusion  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402
from tests.services.racing import fork  # noqa: E402

MODELS: Final = ("bundled", "second")
PEOPLE: Final = 6
SLOWER_SECONDS: Final = 2.0


def main(jobs: int, turns: int) -> None:
    have_tables()
    write_catalogue()
    notify.send = lambda lane: None  # both workers ask by themselves
    people = [User.objects.create_user(f"p{number}@example.org", name="P") for number in range(PEOPLE)]
    for user in people:
        ledger.grant(user=user, amount=10_000, source="promo", source_ref=f"test:{user.email}")
    found: dict[str, list[dict[str, Any]]] = {"routed": [], "not routed": []}
    for turn in range(turns):
        for name, wait, stay in (("routed", 1.0, 4.0), ("not routed", 0.0, 0.0)):
            settings.JOB_WAIT_LOADS, settings.JOB_STAY_LOADS = wait, stay
            submit(people, jobs, random.Random(turn))
            found[name].append(measured(jobs))
    sys.stdout.write(json.dumps(found) + "\n")


def write_catalogue() -> None:
    home = Path(os.environ["IMAGE2_HOME"])
    folder = stable_diffusion.save_stable_diffusion(home / "tiny")
    sizes = "\n".join(f'"{shape}" = [64, 64]' for shape in SHAPES)
    shipped = catalogue.get("bundled")
    plain = (
        f'source = "{folder}"\nscaler = "lanczos"\nprojection = ""\nenabled = true\n'
        'capabilities = ["text_to_image", "image_to_image"]\n'
    )
    own = {
        "label": "Second",
        "family": shipped.family,
        "licence": shipped.licence,
        "licence_read": shipped.licence_read,
    }
    numbers = {
        "default_steps": 4,
        "min_steps": 4,
        "max_steps": 100,
        "default_guidance": 1.5,
        "min_guidance": 1.0,
        "max_guidance": 12.0,
        "memory_mb": 200,
        "base_price": 1,
    }
    second = "".join(f'{key} = "{value}"\n' for key, value in own.items() if key != "licence_read")
    second += f"licence_read = {own['licence_read']}\ncommercial_use = true\n"
    second += "".join(f"{key} = {value}\n" for key, value in numbers.items())
    file = home / "catalogue.toml"
    file.write_text(
        f"[models.bundled]\n{plain}[models.bundled.base_sizes]\n{sizes}\n"
        f"[models.second]\n{second}{plain}[models.second.base_sizes]\n{sizes}\n"
    )
    os.environ["IMAGE2_CATALOGUE"] = str(file)
    catalogue.reload()


def submit(people: list[User], jobs: int, dice: random.Random) -> None:
    """Everybody orders of both models, in an order that has nothing to do with them."""
    for number in range(jobs):
        request = GenerationRequest(
            kind="text_to_image",
            model=dice.choice(MODELS),
            prompt=f"a red house, number {number}",
            shape="1:1",
            size="1k",
            count=1,
            seed=number,
            steps=4,
            guidance=1.5,
        )
        submission.submit(user=people[number % PEOPLE], request=request, idempotency_key=str(new_id()))


def measured(jobs: int) -> dict[str, Any]:
    """Seconds until two workers have drawn everything, and how often they loaded a model."""
    connection.close()
    began = time.monotonic()
    answers = [fork(work, name) for name in ("one", "two")]
    counted: Counter[str] = sum((Counter(json.load(answer)) for answer in answers), Counter())
    seconds = time.monotonic() - began
    assert counted["runs"] == jobs == Job.objects.filter(state="done").count()
    Job.objects.all().delete()
    Worker.objects.all().delete()
    return {"seconds": round(seconds, 2), "loads": counted["loads"]}


def work(name: str) -> Counter[str]:
    counted: Counter[str] = Counter()

    def slowly(entry: Entry) -> families.Family:
        counted["loads"] += 1
        time.sleep(SLOWER_SECONDS)
        return families.load(entry)

    models = Residency(lambda: 1, slowly)
    production.RESIDENCY = models  # type: ignore[misc]  # this process has room for one model
    # `produce` took the module's own at its definition.
    production.produce.__kwdefaults__ = {**(production.produce.__kwdefaults__ or {}), "residency": models}
    reporting._main_process[:] = [os.getpid()]
    lifecycle.beat(reporting.worker_name(), "gpu")
    reporting.report()
    while Job.objects.filter(state="queued").exists():
        if (job := run._next("gpu")) is not None:
            run.Run([job]).run()
            counted["runs"] += 1
    connection.close()
    return counted


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

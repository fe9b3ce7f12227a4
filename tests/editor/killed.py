"""A worker that is killed in the middle of an export or of an order, and the one that goes on; one JSON line.

``python -m tests.editor.killed [order|film]``, with an empty database in DATABASE_URL and a folder in IMAGE2_HOME.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from billing import ledger  # noqa: E402
from editor import exporting, opening, runs, working  # noqa: E402
from editor.generating import placing, preparing  # noqa: E402
from editor.log import appending  # noqa: E402
from editor.models import Document, Generation, Run  # noqa: E402
from generation.models import Job, Picture, Upload  # noqa: E402
from generation.uploads import unused  # noqa: E402
from image2.lib.ids import new_id  # noqa: E402
from tests.editor.making import BRUSH, path_of  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402

STROKES = 130


def order() -> None:
    """Select, order a fill, be killed between drawing what the model sees and the job, sweep, go on."""
    have_tables()
    owner = User.objects.create_user("alice@example.org", name="Alice")
    ledger.grant(user=owner, amount=10, source="promo", source_ref="test")
    document = opening.blank(user=owner, width=300, height=200, rgba=0xFFFFFFFF)
    select_in(owner, document)
    assert document.head is not None
    body = {"tool": "fill", "words": "a boat", "price": 1}
    placing.place(user=owner, document=document, uid=new_id(), operation=document.head, body=body, network="")
    Run.objects.exclude(kind="generate").delete()
    connection.close()
    after: dict[str, Any] = {"signal": order_and_die()}
    after["killed"] = [Job.objects.count(), Upload.objects.count(), ledger.balance(owner).held]
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    runs.sweep()
    working.work()
    after["ended"] = [Job.objects.count(), ledger.balance(owner).held]
    after["states"] = [*Generation.objects.values_list("state", flat=True), Job.objects.get().state]
    Upload.objects.update(used_at=timezone.now() - timedelta(days=1, minutes=1))
    after["left behind"] = unused.expire(timezone.now())
    sys.stdout.write(json.dumps(after) + "\n")


def select_in(owner: User, document: Document) -> None:
    assert document.head is not None
    rectangle = {"shape": "rectangle", "x0": 20, "y0": 20, "x1": 90, "y1": 80}
    sent = appending.Sent(new_id(), document.head, "select", "k1", rectangle, b"")
    appending.append(
        user=owner, document_id=document.pk, expected=document.head, head=sent.uid, operations=[sent]
    )
    document.refresh_from_db()


def order_and_die() -> int:
    """A child draws what the model sees, keeps it, and is killed before the job."""
    child = os.fork()
    if child == 0:

        def die(*_arguments: Any) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        preparing._submit = die  # type: ignore[assignment]  # of the child only
        working.work()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WTERMSIG(status)


def main() -> None:
    """Draw, order a picture, be killed while it is drawn, sweep, go on."""
    document = ordered("png")
    after: dict[str, Any] = {"signal": work_and_die()}
    after["killed"] = list(Run.objects.values_list("state", "attempts"))
    after["snapshots"] = document.snapshots.count()
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    runs.sweep()
    after["swept"] = list(Run.objects.values_list("state", "attempts"))
    after["pictures before"] = Picture.objects.count()
    time.sleep(0.01)
    working.work()
    after["ended"] = list(Run.objects.values_list("state", "sentence"))
    after["pictures"] = Picture.objects.count()
    after["digest"] = Picture.objects.get().recipe["editor"]["pixels"]
    sys.stdout.write(json.dumps(after) + "\n")


def ordered(form: str) -> Document:
    """A drawing of which a file of this form is ordered."""
    have_tables()
    owner = User.objects.create_user("alice@example.org", name="Alice")
    document = opening.blank(user=owner, width=900, height=700, rgba=0xFFFFFFFF)
    draw(owner, document)
    Run.objects.all().delete()
    assert document.head is not None
    runs.queue(document, Run.Kind.EXPORT, document.head, format=form)
    connection.close()
    return document


def film() -> None:
    """Draw, order a time-lapse, be killed in the middle of it, sweep, begin again."""
    document = ordered("timelapse")
    after: dict[str, Any] = {"signal": film_and_die()}
    after["killed"] = list(Run.objects.values_list("state", "attempts"))
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    runs.sweep()
    working.work()
    after["ended"] = list(Run.objects.values_list("state", "sentence"))
    after["files"] = document.assets.filter(role="file").count()
    after["tiles"] = document.assets.filter(role="tiles").count()
    sys.stdout.write(json.dumps(after) + "\n")


def film_and_die() -> int:
    """A child is killed when it has done half of the steps."""
    child = os.fork()
    if child == 0:

        def half(_watch: Any, done: int, of: int) -> None:
            if 2 * done > of:
                os.kill(os.getpid(), signal.SIGKILL)

        working._Watch.say = half  # type: ignore[assignment, method-assign]  # of the child only
        working.work()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WTERMSIG(status)


def draw(owner: User, document: Document) -> None:
    parent = document.head
    sent: list[appending.Sent] = []
    for number in range(STROKES):
        assert parent is not None
        x, y = number * 61 % 880, number * 37 % 680
        body = {"layer": opening.BASE, **BRUSH, "rgb": number * 1999}
        blob = path_of((x, y), (x + 60, y + 20))
        sent.append(appending.Sent(new_id(), parent, "stroke", "k1", body, blob))
        parent = sent[-1].uid
    assert document.head is not None
    head: UUID = sent[-1].uid
    appending.append(user=owner, document_id=document.pk, expected=document.head, head=head, operations=sent)
    document.refresh_from_db()


def work_and_die() -> int:
    """A child works until it has drawn the first row of tiles, and is killed there, as by the kernel."""
    child = os.fork()
    if child == 0:
        render = exporting.render

        def render_and_die(*arguments: Any) -> Any:
            def second_row(done: int, _of: int) -> None:
                if done:
                    os.kill(os.getpid(), signal.SIGKILL)

            return render(arguments[0], arguments[1], second_row)

        exporting.render = render_and_die  # type: ignore[assignment]  # of the child only
        working.work()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WTERMSIG(status)


if __name__ == "__main__":
    {"order": order, "film": film}.get("".join(sys.argv[1:]), main)()

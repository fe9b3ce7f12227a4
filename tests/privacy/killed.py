"""A worker that is killed in the middle of a copy, at a step that is named, and the one that goes on; one JSON line.

``python -m tests.privacy.killed STEP``, with an empty database in DATABASE_URL and a folder in IMAGE2_HOME (or S3).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from generation.files import storing, sweeping  # noqa: E402
from generation.models import File, Upload  # noqa: E402
from image2.lib.storage import pieces  # noqa: E402
from privacy.export import housekeeping, making, plan, queue  # noqa: E402
from privacy.models import Export, ExportDraft, ExportPart  # noqa: E402
from tests.privacy import copies  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402

UPLOADS = 12
EACH = 300_000
# Where the child is killed: the function, and at which of its calls. It is killed before the function, or after it.
STEPS: dict[str, tuple[Any, str, int, bool]] = {
    "planning": (plan, "draw_up", 1, True),
    "before the first part": (queue, "held", 2, False),
    "a part has a row and no bytes": (storing, "new_key", 2, True),
    "in a file": (storing, "copy", 3, False),
    "after a file": (storing, "copy", 3, True),
    "in a later part": (storing, "copy", 8, False),
    "a part is stored and has no row": (ExportPart.objects, "create", 2, False),
    "a part has its row": (making._Turn, "_new_part", 2, False),
    "pausing": (making._Turn, "_pause", 1, False),
    "the last part is stored and has no row": (queue, "finish", 1, False),
}


def main(step: str) -> None:
    """Make things, order a copy, be killed, sweep, go on, clean up."""
    have_tables()
    owner = User.objects.create_user("alice@example.org", name="Alice")
    for number in range(UPLOADS):
        an_upload(owner, number)
    settings.EXPORT_PART_BYTES = 5 * EACH
    Export.objects.create(user=owner)
    connection.close()
    after: dict[str, Any] = {"signal": work_and_die(*STEPS[step])}
    before = set(ExportPart.objects.values_list("key", flat=True))
    Export.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    housekeeping.sweep()
    after["swept"] = list(Export.objects.values_list("state", "attempts"))
    while making.work():
        pass
    export = Export.objects.get()
    after["state"] = export.state
    after["parts kept"] = before <= set(ExportPart.objects.values_list("key", flat=True))
    after["parts before"] = len(before)
    found = copies.files(export)
    after["uploads"] = sum(path.startswith("uploads/") for path in found)
    after["README"] = "README.txt" in found
    housekeeping.sweep()
    sweeping.delete_due()
    after["drafts"] = ExportDraft.objects.count()
    # What was stored and never got its row is left to the sweep of unreferenced objects, a day later.
    sweeping.sweep_everything(timedelta(hours=-2))
    sweeping.delete_due()
    after["left over"] = sorted(leftovers() - set(ExportPart.objects.values_list("key", flat=True)))
    sys.stdout.write(json.dumps(after) + "\n")


def an_upload(owner: User, number: int) -> None:
    upload = Upload.objects.create(owner=owner, name=f"{number}.png", width=8, height=8)
    content = number.to_bytes(2, "big") * (EACH // 2)
    stored = storing.store(content, kind="master", attempt="test", suffix="png")
    File.objects.create(
        upload=upload,
        role=File.Role.MASTER,
        format="png",
        key=stored.key,
        sha256=stored.sha256,
        bytes=stored.bytes,
        width=8,
        height=8,
    )


def work_and_die(owner: Any, name: str, call: int, is_after: bool) -> int:
    """Work in a child that is killed, as by the kernel, at this call of a function."""
    child = os.fork()
    if child == 0:
        if name == "_pause":
            making.TURN_SECONDS = 0.0  # type: ignore[misc]  # of the child only
        setattr(owner, name, deadly(getattr(owner, name), call, is_after=is_after))
        while making.work():
            pass
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WTERMSIG(status)


def deadly(function: Callable[..., Any], call: int, *, is_after: bool) -> Callable[..., Any]:
    calls = 0

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and not is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = function(*arguments, **named)
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return counted


def leftovers() -> set[str]:
    """Return every object of copies, and pieces of unfinished ones."""
    if not settings.S3_BUCKET:
        folder = Path(settings.HOME / "files")
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        return {name for name in files if name.startswith("export/") or pieces.PART_SUFFIX in name}
    client = default_storage.connection.meta.client  # type: ignore[attr-defined]  # S3's
    listed = client.list_objects_v2(Bucket=settings.S3_BUCKET, Prefix="export/").get("Contents", [])
    begun = client.list_multipart_uploads(Bucket=settings.S3_BUCKET).get("Uploads", [])
    return {each["Key"] for each in (*listed, *begun)}


if __name__ == "__main__":
    main(sys.argv[1])

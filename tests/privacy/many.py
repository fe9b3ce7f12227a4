"""A copy of very many pictures, in a process whose memory is measured; one JSON line.

``python -m tests.privacy.many PICTURES [FILES_OF_A_PART]``, with an empty database in DATABASE_URL and a folder in
IMAGE2_HOME. Every picture's file is the same small one by another name.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db.models import Count, Sum  # noqa: E402

from accounts.models import User  # noqa: E402
from generation.files import storing  # noqa: E402
from generation.models import File, Picture  # noqa: E402
from privacy.export import making, zips  # noqa: E402
from privacy.models import Export  # noqa: E402
from tests.generation.files.conftest import a_master, a_recipe  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402

_BATCH = 500


def main(count: int) -> None:
    """Make the pictures and their copy."""
    have_tables()
    owner = User.objects.create_user("alice@example.org", name="Alice")
    make_pictures(owner, count)
    Export.objects.create(user=owner)
    before, began, turns = peak(), time.monotonic(), 0
    while making.work():
        turns += 1
    export = Export.objects.get()
    parts = export.parts.aggregate(parts=Count("pk"), files=Sum("files"), bytes=Sum("bytes"))
    after = {
        "state": export.state,
        "sentence": export.sentence,
        "done": export.done,
        "of": export.of,
        **parts,
    }
    after |= {"turns": turns, "seconds": round(time.monotonic() - began, 1), "grown_mb": peak() - before}
    sys.stdout.write(json.dumps(after) + "\n")


def make_pictures(owner: User, count: int) -> None:
    recipe = a_recipe()
    content = a_master(recipe)
    digest = hashlib.sha256(content).hexdigest()
    folder = settings.HOME / "files"
    first = folder / storing.store(content, kind="master", attempt="first", suffix="png").key
    for begin in range(0, count, _BATCH):
        some = [
            Picture(
                owner=owner, recipe=recipe, prompt="a boat", model="bundled", width=256, height=192, index=n
            )
            for n in range(begin, min(begin + _BATCH, count))
        ]
        Picture.objects.bulk_create(some)
        files = []
        for picture in some:
            key = f"master/20260101/00/{picture.pk}.png"
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).hardlink_to(first)
            files.append(
                File(
                    picture=picture,
                    role=File.Role.MASTER,
                    variant=File.PLAIN,
                    format="png",
                    key=key,
                    sha256=digest,
                    bytes=len(content),
                    width=256,
                    height=192,
                )
            )
        File.objects.bulk_create(files)


def peak() -> int:
    """Return the most memory that this process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    if sys.argv[2:]:
        zips.MOST_FILES = int(sys.argv[2])  # type: ignore[misc]
    main(int(sys.argv[1]))

"""What a start needs before anything serves: the tables, and the hashed static files."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command


def main() -> None:
    """Migrate, and collect the static files unless they are the ones that were collected last."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")
    django.setup()
    call_command("check")  # a site that can not be loaded says so once, here
    call_command("migrate", interactive=False, verbosity=0)
    marker = Path(settings.STATIC_ROOT) / ".collected"
    present = static_digest([Path(folder) for folder in settings.STATICFILES_DIRS])
    if not marker.exists() or marker.read_text() != present:
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(present)


def static_digest(folders: list[Path]) -> str:
    """Return a digest of every static source file's name, size and time, and of the packages that bring their own."""
    digest = hashlib.sha256()
    digest.update(sys.version.encode())
    constraints = Path(__file__).resolve().parent.parent / "constraints.txt"
    for path in [constraints, *sorted(p for folder in folders for p in folder.rglob("*") if p.is_file())]:
        facts = path.stat()
        digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()

"""What a start needs before anything serves: the tables, the bucket, and the hashed static files."""

from __future__ import annotations

import importlib
import io
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import CommandError, call_command

from image2.lib.http.nameless_uploads import delete_left_behind
from image2.prepared import remember, static_digest


def main() -> None:
    """Check the settings, migrate, delete uploads that were interrupted, and make what the storage needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")
    django.setup()
    # A site that can't be loaded fails here, once.
    call_command("check", stdout=io.StringIO())
    call_command("migrate", interactive=False, verbosity=0)
    delete_left_behind(Path(settings.FILE_UPLOAD_TEMP_DIR))
    if os.environ.get("S3_CREATE_BUCKET", "") in ("1", "true", "yes"):
        # Loaded by name: boto3 takes half a second, and only a site on S3 needs it.
        importlib.import_module("image2.lib.storage.bucket").create()
    _compare_erasures()
    collect_static_files()
    remember(Path(settings.HOME))


def _compare_erasures() -> None:
    """Close whoever was erased and came back with a backup, before anything serves. The beat compares again."""
    try:
        call_command("erasures", "replay", stdout=io.StringIO())
    except CommandError as error:
        sys.stderr.write(f"{error}\n")


def collect_static_files() -> None:
    """Collect the static files unless they are the ones that were collected last."""
    marker = Path(settings.STATIC_ROOT) / ".collected"
    # A folder, or a pair of what its files are put under and the folder.
    folders = [Path(str(each[1] if isinstance(each, tuple) else each)) for each in settings.STATICFILES_DIRS]
    present = static_digest(folders)
    if not marker.exists() or marker.read_text() != present:
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(present)


if __name__ == "__main__":
    main()

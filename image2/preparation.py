"""What a start needs before anything serves: the tables, and the hashed static files."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path

import django
from botocore.exceptions import ClientError
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from storages.backends.s3 import S3Storage


def main() -> None:
    """Check the settings, migrate, and make what the storage needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")
    django.setup()
    call_command("check", stdout=io.StringIO())  # a site that can not be loaded says so once, here
    call_command("migrate", interactive=False, verbosity=0)
    if os.environ.get("S3_CREATE_BUCKET", "") in ("1", "true", "yes"):
        create_bucket()
    collect_static_files()


def create_bucket() -> None:
    """Make the bucket of the storage unless it is there; a private one, as S3 makes them."""
    if not isinstance(default_storage, S3Storage):
        raise SystemExit("S3_CREATE_BUCKET is set, but S3_BUCKET is not")
    client = default_storage.connection.meta.client
    try:
        client.head_bucket(Bucket=settings.S3_BUCKET)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        client.create_bucket(Bucket=settings.S3_BUCKET)


def collect_static_files() -> None:
    """Collect the static files unless they are the ones that were collected last."""
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
    for path in [
        constraints,
        constraints.parent / "image2/lib/static_files.py",
        *sorted(p for folder in folders for p in folder.rglob("*") if p.is_file()),
    ]:
        facts = path.stat()
        digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()

"""Create the bucket of a store that the site owns, as in docker-compose.yml; elsewhere the operator does."""

from __future__ import annotations

from botocore.exceptions import ClientError
from django.conf import settings
from django.core.files.storage import default_storage
from storages.backends.s3 import S3Storage


def create() -> None:
    """Create the default storage's bucket unless it exists; buckets are private by default."""
    if not isinstance(default_storage, S3Storage):
        raise SystemExit("S3_CREATE_BUCKET is set, but S3_BUCKET is not")
    client = default_storage.connection.meta.client
    try:
        client.head_bucket(Bucket=settings.S3_BUCKET)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        client.create_bucket(Bucket=settings.S3_BUCKET)

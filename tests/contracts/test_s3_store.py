"""What the site relies on an S3 store for, asked of the store that the tests use."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.s3 import S3

PICTURE = b"not really a picture"


@pytest.fixture
def client(s3: S3, s3_bucket: str) -> Any:
    """A client whose bucket holds one object."""
    client = s3.client()
    client.put_object(Bucket=s3_bucket, Key="pictures/boat.png", Body=PICTURE)
    return client


def presigned(client: Any, bucket: str, **options: Any) -> str:
    """Return a link to the object, valid for a minute."""
    parameters = {"Bucket": bucket, "Key": "pictures/boat.png", **options.pop("parameters", {})}
    link: str = client.generate_presigned_url("get_object", parameters, **{"ExpiresIn": 60, **options})
    return link


def status_of(link: str, **options: Any) -> int:
    """Return the status that the store answers with."""
    try:
        with urllib.request.urlopen(urllib.request.Request(link, **options)) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_presigned_link_serves_the_object_with_the_signed_headers(client: Any, s3_bucket: str) -> None:
    fixed = {
        "ResponseContentType": "image/png",
        "ResponseContentDisposition": 'attachment; filename="boat.png"',
    }
    with urllib.request.urlopen(presigned(client, s3_bucket, parameters=fixed)) as response:
        assert response.read() == PICTURE
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["Content-Disposition"] == 'attachment; filename="boat.png"'


def test_a_link_for_another_object_is_refused(client: Any, s3_bucket: str) -> None:
    client.put_object(Bucket=s3_bucket, Key="pictures/coat.png", Body=b"private")
    assert status_of(presigned(client, s3_bucket).replace("boat.png", "coat.png")) == 403


def test_a_changed_header_wish_is_refused(client: Any, s3_bucket: str) -> None:
    link = presigned(client, s3_bucket, parameters={"ResponseContentType": "image/png"})
    assert status_of(link.replace("image%2Fpng", "text%2Fhtml")) == 403


def test_a_changed_signature_is_refused(client: Any, s3_bucket: str) -> None:
    link = presigned(client, s3_bucket)
    assert status_of(link[:-1] + ("0" if link[-1] != "0" else "1")) == 403


def test_an_expired_link_is_refused(client: Any, s3_bucket: str) -> None:
    link = presigned(client, s3_bucket, ExpiresIn=1)
    assert status_of(link) == 200
    time.sleep(2.1)
    assert status_of(link) == 403


def test_a_link_cannot_be_used_for_another_method(client: Any, s3_bucket: str) -> None:
    assert status_of(presigned(client, s3_bucket), method="PUT", data=b"mine now") == 403
    assert status_of(presigned(client, s3_bucket)) == 200


def test_a_wrong_secret_is_refused(s3: S3, s3_bucket: str) -> None:
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        s3.client(secret="wrong").list_objects_v2(Bucket=s3_bucket)


def test_without_a_signature_nothing_is_served(client: Any, s3: S3, s3_bucket: str) -> None:
    assert status_of(f"{s3.endpoint}/{s3_bucket}/pictures/boat.png") in (400, 401, 403)


def test_a_presigned_upload_stores_the_object(client: Any, s3_bucket: str) -> None:
    link = client.generate_presigned_url("put_object", {"Bucket": s3_bucket, "Key": "up.bin"}, ExpiresIn=60)
    assert status_of(link, method="PUT", data=b"sent") == 200
    assert client.get_object(Bucket=s3_bucket, Key="up.bin")["Body"].read() == b"sent"


def test_a_big_object_goes_up_in_parts_and_comes_back_whole(client: Any, s3_bucket: str) -> None:
    # Above eight million bytes boto3 sends parts: a 4K picture's PNG does so.
    body = bytes(range(256)) * 80_000
    client.upload_fileobj(BytesIO(body), s3_bucket, "big.png")
    assert client.get_object(Bucket=s3_bucket, Key="big.png")["Body"].read() == body
    part = client.get_object(Bucket=s3_bucket, Key="big.png", Range="bytes=1000-1003")["Body"].read()
    assert part == body[1000:1004]


def test_a_deleted_object_is_gone(client: Any, s3_bucket: str) -> None:
    client.delete_object(Bucket=s3_bucket, Key="pictures/boat.png")
    with pytest.raises(ClientError, match="404"):
        client.head_object(Bucket=s3_bucket, Key="pictures/boat.png")

"""Where links to private S3 objects point, for the Content-Security-Policy (imported by the settings: no Django)."""

from __future__ import annotations

from urllib.parse import urlsplit


def s3_origin(*, endpoint_url: str, bucket: str, region: str, addressing_style: str) -> str:
    """Return scheme and host of the links that pictures are loaded from."""
    address = urlsplit(endpoint_url or f"https://s3.{region}.amazonaws.com")
    host = f"{bucket}.{address.netloc}" if addressing_style == "virtual" else address.netloc
    return f"{address.scheme}://{host}"

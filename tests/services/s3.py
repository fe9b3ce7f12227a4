"""A private S3 store over HTTP that checks signatures: OpenStack Swift's s3api, everything in memory."""

from __future__ import annotations

import contextlib
import itertools
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.services.processes import free_port, listens, start, stop, wait_for_server

ACCESS_KEY = "image2:tests"


@dataclass
class S3:
    """A running store."""

    folder: Path
    endpoint: str
    secret: str
    process: subprocess.Popen[bytes]
    access_key: str = ACCESS_KEY
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    def start(cls) -> S3:
        """Start a store at a free loopback port."""
        folder, port, secret = Path(tempfile.mkdtemp(prefix="i2s3-")), free_port(), secrets.token_hex(20)
        log = folder / "log"
        program = [sys.executable, "-W", "ignore", "-m", "tests.services.swift_store"]
        process = start([*program, str(folder), str(port), ACCESS_KEY, secret], log=log)
        wait_for_server(process, lambda: listens(port), log)
        return cls(folder, f"http://127.0.0.1:{port}", secret, process)

    def client(self, *, secret: str = "") -> Any:
        """Return boto3's client of this store; another secret makes one that must be refused."""
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=secret or self.secret,
            config=config,
        )

    def new_bucket(self) -> str:
        """Make an empty bucket and return its name."""
        name = f"bucket-{next(self._numbers)}"
        with contextlib.closing(self.client()) as client:  # an open socket would be a warning of a later test
            client.create_bucket(Bucket=name)
        return name

    def environment(self, bucket: str) -> dict[str, str]:
        """Return the variables that point the site at this bucket."""
        return {
            "S3_BUCKET": bucket,
            "S3_ENDPOINT_URL": self.endpoint,
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY_ID": self.access_key,
            "S3_SECRET_ACCESS_KEY": self.secret,
            "CSP_IMG_SRC": self.endpoint,
        }

    def stop(self) -> None:
        """End the store; what was in it is gone."""
        stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

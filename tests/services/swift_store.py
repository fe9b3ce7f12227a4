"""The program of the S3 store: OpenStack Swift's proxy, account, container and object servers in one process.

Run as ``python -m tests.services.swift_store FOLDER PORT USER SECRET [HOST]``. It imports nothing of the site: Swift
needs eventlet, which patches the standard library under everything else.
"""

# ruff: noqa: E402  (eventlet patches before anything is imported)

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import logging
import socket
import sys
from pathlib import Path
from typing import Any

from eventlet import wsgi
from swift.account.server import AccountController
from swift.common import utils
from swift.common.ring import RingData
from swift.common.wsgi import ConfigString, SwiftHttpProtocol, loadapp
from swift.container.server import ContainerController
from swift.obj.mem_server import ObjectController

PIPELINE = """
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth copy slo dlo symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
node_timeout = 30
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
paste.filter_factory = tests.services.swift_store:cache_in_memory
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
min_segment_size = 1
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
user_{account}_next = {secret}-next .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:symlink]
use = egg:swift#symlink
"""


def main(folder: Path, port: int, access_key: str, secret: str, host: str = "127.0.0.1") -> None:
    """Serve until the process is ended; ``/health`` answers to anybody."""
    logging.basicConfig(level=logging.WARNING)
    utils.HASH_PATH_SUFFIX = b"tests"
    account, user = access_key.split(":")
    (folder / "devices" / "sda").mkdir(parents=True)
    conf = {"devices": str(folder / "devices"), "mount_check": "false", "swift_dir": str(folder)}
    servers = {"account": AccountController, "container": ContainerController, "object": ObjectController}
    for name, controller in servers.items():
        listener = eventlet.listen(("127.0.0.1", 0))
        write_ring(folder / f"{name}.ring.gz", listener.getsockname()[1])
        spawn(listener, controller(conf))
    app = loadapp(ConfigString(PIPELINE.format(folder=folder, account=account, user=user, secret=secret)))
    spawn(eventlet.listen((host, port)), with_health(app)).wait()


def with_health(app: Any) -> Any:
    """Answer ``/health`` beside an application, as versitygw does with ``--health /health``."""

    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/health":
            return app(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"OK"]

    return serve


def spawn(listener: socket.socket, app: Any) -> Any:
    """Serve an application in a green thread."""
    quiet = logging.getLogger("quiet")
    quiet.setLevel(logging.CRITICAL)
    return eventlet.spawn(wsgi.server, listener, app, quiet, protocol=SwiftHttpProtocol, log_output=False)


def write_ring(path: Path, port: int) -> None:
    """Write the ring file that says: everything lies on the one device of the one server."""
    device = {
        "id": 0,
        "zone": 0,
        "region": 1,
        "ip": "127.0.0.1",
        "port": port,
        "device": "sda",
        "weight": 1.0,
    }
    RingData(
        [[0]], [{**device, "replication_ip": "127.0.0.1", "replication_port": port, "meta": ""}], 32
    ).save(str(path))


class MemoryCache:
    """What Swift asks of memcached, for one process."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def get(self, key: str, **_options: Any) -> Any:
        return self._values.get(key)

    def set(self, key: str, value: Any, **_options: Any) -> None:
        self._values[key] = value

    def incr(self, key: str, delta: int = 1, **_options: Any) -> int:
        self._values[key] = self._values.get(key, 0) + delta
        return int(self._values[key])

    def delete(self, key: str, **_options: Any) -> None:
        self._values.pop(key, None)


def cache_in_memory(_global_conf: dict[str, str], **_conf: str) -> Any:
    """Return the filter that puts the cache where Swift's other filters look for it."""
    cache = MemoryCache()

    def filter_app(app: Any) -> Any:
        def serve(environ: dict[str, Any], start_response: Any) -> Any:
            environ["swift.cache"] = cache
            return app(environ, start_response)

        return serve

    return filter_app


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], *sys.argv[5:6])

"""kombu's transport over a folder, which survives a deleted folder and partial or broken messages in it.

Deleting the folder loses the messages in it and nothing more: each only says that there is work.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.json import dumps, loads

from image2.lib.ids import new_id

log = structlog.get_logger(__name__)

# A process killed while writing or reading leaves a file that nobody reads; it is deleted after this long.
LEFT_BEHIND_SECONDS = 3600
# How many broken messages are kept for the operator to look at.
BROKEN_KEPT = 20
_PARTIAL, _TAKEN = ".partial", ".taken"


class Channel(filesystem.Channel):
    """Makes its folders again when they are missing, and needs no table of routes for a lane.

    With kombu's own channel, a worker stops with an error when the folder is missing, or when it meets a message that
    is still being written or is broken; a sender that has already declared its queue sends into nothing, since the
    table it was declared in is gone too. Here a file gets its name when it is whole, and is taken by one rename.
    """

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message that can be read; put the others aside."""
        for name in self._names():
            if _queue_of(name) == queue:
                message = self._take(self._inbox / name)
                if message is not None:
                    return message
            elif name.endswith((_PARTIAL, _TAKEN)):
                _delete_when_old(self._inbox / name)
        raise Empty

    def _put(self, queue: str, payload: dict[str, Any], **_kwargs: Any) -> None:  # type: ignore[override]  # so is kombu's
        """Write under a name that nobody reads, then rename: a reader sees the whole message or none."""
        self._make_folders()
        folder = Path(self.data_folder_out)
        # The time comes first, so that the oldest is taken first.
        stem = f"{time.time_ns() // 1_000_000:015d}_{new_id()}"
        try:
            _write_whole(folder / f"{stem}.{queue}.msg", folder / f"{stem}{_PARTIAL}", dumps(payload))
        except OSError as error:
            raise ChannelError(f"cannot add a message to {folder}: {error}") from error

    def _size(self, queue: str) -> int:
        return sum(_queue_of(name) == queue for name in self._names())

    def _purge(self, queue: str) -> int:
        waiting = [name for name in self._names() if _queue_of(name) == queue]
        for name in waiting:
            (self._inbox / name).unlink(missing_ok=True)
        return len(waiting)

    def _take(self, path: Path) -> Any:
        """Return a message that is ours alone from now on; None when another process took it, or it is broken."""
        taken = path.with_name(f"{path.name}{_TAKEN}")
        try:
            path.rename(taken)
        except OSError:
            return None
        try:
            message = loads(taken.read_text("utf-8"))
            self.message_to_python(message)  # what the worker does with it next, and would end by
        except Exception as error:  # noqa: BLE001  (whatever is wrong with it, the worker continues)
            self._put_aside(taken, path.name, error)
            return None
        taken.unlink(missing_ok=True)
        return message

    def _put_aside(self, taken: Path, name: str, why: Exception) -> None:
        """Keep a broken message where no worker looks, the newest few of them."""
        # It may contain a person's words: only the file's name and the kind of error are logged.
        log.error("broker.broken_message", file=name, error=type(why).__name__)
        folder = self._inbox.with_name("broken")
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            taken.rename(folder / name)
            for old in sorted(folder.iterdir())[:-BROKEN_KEPT]:
                old.unlink(missing_ok=True)
        except OSError:
            log.warning("broker.broken_message_stays", file=taken.name, exc_info=True)

    @property
    def _inbox(self) -> Path:
        return Path(self.data_folder_in)

    def _names(self) -> list[str]:
        """Return the names of all files, oldest message first."""
        try:
            return sorted(os.listdir(self.data_folder_in))  # noqa: PTH208  (names alone: this is asked ten times a second)
        except FileNotFoundError:
            self._make_folders()
            return []

    def _make_folders(self) -> None:
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    # --- the table of routes, which Celery's remote control needs alone ----------------------------------------------

    def get_table(self, exchange: str) -> list[Any]:
        file = self._table_of(exchange)
        try:
            return [exchange_queue_t(*route) for route in loads(file.read_text("utf-8"))]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            log.error("broker.broken_table", file=file.name, error=type(error).__name__)
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        route = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda routes: routes if route in routes else [route, *routes])

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str | None, *_args: Any, **_kwargs: Any
    ) -> None:
        self._purge(queue)
        route = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda routes: [each for each in routes if each != route])

    def _change_table(self, exchange: str, change: Callable[[list[Any]], list[Any]]) -> None:
        """Read, change and replace a table while nobody else does; readers see the old one or the new one."""
        self._make_folders()
        file = self._table_of(exchange)
        try:
            with file.with_name(f"{file.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                before = self.get_table(exchange)
                after = change(before)
                if after != before:
                    _write_whole(file, file.with_name(f"{file.name}{_PARTIAL}"), dumps(after))
        except OSError as error:
            raise ChannelError(f"cannot change {file}: {error}") from error

    def _table_of(self, exchange: str) -> Path:
        """Return the table's file. Raises ChannelError when the name can't be a file name."""
        file: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]  # kombu's, which the stubs don't have
        return file

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str] | set[str]:
        # A lane's exchange, routing key and queue have one name, so the way is known without the table.
        return [routing_key] if exchange == routing_key else super()._lookup(exchange, routing_key, default)


class Transport(filesystem.Transport):
    Channel = Channel


def _queue_of(name: str) -> str:
    """Return whom a file is for: ``<time>_<id>.<queue>.msg``; nobody when it is no whole message."""
    queue, _, ending = name.partition(".")[2].rpartition(".")
    return queue if ending == "msg" else ""


def _write_whole(path: Path, partial: Path, text: str) -> None:
    try:
        partial.write_text(text, "utf-8")
        partial.rename(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _delete_when_old(path: Path) -> None:
    try:
        # When it got this name, not when it was written: a message may have waited long before it was taken.
        if time.time() - path.stat().st_ctime > LEFT_BEHIND_SECONDS:
            path.unlink()
    except OSError:
        return  # gone in the meantime

"""kombu's transport over a folder, made to outlive the folder: who deletes it loses the bells in it, nothing more."""

from __future__ import annotations

from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem


class Channel(filesystem.Channel):
    """Makes its folders again when they are missing, and needs no table of routes.

    As it comes, a worker ends with an error when it looks into a folder that is gone, and a sender that has declared
    its queue already sends into nothing, since the table it declared it in is gone too.
    """

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        try:
            return super()._get(queue)
        except FileNotFoundError:
            self._make_folders()
            raise Empty from None

    def _size(self, queue: str) -> int:
        self._make_folders()
        return int(super()._size(queue))

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]  # so is kombu's
        self._make_folders()
        super()._put(queue, payload, **kwargs)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        self._make_folders()
        super()._queue_bind(exchange, routing_key, pattern, queue)

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str] | set[str]:
        # A lane's exchange, routing key and queue have one name, so the way is known without the table.
        return [routing_key] if exchange == routing_key else super()._lookup(exchange, routing_key, default)

    def _make_folders(self) -> None:
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


class Transport(filesystem.Transport):
    Channel = Channel

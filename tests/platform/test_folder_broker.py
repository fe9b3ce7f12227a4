"""The broker without a server: its folder may vanish at any moment."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection, Message, Queue

LANE = Queue("gpu", exchange="gpu", routing_key="gpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "broker"


@pytest.fixture
def connection(folder: Path) -> Iterator[Connection]:
    options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.02,
    }
    with Connection(
        "filesystem://", transport="image2.lib.folder_broker:Transport", transport_options=options
    ) as made:
        yield made


def receive(connection: Connection) -> list[str]:
    heard: list[str] = []

    def hear(body: str, message: Message) -> None:
        heard.append(body)
        message.ack()

    queue = LANE.bind(connection.default_channel)
    with connection.Consumer([queue], callbacks=[hear]), contextlib.suppress(TimeoutError):
        connection.drain_events(timeout=1)
    return heard


def test_a_bell_goes_through_the_folder(connection: Connection) -> None:
    with connection.Producer() as producer:
        producer.publish("ding", exchange=LANE.exchange, routing_key="gpu", declare=[LANE])
    assert receive(connection) == ["ding"]


def test_a_listener_outlives_its_folder(connection: Connection, folder: Path) -> None:
    assert receive(connection) == []
    shutil.rmtree(folder)
    assert receive(connection) == []
    assert (folder / "messages").is_dir()


def test_a_sender_that_declared_its_queue_before_is_heard_after_the_folder_was_deleted(
    connection: Connection, folder: Path
) -> None:
    with connection.Producer() as producer:
        producer.publish("lost", exchange=LANE.exchange, routing_key="gpu", declare=[LANE])
        shutil.rmtree(folder)
        producer.publish("heard", exchange=LANE.exchange, routing_key="gpu", declare=[LANE])
    assert receive(connection) == ["heard"]

"""The broker without a server: its folder may vanish at any moment, and anything may lie in it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from kombu import Connection, Message, Queue
from kombu.exceptions import ChannelError
from kombu.transport.filesystem import exchange_queue_t

from image2.celery import app
from image2.lib import folder_broker
from tests.services import processes

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


def test_the_site_sends_and_receives_by_this_transport() -> None:
    for connection in (app.connection_for_write(), app.connection_for_read()):
        with connection:
            assert isinstance(connection.transport, folder_broker.Transport)
            assert isinstance(connection.default_channel, folder_broker.Channel)


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


def publish(connection: Connection, *words: str) -> None:
    with connection.Producer() as producer:
        for word in words:
            producer.publish(word, exchange=LANE.exchange, routing_key="gpu", declare=[LANE])


def whole(folder: Path) -> bytes:
    """A message as it lies in the folder."""
    (file,) = (folder / "messages").glob("*.gpu.msg")
    data = file.read_bytes()
    file.unlink()
    return data


def test_messages_are_taken_in_the_order_in_which_they_were_written(connection: Connection) -> None:
    publish(connection, "first", "second", "third")
    assert [receive(connection)[0] for _each in range(3)] == ["first", "second", "third"]


def test_a_message_that_is_still_being_written_is_left_alone(connection: Connection, folder: Path) -> None:
    publish(connection, "later")
    data = whole(folder)
    partial = folder / "messages" / "000_1.partial"
    partial.write_bytes(data[: len(data) // 2])
    assert receive(connection) == []
    partial.write_bytes(data)
    partial.rename(partial.with_name("000_1.gpu.msg"))
    assert receive(connection) == ["later"]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data + b"}",
        lambda data: b"\xff\xfe" + data,
        lambda data: b"null",
        lambda data: b"[]",
        lambda data: b"{}",
        lambda data: b"[" * 100_000,
        lambda data: json.dumps({**json.loads(data), "body": "not base64!"}).encode(),
        lambda data: json.dumps({**json.loads(data), "properties": None}).encode(),
        lambda data: json.dumps({**json.loads(data), "properties": {}}).encode(),
    ],
    ids=[
        *("empty", "half", "too much", "no text", "null", "a list", "an empty object"),
        *("nested too deep", "no body", "no properties", "empty properties"),
    ],
)
def test_a_broken_message_is_put_aside_and_the_next_one_is_taken(
    connection: Connection, folder: Path, change: object
) -> None:
    publish(connection, "lost")
    broken = change(whole(folder))  # type: ignore[operator]
    (folder / "messages" / "000_1.gpu.msg").write_bytes(broken)
    publish(connection, "heard")
    with structlog.testing.capture_logs() as logs:
        assert receive(connection) == ["heard"]
    assert [line["event"] for line in logs] == ["broker.broken_message"]
    assert [file.name for file in (folder / "broken").iterdir()] == ["000_1.gpu.msg"]
    assert list((folder / "messages").iterdir()) == []


def test_a_folder_in_the_place_of_a_message_is_put_aside(connection: Connection, folder: Path) -> None:
    publish(connection, "heard")
    (folder / "messages" / "000_1.gpu.msg").mkdir()
    assert receive(connection) == ["heard"]
    assert (folder / "broken" / "000_1.gpu.msg").is_dir()


@pytest.mark.long
def test_only_the_newest_broken_messages_are_kept(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_broker, "BROKEN_KEPT", 3)
    assert receive(connection) == []
    for number in range(5):
        (folder / "messages" / f"00{number}_1.gpu.msg").write_text("{")
    assert receive(connection) == []
    assert sorted(file.name[:3] for file in (folder / "broken").iterdir()) == ["002", "003", "004"]


@pytest.mark.long
def test_what_killed_processes_left_behind_is_deleted_after_a_while(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert receive(connection) == []
    for name in ("000_1.partial", "000_2.gpu.msg.taken"):
        (folder / "messages" / name).write_text("{")
    assert receive(connection) == []
    assert len(list((folder / "messages").iterdir())) == 2
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + folder_broker.LEFT_BEHIND_SECONDS + 60)
    assert receive(connection) == []
    assert list((folder / "messages").iterdir()) == []


@pytest.mark.parametrize("text", ["", "[[", "null", '[["only"]]', '{"a": 1}'])
def test_a_broken_table_of_routes_counts_as_empty_and_is_rewritten(
    connection: Connection, folder: Path, text: str
) -> None:
    channel: Any = connection.default_channel
    channel._queue_bind("reply", "a", None, "gpu")
    assert channel.get_table("reply") == [exchange_queue_t("a", "", "gpu")]
    (folder / "control" / "reply.exchange").write_text(text)
    assert channel.get_table("reply") == []
    channel._queue_bind("reply", "b", None, "gpu")
    channel._queue_bind("reply", "c", None, "gpu")
    channel._delete("gpu", "reply", "b", None)
    assert channel.get_table("reply") == [exchange_queue_t("c", "", "gpu")]


def test_a_message_that_cannot_be_written_raises_at_the_sender_and_leaves_nothing(
    connection: Connection, folder: Path
) -> None:
    channel: Any = connection.default_channel
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (100, limits[1])
    )  # as a full disk: the write ends in the middle
    try:
        with pytest.raises(ChannelError, match="cannot add a message"):
            channel._put("gpu", {"body": "x" * 1000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list((folder / "messages").iterdir()) == []


_PROCESS = """
import sys
from kombu import Connection, Queue
folder, part, name = sys.argv[1:]
options = dict(data_folder_in=folder + "/messages", data_folder_out=folder + "/messages",
               control_folder=folder + "/control", polling_interval=0.01)
lane = Queue("gpu", exchange="gpu", routing_key="gpu")
connection = Connection("filesystem://", transport="image2.lib.folder_broker:Transport", transport_options=options)
if part == "write":
    with connection.Producer() as producer:
        for number in range(1_000_000):
            word = f"{name}-{number}"
            producer.publish(word + " " + "x" * 20_000, exchange=lane.exchange, routing_key="gpu", declare=[lane])
            print(word, flush=True)
else:
    def hear(body, message):
        message.ack()
        print(body.split()[0], flush=True)
    with connection.Consumer([lane.bind(connection.default_channel)], callbacks=[hear]):
        while True:
            connection.drain_events()
"""


def test_writers_that_are_killed_in_the_middle_and_broken_files_end_no_reader_and_lose_no_message(
    folder: Path, tmp_path: Path
) -> None:
    """Real processes: a message that was written is received once, even if other processes are killed."""

    def start(part: str, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", _PROCESS, str(folder), part, name]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        return processes.start(command, log=tmp_path / f"{part}-{name}", environment=environment)

    def said(part: str) -> list[str]:
        lines = (log.read_text().split("\n")[:-1] for log in tmp_path.glob(f"{part}-*"))
        return [line for lines_of_one in lines for line in lines_of_one]

    chance = random.Random(5)
    readers = [start("read", str(number)) for number in range(2)]
    try:
        for number in range(4):
            writer = start("write", str(number))
            processes.wait_until(
                lambda number=number: len([w for w in said("write") if w.startswith(f"{number}-")]) >= 20,  # type: ignore[misc]
                "a writer's messages",
            )
            time.sleep(chance.random() / 50)
            os.kill(writer.pid, signal.SIGKILL)
            writer.wait()
            for text in ("", "{", '{"body": 1}'):
                (folder / "messages" / f"000_{number}{len(text)}.gpu.msg").write_text(text)
        written = set(said("write"))
        assert len(written) >= 80
        processes.wait_until(lambda: written <= set(said("read")), "every message that was written")
        assert [reader.poll() for reader in readers] == [None, None]
        heard = said("read")
        assert len(heard) == len(set(heard))
        processes.wait_until(
            lambda: not list((folder / "messages").glob("*.msg")), "the broken ones to be put aside"
        )
    finally:
        for reader in readers:
            processes.stop(reader)

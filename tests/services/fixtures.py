"""The real services as fixtures: each is started when a test first asks for it, once in a test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.dovecot import Dovecot
from tests.services.postgresql import Postgresql
from tests.services.redis import Redis
from tests.services.s3 import S3


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """A private PostgreSQL; ``postgresql.new_database()`` returns the URL of an empty database."""
    server = Postgresql.start()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgresql: Postgresql) -> str:
    """The URL of a new, empty PostgreSQL database."""
    return postgresql.new_database()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A private Redis; ``redis_server.url(n)`` is one of its sixteen databases."""
    server = Redis.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """The URL of an empty Redis."""
    redis_server.empty()
    return redis_server.url()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A private S3 store that checks signatures: ``.endpoint .access_key .secret .client() .new_bucket()``."""
    store = S3.start()
    yield store
    store.stop()


@pytest.fixture
def s3_bucket(s3: S3) -> str:
    """A new, empty bucket of the store."""
    return s3.new_bucket()


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    """A private IMAP server with one mailbox."""
    server = Dovecot.start()
    yield server
    server.stop()


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    """An empty mailbox: ``.url``, ``.deliver(mail)``, ``.mails(folder)``."""
    dovecot_server.empty()
    return dovecot_server

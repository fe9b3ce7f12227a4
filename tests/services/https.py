"""A proxy that gives a site an HTTPS address, as an operator's own does: it says who asked, and by which scheme."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# What people send of these is not passed on.
OURS = (b"connection:", b"x-forwarded-proto:", b"x-forwarded-for:")
ADDED = b"Connection: close\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 127.0.0.1\r\n"


class Https:
    """Serves ``https://127.0.0.1:<free port>`` with a certificate of its own, from a thread.

    ``key_hash`` names the certificate's public key to Chromium, which then trusts it.
    """

    def __init__(self, port: int) -> None:
        """``port`` is where the site listens on the loopback address."""
        self._site = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="https")
        self._thread.start()
        context, self.key_hash = own_certificate()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self.url = f"https://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one request on, and its answer back."""
        async with closing(writer):
            head = await reader.readuntil(b"\r\n\r\n")
            site_reader, site_writer = await asyncio.open_connection("127.0.0.1", self._site)
            async with closing(site_writer):
                site_writer.write(with_our_words(head))
                sending = asyncio.ensure_future(copy(reader, site_writer))
                try:
                    await copy(site_reader, writer)
                finally:
                    sending.cancel()

    def close(self) -> None:
        """End the thread and every connection."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # Sockets are closed in the loop's next turn.
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close a connection whatever happens, the end of the proxy too; one that breaks off is no error here."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        try:
            yield
        except asyncio.CancelledError:
            # Nobody waits for the other side's farewell when the proxy ends.
            writer.transport.abort()
            raise
        finally:
            writer.close()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy bytes until there are no more."""
    with contextlib.suppress(OSError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()


def with_our_words(head: bytes) -> bytes:
    """The head of a request with what a proxy says in it; one request a connection, so that no other needs it."""
    lines = head.removesuffix(b"\r\n").splitlines(keepends=True)
    return b"".join(line for line in lines if not line.lower().startswith(OURS)) + ADDED + b"\r\n"


def own_certificate() -> tuple[ssl.SSLContext, str]:
    """A server's context with a certificate for 127.0.0.1 that only its own maker vouches for, and its key's hash."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context.load_cert_chain(file)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return context, base64.b64encode(hashlib.sha256(public).digest()).decode()

"""A mail as its bytes say it: bounded before it is parsed, and read without ever raising what a sender can cause.

The older of Python's two ways to read headers is used: the newer one takes very long over headers made for that.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from email.utils import parseaddr
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import validate_email

from privacy.support.inbound import words_of_html

# Of the lines that begin like the edge of a part, of all lines, and of the headers: far above any real mail.
_EDGES, _LINES, _HEAD = 2_000, 600_000, 128 * 1024
_MOST_PARTS: Final = 100
_MOST_TEXT: Final = 200_000
# Signatures of the mail itself: no file that somebody meant to send.
_SIGNATURES: Final = {
    *("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"),
    *("application/pgp-keys", "text/calendar", "text/x-vcard", "text/vcard"),
}
# Where a server writes the address that a mail was sent to.
_RECEIVERS: Final = ("Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To", "To", "Cc")
# Decoders that take far longer than they read.
_SLOW: Final = {"idna", "punycode"}


class Unreadable(Exception):
    """This isn't a mail that can be read within the limits."""


@dataclass(frozen=True, slots=True)
class Head:
    """The headers of a mail."""

    headers: Message

    def get(self, name: str) -> str:
        """Return a header in plain text, whatever its sender did to it; empty where there is none."""
        return _header(self.headers.get(name))

    @property
    def message_id(self) -> str:
        return self.get("Message-ID")[:500]

    @property
    def sender(self) -> str:
        """Return the address in From; empty where there is no proper one. Anybody can write any address there."""
        address = address_in(self.get("From"))
        try:
            validate_email(address)
        except ValidationError:
            return ""
        return address if len(address) <= 254 else ""

    @property
    def receivers(self) -> str:
        """Return every line that names an address the mail was sent to."""
        values = [value for name in _RECEIVERS for value in self.headers.get_all(name, [])[:20]]
        return "\n".join(_header(value) for value in values)


@dataclass(frozen=True, slots=True)
class Letter:
    head: Head
    text: str
    files: tuple[ContentFile[Any], ...]


def address_in(header: str) -> str:
    """Return the address in a header; empty where there is none, or where only nested comments are."""
    try:
        return parseaddr(header[:1000])[1]
    except RecursionError:
        return ""


def read_head(raw: bytes) -> Head:
    """Read the headers alone. Raises Unreadable."""
    try:
        return Head(BytesHeaderParser(policy=compat32).parsebytes(raw[:_HEAD]))
    except (ValueError, LookupError, RecursionError, TypeError) as error:
        raise Unreadable(type(error).__name__) from error


def read(raw: bytes) -> Letter:
    """Read a mail whose size was checked. Raises Unreadable."""
    end = min((at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0), default=len(raw))
    if end > _HEAD or raw.count(b"\n--") > _EDGES or raw.count(b"\n") > _LINES:
        raise Unreadable("too many headers, parts or lines")
    try:
        mail = BytesParser(policy=compat32).parsebytes(raw)
        parts = list(_leaves(mail))
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError) as error:
        raise Unreadable(type(error).__name__) from error
    if len(parts) > _MOST_PARTS:
        raise Unreadable("too many parts")
    texts = [part for part in parts if _is_text(part)]
    plain = [part for part in texts if part.get_content_type() == "text/plain"]
    html = [] if plain else [part for part in texts if part.get_content_type() == "text/html"]
    said = [_words(part) for part in plain] or [words_of_html.words(_words(part)) for part in html]
    files = tuple(
        ContentFile(_payload(part), name=_name(part))
        for part in parts
        if not _is_text(part) and part.get_content_type() not in _SIGNATURES
    )
    return Letter(Head(mail), clean("\n\n".join(said)), files)


def clean(text: str) -> str:
    """Return text as databases take it: no NUL, no half characters, lines that end alike."""
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    return whole.replace("\r\n", "\n").replace("\r", "\n").strip()


def _leaves(mail: Message) -> Iterator[Message]:
    """Yield the parts that hold something; a forwarded mail within the mail is one file."""
    waiting: list[Message] = [mail]
    while waiting:
        part = waiting.pop(0)
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting = [*payload, *waiting]
        else:
            yield part


def _is_text(part: Message) -> bool:
    is_file = bool(part.get_filename()) or _header(part.get("Content-Disposition")).lower().startswith(
        "attachment"
    )
    return part.get_content_type() in ("text/plain", "text/html") and not is_file


def _words(part: Message) -> str:
    content = _payload(part)[:_MOST_TEXT]
    try:
        name = codecs.lookup(part.get_content_charset() or "utf-8").name
        return content.decode("latin-1" if name in _SLOW else name, "replace")
    except (LookupError, ValueError):
        return content.decode("latin-1")


def _payload(part: Message) -> bytes:
    if part.is_multipart():  # a forwarded mail
        return b"mail"
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError):
        return b""
    return content if isinstance(content, bytes) else b""


def _name(part: Message) -> str:
    try:
        name = clean(_header(part.get_filename()))
    except (ValueError, LookupError, TypeError):
        name = ""
    return name[:200] or f"{part.get_content_maintype()}.{part.get_content_subtype()}"[:80]


def _header(value: object) -> str:
    if value is None:
        return ""
    try:
        return clean(str(make_header(decode_header(str(value)))))
    except (ValueError, LookupError, AssertionError, TypeError):
        return clean(str(value))

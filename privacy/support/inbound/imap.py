"""The mailbox over IMAP: mails are looked at without marking them, then removed or moved aside, one by one."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from privacy.support.inbound.account import Account

_SECONDS: Final = 30
_HEAD: Final = 64 * 1024


class Unavailable(Exception):
    """The server doesn't answer, or refuses; every mail is still where it was."""


class Session:
    """One connection, logged in, with the folder of the account open. Raises Unavailable from every method.

    The folder is a queue: what was dealt with leaves it. So nothing depends on flags, which mail programs change too.
    """

    def __init__(self, account: Account, *, aside: str) -> None:
        self._account, self._aside = account, aside
        self._server: imaplib.IMAP4

    def __enter__(self) -> Self:
        account = self._account
        try:
            if account.is_encrypted:
                # Python's own default here checks no certificate.
                self._server = imaplib.IMAP4_SSL(
                    account.host, account.port, ssl_context=ssl.create_default_context(), timeout=_SECONDS
                )
            else:
                self._server = imaplib.IMAP4(account.host, account.port, timeout=_SECONDS)
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unavailable(str(error)) from error
        try:
            self._ask(self._server.login, account.user, account.password)
            # What a server can do is often told only after the log-in.
            self._can = set(self._ask(self._server.capability)[0].decode("ascii", "replace").upper().split())
            self._ask(self._server.select, _quoted(account.folder))
        except BaseException:
            self._server.shutdown()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._server.logout()
        except (OSError, imaplib.IMAP4.error):
            self._server.shutdown()

    def waiting(self, most: int) -> list[str]:
        """Return the mails of the folder by number, oldest first."""
        found = self._ask(self._server.uid, "SEARCH", "UNDELETED")
        return [number.decode("ascii") for number in (found[0] or b"").split()[:most]]

    def size(self, number: str) -> int | None:
        """Return how many bytes a mail has; None when it is gone."""
        answer = self._ask(self._server.uid, "FETCH", number, "(RFC822.SIZE)")
        found = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(_plain(answer)))
        return int(found[1]) if found else None

    def head(self, number: str) -> bytes:
        """Return the headers of a mail, or the first 64 KB of them."""
        return self._content(number, f"(BODY.PEEK[HEADER]<0.{_HEAD}>)")

    def whole(self, number: str) -> bytes:
        """Return a mail; empty when it is gone."""
        return self._content(number, "(BODY.PEEK[])")

    def remove(self, number: str) -> None:
        """Delete a mail for good."""
        self._ask(self._server.uid, "STORE", number, "+FLAGS.SILENT", "(\\Deleted)")
        if "UIDPLUS" in self._can:
            self._ask(self._server.uid, "EXPUNGE", number)
        else:
            self._ask(self._server.expunge)

    def set_aside(self, number: str) -> None:
        """Move a mail to the folder of what isn't taken, for somebody to look at."""
        folder = _quoted(self._aside)
        self._server.create(folder)  # refused where it exists
        if "MOVE" in self._can:
            self._ask(self._server.uid, "MOVE", number, folder)
        else:
            self._ask(self._server.uid, "COPY", number, folder)
            self.remove(number)

    def _content(self, number: str, what: str) -> bytes:
        answer = self._ask(self._server.uid, "FETCH", number, what)
        return next((part[1] for part in answer if isinstance(part, tuple)), b"")

    def _ask(self, command: Any, *arguments: str) -> Sequence[Any]:
        try:
            said, answer = command(*arguments)
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unavailable(str(error)) from error
        if said != "OK":
            raise Unavailable(f"{command.__name__}: {said}")
        return answer  # type: ignore[no-any-return]  # imaplib has no types for it


def _plain(answer: Sequence[Any]) -> list[bytes]:
    return [part for part in answer if isinstance(part, bytes)]


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

"""A private Dovecot at a free loopback port: one person's mailbox in a folder of its own, nothing kept."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services.processes import free_port, listens, start, stop, wait_for_server

USER, PASSWORD = "support@example.test", "p@ss/word"
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
mail_location = maildir:{folder}/mail
mail_fsync = never
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A running server."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls) -> Dovecot:
        """Start a server; as root it runs as the user mail, since mailboxes of root are refused."""
        program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if not program:
            raise FileNotFoundError("dovecot is missing: the tests of inbound mail can't run without it")
        user = "mail" if os.geteuid() == 0 else getpass.getuser()
        entry = pwd.getpwnam(user)
        folder, port = Path(tempfile.mkdtemp(prefix="i2mail-")), free_port()
        config = folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                port=port,
                password=PASSWORD,
                user=user,
                group=grp.getgrgid(entry.pw_gid).gr_name,
                uid=entry.pw_uid,
                gid=entry.pw_gid,
            )
        )
        if os.geteuid() == 0:
            shutil.chown(folder, user, entry.pw_gid)
        log = folder / "output"
        process = start([program, "-F", "-c", str(config)], log=log, user=user if os.geteuid() == 0 else None)
        wait_for_server(process, lambda: listens(port), log)
        return cls(folder, port, process)

    @property
    def url(self) -> str:
        return f"imap://support%40example.test:p%40ss%2Fword@127.0.0.1:{self.port}/INBOX"

    def deliver(self, mail: bytes) -> None:
        """Put a mail into the mailbox."""
        with self._connection() as client:
            said, answer = client.append("INBOX", "", "", mail)
            assert said == "OK", answer

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """Return the mails of a folder, whole; none where there is no such folder."""
        with self._connection() as client:
            if client.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]

    def empty(self) -> None:
        """Delete everything."""
        with self._connection() as client:
            for folder in ("INBOX", "Not taken"):
                if client.select(f'"{folder}"')[0] != "OK":
                    continue
                for number in client.search(None, "ALL")[1][0].split():
                    client.store(number, "+FLAGS", "\\Deleted")
                client.expunge()

    def stop(self) -> None:
        """End the server and delete its folder."""
        stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _connection(self) -> Any:  # imaplib's types don't say what its answers hold
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.login(USER, PASSWORD)
        return client

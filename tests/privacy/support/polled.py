"""A poll of the mailbox, killed as by the kernel at each of its steps, and the one that goes on; one JSON line.

``python -m tests.privacy.support.polled PORT``, with an empty database in DATABASE_URL, a folder in IMAGE2_HOME and
the mailbox of a running server (tests/services/dovecot.py) in SUPPORT_IMAP_URL.
"""

from __future__ import annotations

import imaplib
import io
import json
import os
import sys
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

import django

django.setup()

from django.core.files.storage import default_storage  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from PIL import Image  # noqa: E402

from accounts.models import User  # noqa: E402
from generation.files import sweeping  # noqa: E402
from privacy.models import InboundMail, Mailbox, PolicyVersion, Ticket, TicketAttachment  # noqa: E402
from privacy.support import conversation, links  # noqa: E402
from privacy.support.inbound import poll, taking  # noqa: E402
from privacy.support.inbound.imap import Session  # noqa: E402
from tests.privacy.killed import deadly  # noqa: E402
from tests.services.dovecot import PASSWORD, USER  # noqa: E402
from tests.services.migrated import have_tables  # noqa: E402

# Where the child is killed: the function, and whether before it or after it.
STEPS: dict[str, tuple[Any, str, bool]] = {
    "the mailbox is taken": (Session, "waiting", False),
    "fetched and not stored": (Session, "whole", True),
    "a picture is stored and has no row": (conversation, "reply", False),
    "in the transaction": (conversation, "reply", True),
    "stored and still in the mailbox": (taking, "take", True),
    "removed": (Session, "remove", True),
    "before it is moved aside": (Session, "set_aside", False),
    "moved aside": (Session, "set_aside", True),
}


def main(port: int) -> None:
    """For each step: deliver a mail, be killed, let the lease end, go on."""
    have_tables()
    PolicyVersion.objects.update(covers=4)
    alice = User.objects.create_user("alice@example.test", name="Alice")
    after: dict[str, Any] = {}
    for step, (owner, name, is_after) in STEPS.items():
        ticket = Ticket.objects.create(user=alice, email=alice.email, category="fault")
        deliver(port, a_mail(ticket, step, of_a_machine=name == "set_aside"))
        connection.close()
        signal = read_and_die(owner, name, is_after=is_after)
        # A worker that dies leaves its lease behind, which ends by itself after a minute.
        Mailbox.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        poll.read()
        poll.read()
        messages = list(ticket.messages.values_list("text", flat=True))
        pictures = TicketAttachment.objects.filter(message__ticket=ticket).count()
        after[step] = [signal, messages, pictures, mails(port, "INBOX")]
    sweeping.sweep_everything(timedelta(hours=-2))
    sweeping.delete_due()
    kept = set(TicketAttachment.objects.values_list("key", flat=True))
    after["left over"] = sorted(set(objects("support")) - kept)
    after["lost"] = sorted(kept - set(objects("support")))
    after["mails known"] = InboundMail.objects.count()
    after["aside"] = mails(port, "Not taken")
    sys.stdout.write(json.dumps(after) + "\n")


def a_mail(ticket: Ticket, step: str, *, of_a_machine: bool) -> bytes:
    letter = EmailMessage()
    letter["From"] = "Somebody <somebody@elsewhere.example>"
    letter["To"] = links.reply_address(ticket)
    letter["Subject"] = "Re: Our answer"
    letter["Message-ID"] = f"<{step.replace(' ', '-')}@elsewhere.example>"
    if of_a_machine:
        letter["Auto-Submitted"] = "auto-replied"
    letter.set_content(step)
    picture = io.BytesIO()
    Image.new("RGB", (16, 16), "teal").save(picture, "PNG")
    letter.add_attachment(picture.getvalue(), maintype="image", subtype="png", filename="screen.png")
    return letter.as_bytes()


def read_and_die(owner: Any, name: str, *, is_after: bool) -> int:
    """Read the mailbox in a child that is killed at this function; return the signal."""
    child = os.fork()
    if child == 0:
        setattr(owner, name, deadly(getattr(owner, name), 1, is_after=is_after))
        poll.read()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WTERMSIG(status)


def objects(folder: str) -> list[str]:
    folders, files = default_storage.listdir(folder)
    inside = [name for each in folders for name in objects(f"{folder}/{each}")]
    return [*(f"{folder}/{name}" for name in files), *inside]


def deliver(port: int, mail: bytes) -> None:
    with box(port) as client:
        client.append("INBOX", "", "", mail)


def mails(port: int, folder: str) -> int:
    with box(port) as client:
        if client.select(f'"{folder}"', readonly=True)[0] != "OK":
            return 0
        return len(client.search(None, "ALL")[1][0].split())


def box(port: int) -> Any:  # imaplib's types don't say what its answers hold
    client = imaplib.IMAP4("127.0.0.1", port, timeout=20)
    client.login(USER, PASSWORD)
    return client


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Mail on the embedded default: one file per message in the data folder, and its text in the log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from image2.lib.ids import new_id

log = structlog.get_logger(__name__)


class FolderAndLogBackend(BaseEmailBackend):
    """Writes ``<id>.eml`` and logs recipient, subject and body, so that a sign-up can be finished offline."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            # Written under another name first: a reader that watches the folder never sees half a message.
            path = folder / f"{new_id()}.eml"
            partial = path.with_suffix(".partial")
            partial.write_bytes(message.message().as_bytes())
            partial.rename(path)
            log.info("mail", to=message.to, subject=message.subject, body=str(message.body), file=path.name)
        return len(email_messages)

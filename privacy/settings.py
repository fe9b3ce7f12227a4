"""Settings of support by mail. Without them, mails ask people to answer on the page."""

import environ

_env = environ.Env()

# Where replies go: "{token}" stands for the secret that leads a reply to its ticket.
SUPPORT_REPLY_ADDRESS = _env.str("SUPPORT_REPLY_ADDRESS", default="")
# The mailbox that gets them: imaps://user:password@host:993/INBOX.
SUPPORT_IMAP_URL = _env.str("SUPPORT_IMAP_URL", default="")
SUPPORT_IMAP_SECONDS = _env.int("SUPPORT_IMAP_SECONDS", default=60)
# Mails that aren't taken (automatic ones, unknown addresses, too large) are moved there.
SUPPORT_IMAP_LEFT = _env.str("SUPPORT_IMAP_LEFT", default="Not taken")
# A larger mail isn't read at all.
SUPPORT_MAIL_MAX_BYTES = _env.int("SUPPORT_MAIL_MAX_BYTES", default=25 * 1024 * 1024)

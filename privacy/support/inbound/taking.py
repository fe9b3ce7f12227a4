"""What becomes of one mail: a reply to the ticket that its token names, a visitor's new ticket, or nothing.

The token decides, not the sender: anybody can write any address into From. A mail is taken once, by its Message-ID; the
row that says so is committed together with the message.
"""

from __future__ import annotations

import hashlib
from typing import Final

import structlog
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from image2.lib.http import rate_limits
from privacy.models import InboundMail, Ticket, TicketMessage
from privacy.support import attachments, conversation, links, mailing
from privacy.support.categories import Category
from privacy.support.inbound import automatic, letters, quoting
from privacy.support.inbound.letters import Head, Letter
from privacy.support.pages import limits

log = structlog.get_logger(__name__)

# New tickets by mail, of all senders together: what comes above waits in the other folder for the operator.
_NEW_AN_HOUR: Final = 60


def take(raw: bytes) -> bool:
    """Take a mail whose size was checked; False for one that isn't taken, which somebody should look at.

    Raises what storage, the decoder's queue and the database raise when they have no time now: then nothing was done.
    """
    letter = letters.read(raw)
    if reason := automatic.why(letter.head):
        log.info("support.mail_ignored", reason=reason)
        return False
    tokens = links.tokens_in(letter.head.receivers)
    digest = _digest(letter.head, raw, tokens)
    if InboundMail.objects.filter(digest=digest).exists():
        return True
    try:
        if not tokens:
            return _open(letter, digest)
        ticket = Ticket.objects.select_related("user").filter(reply_token__in=tokens).first()
        return ticket is not None and _reply(ticket, letter, digest)
    except limits.TooMany:
        log.info("support.mail_too_many")
        return False
    except IntegrityError:
        # Another delivery of the same mail was first; anything else is a mistake of ours.
        if not InboundMail.objects.filter(digest=digest).exists():
            raise
        return True


def refuse_large(raw_head: bytes, size: int) -> None:
    """Say in the conversation that a mail was too large, which isn't read at all."""
    head = letters.read_head(raw_head)
    tokens = links.tokens_in(head.receivers)
    ticket = Ticket.objects.select_related("user").filter(reply_token__in=tokens).first() if tokens else None
    if ticket is None or automatic.why(head):
        return
    sentence = _(
        "A mail of %(size)s wasn't taken: at most %(most)s are. Send it again with smaller pictures."
    )
    sentence %= {"size": filesizeformat(size), "most": filesizeformat(settings.SUPPORT_MAIL_MAX_BYTES)}
    digest = _digest(head, raw_head, tokens)
    try:
        with transaction.atomic():
            InboundMail.objects.create(digest=digest)
            limits.check_reply(ticket)
            conversation.reply(ticket=ticket, text="", via=TicketMessage.Via.MAIL, not_taken=[sentence])
            _prove(ticket)
    except (IntegrityError, limits.TooMany):
        return
    mailing.say_not_taken(ticket, [sentence])


def _reply(ticket: Ticket, letter: Letter, digest: str) -> bool:
    text, too_long = _shortened(quoting.cut(letter.text))
    if not text and not letter.files:
        return False
    with attachments.taken(ticket, letter.files) as (rows, sentences):
        sentences.extend(too_long)
        with transaction.atomic():
            InboundMail.objects.create(digest=digest)
            limits.check_reply(ticket)
            conversation.reply(
                ticket=ticket,
                text=text,
                via=TicketMessage.Via.MAIL,
                not_taken=sentences,
                attachments=rows,
            )
            _prove(ticket)
    if sentences:
        mailing.say_not_taken(ticket, sentences)
    return True


def _open(letter: Letter, digest: str) -> bool:
    """Open a visitor's ticket, whoever From names: it belongs to no account, and nothing is sent there by itself."""
    sender = letter.head.sender
    subject = letter.head.get("Subject").replace("\n", " ")[:200]
    text, sentences = _shortened("\n\n".join(part for part in (subject, letter.text) if part))
    if not sender or not text:
        return False
    if not rate_limits.allowed("support-mail", "all", limit=_NEW_AN_HOUR, seconds=3600):
        raise limits.TooMany
    if letter.files:
        sentences.append(_("Pictures are taken in replies to our answers only."))
    with transaction.atomic():
        InboundMail.objects.create(digest=digest)
        limits.check_address(sender)
        ticket = conversation.open_ticket(
            user=AnonymousUser(),
            email=sender,
            category=Category.OTHER,
            text=text,
            via=TicketMessage.Via.MAIL,
        )
        if sentences:
            ticket.messages.update(not_taken="\n".join(sentences))
    return True


def _prove(ticket: Ticket) -> None:
    """The token was mailed to the visitor's address alone, so whoever has it reads that mailbox."""
    if ticket.user_id is None:
        conversation.prove_address(ticket=ticket)
        ticket.refresh_from_db()


def _shortened(text: str) -> tuple[str, list[str]]:
    if len(text) <= conversation.LONGEST:
        return text, []
    sentence = _("The mail was longer than %(most)s characters: its end wasn't taken.")
    return text[: conversation.LONGEST], [sentence % {"most": conversation.LONGEST}]


def _digest(head: Head, raw: bytes, tokens: list[str]) -> str:
    """Return what names a mail: its Message-ID with the tokens, else its bytes."""
    name = head.message_id.encode("utf-8", "replace") or raw
    return hashlib.sha256("|".join(tokens).encode() + b"|" + name).hexdigest()

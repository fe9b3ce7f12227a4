"""System checks of support by mail: half of its settings is a mistake that would lose replies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from privacy.support.inbound.account import BadAddress, account
from privacy.support.links import PLACE


@register()
def support_mail_is_whole(**_options: Any) -> list[CheckMessage]:
    address, url = settings.SUPPORT_REPLY_ADDRESS, settings.SUPPORT_IMAP_URL
    found: list[CheckMessage] = []
    if bool(address) != bool(url):
        found.append(
            Error(
                "SUPPORT_REPLY_ADDRESS and SUPPORT_IMAP_URL belong together: one of them is missing.",
                hint="Without both, mails ask people to answer on the page.",
                id="privacy.E001",
            )
        )
    if address and (address.count(PLACE) != 1 or "@" not in address.partition(PLACE)[2]):
        found.append(
            Error(
                f"SUPPORT_REPLY_ADDRESS must hold {PLACE} once, before the @.",
                hint="For example support+{token}@example.org.",
                id="privacy.E002",
            )
        )
    if url:
        try:
            account(url)
        except BadAddress as mistake:
            found.append(Error(f"SUPPORT_IMAP_URL: {mistake}", id="privacy.E003"))
    return found

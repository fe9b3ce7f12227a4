"""What the editor takes of what all people share: its entries of the list in `generation.fair_shares`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from generation import fair_shares
from generation.fair_shares import Share


def register() -> None:
    """Add them; called once, when the app is ready."""
    # A document is made: its pictures are copied in storage.
    fair_shares.register(
        "document",
        Share(
            in_all=4,
            each=1,
            a_minute=20,
            seconds=120,
            wait=20,
            sentence=_("Your last document is still being made. Wait a moment, then open this one."),
        ),
    )
    # Each call holds the document's row; a page sends one after the other, and gathers what was done meanwhile.
    fair_shares.register(
        "operations",
        Share(a_minute=600, sentence=_("This document was saved very often. It is saved again in a minute.")),
    )
    # Pixels are made from the log by a worker.
    fair_shares.register(
        "replay",
        Share(
            a_minute=30,
            sentence=_("Many pictures of your documents were ordered. Wait a minute, then go on."),
        ),
    )
    # A click costs nothing, and a worker of the lane of the models some seconds.
    fair_shares.register(
        "segment",
        Share(
            a_minute=20,
            sentence=_("You selected many objects in a short time. Wait a minute, then go on."),
        ),
    )

"""What a copy of one's data takes of what all people share: its entry of the list in `generation.fair_shares`."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from generation import fair_shares
from generation.fair_shares import Share

SHARE: Final = "export"


def register() -> None:
    """Add it; called once, when the app is ready.

    Each person has one copy at a time by a constraint of the table, and copies take turns (`queue.claim`).
    """
    sentence = _("You asked for a copy several times within a minute. Wait a minute, then try again.")
    fair_shares.register(SHARE, Share(a_minute=6, sentence=sentence))

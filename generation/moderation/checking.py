"""Checks the words of a request. It fails closed: what couldn't be checked isn't made, and costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from generation.models import ModerationTotal
from generation.moderation import totals, words
from generation.moderation.words import Category

log = structlog.get_logger(__name__)

# Of the operator's own: takes a text, gives a category of theirs, or nothing.
Checker = Callable[[str], str | None]


class WordsRefused(Exception):
    """Pictures of this aren't made here."""

    def __init__(self, category: str) -> None:
        super().__init__(category)
        self.category = category


class NotChecked(Exception):
    """The check itself failed, so the request isn't taken."""


def check(text: str) -> None:
    """Raises WordsRefused and NotChecked. The text is written down nowhere."""
    if not (settings.MODERATION and text):
        return
    try:
        category = _find(text)
    except Exception:  # noqa: BLE001  (the boundary: whatever the operator's function raises, nothing is made)
        # Without the traceback's values: the text could stand among them.
        log.error("moderation.failed", exc_info=False)
        raise NotChecked from None
    if category:
        raise WordsRefused(category)


def admit(text: str) -> None:
    """As `check`, for a request that is really sent: a refusal is counted."""
    try:
        check(text)
    except WordsRefused as refused:
        totals.count(ModerationTotal.Stage.WORDS, refused.category)
        log.info("moderation.refused", category=refused.category)
        raise


def _find(text: str) -> str | None:
    if settings.MODERATION_WORDS and (found := words.own(settings.MODERATION_WORDS).find(text)):
        return found
    if settings.MODERATION_CHECKER:
        return cast(Checker, import_string(settings.MODERATION_CHECKER))(text)
    return words.shipped().find(text)


__all__ = ["Category", "Checker", "NotChecked", "WordsRefused", "admit", "check"]

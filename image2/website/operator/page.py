"""The operator's first page, for one member of staff: only what their rights let them list is counted."""

from __future__ import annotations

from django.utils import timezone

from image2.website.operator import paying, used, waiting, working
from image2.website.operator.parts import May, Section

_SECTIONS = (waiting.section, working.section, used.section, paying.section)


def sections(may: May) -> list[Section]:
    """Return the questions of which something may be shown, what waits for somebody first."""
    now = timezone.now()
    found = [section(may, now) for section in _SECTIONS]
    return [section for section in found if not section.is_empty]

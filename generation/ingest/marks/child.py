"""The process that reads marks: ``python -m generation.ingest.marks.child ORDER``.

Like `generation.ingest.child` it limits itself before it looks at the first byte, and has nothing but open descriptors.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys

from generation.ingest import confined
from generation.ingest.marks.listing import LONGEST_RECIPE, LONGEST_TEXT, MOST_LISTING, Marks, MarksOrder
from generation.ingest.outcome import Cause, Outcome, Unacceptable


def main(text: str) -> int:
    """Do what the order says under its limits, and print the outcome; see `confined.answer`."""
    order = MarksOrder.from_json(text)
    confined.limit(order.seconds)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_LISTING, MOST_LISTING))
    with contextlib.suppress(ValueError, OSError):  # macOS refuses
        resource.setrlimit(resource.RLIMIT_AS, (order.memory, order.memory))
    return confined.answer(lambda: _read(order))


def _read(order: MarksOrder) -> Outcome:
    # Imported under the limits, and not by the process that starts this one.
    from generation.ingest import formats, reading
    from generation.ingest.marks import credentials, notes

    with os.fdopen(os.dup(0), "rb") as file, os.fdopen(order.trust, "rb") as roots:
        form = formats.format_of(file.read(formats.HEAD))
        file.seek(0)
        try:
            image = reading.opened(form, file.read())
            found = notes.read(image.info)
        except reading.BROKEN:
            raise Unacceptable(Cause.DAMAGED) from None
        trust, claims = credentials.read(file, form, roots.read().decode("ascii", "replace"))
    marks = Marks(
        form=form,
        width=image.width,
        height=image.height,
        source=found.source[:LONGEST_TEXT],
        tool=found.tool[:LONGEST_TEXT],
        # Half of a recipe is none.
        recipe=found.recipe if len(found.recipe) <= LONGEST_RECIPE else "",
        trust=trust,
        claims=claims,
    )
    with os.fdopen(order.listing, "w", encoding="utf-8") as target:
        target.write(marks.to_json())
    return Outcome(format=form, width=image.width, height=image.height)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

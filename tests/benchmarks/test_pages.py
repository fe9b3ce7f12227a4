"""What pages cost in processor time, as ratios to the history page of a person without pictures.

Run: ``bin/test tests/benchmarks/test_pages.py -s``. Nothing is asserted about time.
"""

from __future__ import annotations

import pytest

from tests import factories
from tests.benchmarks.pages import Pages
from tests.benchmarks.repeats import repeats
from tests.generation.web.makers import make_picture

pytestmark = [pytest.mark.long, pytest.mark.django_db]

TIMES = repeats(40)


def test_pages_against_an_empty_one() -> None:
    alice = factories.make_alice()
    pages = Pages(alice)
    empty = pages.processor("/history/", TIMES)
    print(f"\nempty history page {empty:.1f} ms of processor")
    made = [make_picture(alice, minutes=minute) for minute in range(45)]
    for path in (
        *("/history/", "/create/", f"/pictures/{made[0].pk}/", "/create/reference/pictures/"),
        *("/history/trash/", "/pricing/", "/billing/", "/credits/"),
    ):
        taken = pages.processor(path, TIMES)
        print(
            f"{path.replace(str(made[0].pk), '…'):32} {taken:5.1f} ms  {taken / empty:.2f} × the empty page"
        )
    assert pages.show("/history/").count('class="picture-tile') == 40

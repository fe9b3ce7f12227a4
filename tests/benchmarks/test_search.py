"""The search among very many pictures: whole pages, warm, against the first page; and how large its index is.

Run: ``IMAGE2_BENCHMARK_PICTURES=200000 bin/test tests/benchmarks/test_search.py -s``, and the same with
``IMAGE2_TEST_DATABASE=postgresql``. Half of the pictures are one person's. Nothing is asserted about time.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest
from django.db import connection

from accounts.models import User
from generation import fair_shares
from generation.models import SearchSegment, SearchToken
from generation.search import index
from tests import factories
from tests.benchmarks import filling
from tests.benchmarks.pages import Pages
from tests.benchmarks.repeats import WITHIN_THE_SUITE

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

PICTURES = int(os.environ.get("IMAGE2_BENCHMARK_PICTURES", "1000" if WITHIN_THE_SUITE else "20000"))
SEARCHES = {
    "first page": "",
    "rare word": "q=quicksilver",
    "common word": "q=photo",
    "no hit": "q=xylophone",
    "two words": "q=red+castle",
    "two letters": "q=re",
    "two rare letters": "q=zz",
    "two common words that seldom meet": "q=morning+evening",
    "two common words that never meet in order": "q=photomorning",
    "common and rare": "q=photo+quicksilver",
    "a comma": "q=,",
    "first page of favourites": "show=favourites",
    "favourites, common word": "show=favourites&q=photo",
    "favourites, rare word": "show=favourites&q=quicksilver",
    "favourites, no hit": "show=favourites&q=xylophone",
    "favourites, two words": "show=favourites&q=red+castle",
    "favourites, seldom meet": "show=favourites&q=morning+evening",
}


def test_searches_against_the_first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    # One person searches more often here than a person may.
    unlimited = replace(fair_shares.shares()["search"], a_minute=None)
    monkeypatch.setitem(fair_shares._SHARES, "search", unlimited)
    alice: User = factories.make_alice()
    started = time.monotonic()
    mine = filling.fill(alice, PICTURES)
    filled = time.monotonic()
    segments = index.seal(seconds=3600)
    filling.settle()
    print(
        f"\n{connection.vendor}: {mine} of {PICTURES} pictures; filled in {filled - started:.0f} s, "
        f"{segments} segments in {time.monotonic() - filled:.0f} s"
    )
    _print_size(segments)
    pages = Pages(alice)
    first = 0.0
    for name, query in SEARCHES.items():
        page = pages.show(f"/history/?{query}")
        taken = pages.wall(f"/history/?{query}")
        first = first or taken
        tiles = page.count('class="picture-tile')
        print(f"{name:42} {tiles:3} tiles {taken:7.1f} ms  {taken / first:5.2f} × the first page")
    assert SearchSegment.objects.count() == segments


def _print_size(segments: int) -> None:
    if not segments:
        return
    indexed = segments * index.SIZE
    tokens = SearchToken.objects.count()
    sizes = {"tokens": f"{tokens / indexed:.1f} rows a picture"}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in ("generation_searchtoken", "generation_searchsegment"):
                cursor.execute("SELECT pg_total_relation_size(%s)", [table])
                sizes[table] = f"{cursor.fetchone()[0] / indexed:.0f} bytes a picture"
            for name in ("picture_unindexed", "favourite_unindexed", "picture_unprepared", "picture_newest"):
                cursor.execute("SELECT pg_relation_size(%s)", [name])
                sizes[name] = f"{cursor.fetchone()[0] / PICTURES:.0f} bytes a picture"
            cursor.execute(
                "SELECT avg(pg_column_size(search_text)) FROM generation_picture TABLESAMPLE SYSTEM (1)"
            )
            sizes["search_text"] = f"{cursor.fetchone()[0] or 0:.0f} bytes a picture"
    print(", ".join(f"{name} {size}" for name, size in sizes.items()))

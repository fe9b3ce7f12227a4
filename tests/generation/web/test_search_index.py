"""On PostgreSQL the search of one person's prompts is answered by the index made for it."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import User
from generation import history
from generation.models import Picture
from tests.generation.web.makers import LONG_AGO, make_picture

ON_POSTGRESQL = connection.vendor == "postgresql"
pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite searches with LIKE and has no such index")


def test_the_search_uses_the_index_of_words(alice: User) -> None:
    one = make_picture(alice, prompt="a red sailboat", thumbnails=False)
    fields = {
        "owner": alice,
        "recipe": {},
        "model": one.model,
        "width": 1,
        "height": 1,
        "created_at": LONG_AGO,
    }
    Picture.objects.bulk_create(Picture(prompt=f"a {n} castle at night", **fields) for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE generation_picture")
    mine = history._saying(Picture.objects.visible_to(alice), "red sailb")
    plan = mine.order_by().explain()
    assert "picture_words" in plan, plan
    assert list(mine) == [one]


def test_words_are_found_by_their_beginning(alice: User) -> None:
    make_picture(alice, prompt="a red sailboat", thumbnails=False)
    assert history.newest(user=alice, words="sail").pictures
    assert not history.newest(user=alice, words="boat").pictures

"""What is found and what isn't, on both databases: among pictures that are read, indexed, and not prepared yet."""

from __future__ import annotations

from typing import Final

import pytest

from accounts.models import User
from generation.models import Picture
from generation.pictures import favourites, history
from generation.search import index
from tests import factories
from tests.generation.web.makers import make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# What is searched, a prompt, and whether it is found.
TABLE: Final = [
    # Words: all of them, in any order, by their beginnings.
    ("sailboat", "a red sailboat", True),
    ("sail", "a red sailboat", True),
    ("boat", "a red sailboat", False),
    ("sailboat red", "a red sailboat", True),
    ("red mountain", "a red sailboat", False),
    ("red red", "a red sailboat", True),
    ("re", "a red sailboat", True),
    ("r", "a red sailboat", True),
    ("d", "a red sailboat", False),
    ("redsailboat", "a red sailboat", False),
    ("a red sailboat on the sea", "a red sailboat", False),
    # Case, in every script.
    ("RED", "a red sailboat", True),
    ("istanbul", "İSTANBUL at night", True),
    ("İSTANBUL", "istanbul at night", True),
    ("İstanbul", "İSTANBUL at night", True),
    ("ÄPFEL", "äpfel im schnee", True),
    ("STRASSE", "eine straße", True),
    ("straße", "EINE STRASSE", True),
    ("ΟΔΟΣ", "οδος στην πόλη", True),
    ("ночь", "НОЧЬ в городе", True),
    # One spelling: composed or not, full width, ligatures.
    ("cafe\u0301", "a café", True),
    ("café", "a cafe\u0301", True),
    ("cafe", "a café", False),
    ("ﬁre", "a fire", True),
    ("ＲＥＤ", "a red sailboat", True),
    ("1", "number ①", True),
    ("m2", "20 m²", True),
    # Invisible characters.
    ("sailboat", "a sail\u00adboat", True),
    ("sail\u200bboat", "a sailboat", True),
    ("\ufeffred", "a red sailboat", True),
    ("red\u202e", "a red sailboat", True),
    ("میخواهم", "می\u200cخواهم", True),
    # Letters, digits and marks meet.
    ("1.5", "made with v1.5", True),
    ("v1", "made with v1.5", True),
    ("v1.5", "made with v1.55", True),
    (".5", "made with v1.5", True),
    ("v15", "made with v1.5", False),
    ("5", "made with v15", False),
    ("v 5", "made with v1.5", True),
    ("lora:foo", "a cat <lora:foo:0.8>", True),
    ("foo:0", "a cat <lora:foo:0.8>", True),
    ("lora foo", "a cat <lora:foo:0.8>", True),
    ("lora: foo", "a cat <lora:foo:0.8>", True),
    ("red_house", "red_house by the sea", True),
    ("red_house", "red house by the sea", False),
    ("house", "red_house by the sea", True),
    ("red_hou", "red_house by the sea", True),
    ("ed_house", "red_house by the sea", False),
    ("%", "a 100% blue sky", True),
    ("100%", "a 100% blue sky", True),
    ("%", "a blue sky", False),
    ("_", "a blue sky", False),
    ("it's", "it's a cat", True),
    ("\\", "a \\ b", True),
    ("' | !x & (", "it's a cat", False),
    # Scripts without spaces, emoji.
    ("房子", "红色的房子", True),
    ("色的", "红色的房子", True),
    ("房红", "红色的房子", False),
    ("子 红", "红色的房子", True),
    ("ひと", "森のひとりの人", True),
    ("カメラ", "古いｶﾒﾗ", True),
    ("บ้าน", "รูปบ้านสีแดง", True),
    ("🏠", "a🏠on a hill", True),
    ("🏠", "🌲🏠🌲", True),
    ("🚀", "👩\u200d🚀 on the moon", True),
    ("👩\u200d🚀", "👩 and 🚀", False),
    ("❤", "❤\ufe0f of gold", True),
    ("👍", "👍🏽", True),
    ("서울", "서울의 밤", True),
    ("울의", "서울의 밤", False),
    ("قارب", "قارب أحمر", True),
]
SEARCHES = sorted({query for query, _prompt, _found in TABLE})
PROMPTS = list(dict.fromkeys(prompt for _query, prompt, _found in TABLE))
EXPECTED = {(query, prompt): found for query, prompt, found in TABLE}


@pytest.fixture
def dana() -> User:
    """A person with all the prompts of the table; pages are larger than that."""
    person = factories.make_person("Dana")
    for minute, prompt in enumerate(PROMPTS):
        picture = make_picture(person, minutes=minute, thumbnails=False)
        # As they are in old rows: what new requests drop is still there.
        Picture.objects.filter(pk=picture.pk).update(prompt=prompt, search_text=None)
    return person


def check(person: User) -> None:
    for query in SEARCHES:
        found = {picture.prompt for picture in history.newest(user=person, words=query, size=100).pictures}
        for prompt in PROMPTS:
            if (query, prompt) in EXPECTED:
                assert (prompt in found) == EXPECTED[query, prompt], (query, prompt)


def test_the_table_is_found_by_reading(dana: User) -> None:
    assert len(TABLE) >= 60
    index.prepare(seconds=60)
    check(dana)


@pytest.mark.few(1)
@pytest.mark.parametrize("size", [2, 7, len(PROMPTS)])
def test_the_table_is_found_by_the_index(dana: User, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "SIZE", size)
    index.prepare(seconds=60)
    index.seal(seconds=60)
    assert Picture.objects.filter(search_segment__isnull=True).count() == len(PROMPTS) % size
    check(dana)


@pytest.mark.few(1)
def test_the_index_finds_the_same_as_reading_for_every_search(
    dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.prepare(seconds=60)
    favourites.mark(user=dana, ids=Picture.objects.values_list("pk", flat=True)[::2])
    reads = [history.newest, history.favourites]
    queries = [*SEARCHES, *(prompt[2:6] for prompt in PROMPTS)]
    read = {(query, way): way(user=dana, words=query, size=9).pictures for query in queries for way in reads}
    monkeypatch.setattr(index, "SIZE", 6)
    assert index.seal(seconds=60) == len(PROMPTS) // 6 + (len(PROMPTS) + 1) // 2 // 6
    for (query, way), pictures in read.items():
        assert way(user=dana, words=query, size=9).pictures == pictures, query


def test_what_is_not_prepared_yet_is_found_by_plain_words(dana: User) -> None:
    found = history.newest(user=dana, words="sailb RED").pictures
    assert {picture.prompt for picture in found} == {"a red sailboat"}


@pytest.mark.parametrize("query", ["\x00", "\u200b", " \u00ad "])
def test_a_search_for_nothing_visible_finds_everything(dana: User, query: str) -> None:
    assert len(history.newest(user=dana, words=query, size=100).pictures) == len(PROMPTS)

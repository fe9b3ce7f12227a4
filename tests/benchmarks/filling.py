"""Fills a database with pictures whose prompts are like people's: few words often, many words seldom."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import connection

from accounts.models import User
from generation.models import Picture
from tests.generation.web.makers import a_request

VOCABULARY: Final = 20_000
WORDS: Final = 12
PICTURES_OF_OTHERS: Final = 250
RARE: Final = 40  # pictures with the rare word
START: Final = datetime(2024, 1, 1, tzinfo=UTC)
_COLUMNS: Final = (
    *("id", "owner_id", "index", "recipe", "prompt", "model", "model_revision", "seed", "width", "height"),
    *("training_allowed", "favourite_at", "created_at", "search_text"),
)
_SYLLABLES: Final = [a + b for a in "bcdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]


def fill(owner: User, count: int) -> int:
    """Make ``count`` pictures, half of them of ``owner``, the others of people with 250 each; return the half."""
    others = [
        User(email=f"filled-{number}@example.test", name="Filled")
        for number in range(max(1, count // 2 // PICTURES_OF_OTHERS))
    ]
    User.objects.bulk_create(others, batch_size=1000)
    rows = _rows(owner, others, count)
    table = Picture._meta.db_table
    if connection.vendor == "postgresql":
        _copy(table, rows)
    else:
        marks = ", ".join(["%s"] * len(_COLUMNS))
        columns = ", ".join(f'"{name}"' for name in _COLUMNS)
        while some := list(islice(rows, 20_000)):
            with connection.cursor() as cursor:
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", some)
    return (count + 1) // 2


def settle() -> None:
    """Have the database know what was filled in, as it does after a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def prompt_of(number: int, of: int, vocabulary: list[str], chance: random.Random) -> str:
    """The prompt of one person's picture ``number`` of so many; see the searches of the benchmark for its words."""
    words = [vocabulary[int(VOCABULARY ** chance.random()) - 1] for _ in range(WORDS - 3)]
    words[3] += ","
    words.append("photo" if chance.random() < 0.9 else "drawing")
    meet = number % max(1, of // 10) == 0
    words.append("morning" if number % 2 else "evening")
    if meet:
        words += ["morning", "evening"]
    if chance.random() < 0.1:
        words.append("red")
    if chance.random() < 0.05:
        words.append("castle")
    if number % max(1, of // RARE) == 1:
        words.append("quicksilver")
    return " ".join(words)


def _rows(owner: User, others: list[User], count: int) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(7)
    seen: dict[str, None] = {}
    while len(seen) < VOCABULARY:
        seen["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4)))] = None
    vocabulary = list(seen)
    request = a_request()
    recipe = {
        "version": 1,
        "request": request.to_json(),
        "model": {"id": request.model, "revision": "sha256:0123456789abcdef"},
        "stages": [{"stage": "base", "width": 192, "height": 128}, {"stage": "upscale", "scaler": "lanczos"}],
        "libraries": {"torch": "2.13.0", "diffusers": "0.42.1", "transformers": "5.23.0", "pillow": "13.0.0"},
    }
    stored = json.dumps(recipe)
    adapted = (lambda value: value.hex) if connection.vendor == "sqlite" else str
    for number in range(count):
        person = owner if number % 2 == 0 else others[number // 2 % len(others)]
        moment = START + timedelta(seconds=10 * number)
        written = connection.ops.adapt_datetimefield_value(moment)
        text = prompt_of(number // 2, count // 2, vocabulary, chance)
        id_ = UUID(int=(int(moment.timestamp() * 1000) << 80) | 7 << 76 | 2 << 62 | number)
        yield (
            adapted(id_),
            adapted(person.pk),
            0,
            stored,
            text,
            request.model,
            "sha256:0123456789abcdef",
            number,
            1024,
            682,
            False,
            written if number // 2 % 100 == 0 else None,
            written,
            # What pieces.search_text writes for ASCII words and commas, many times faster.
            "\n " + text.replace(" ", "\n ").replace(",", " ,"),
        )


def _copy(table: str, rows: Iterator[tuple[Any, ...]]) -> None:
    connection.ensure_connection()
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    with connection.connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", _File(rows))


class _File:
    """Rows as the file that COPY reads."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._lines = (
            "\t".join("\\N" if value is None else str(value).replace("\n", "\\n") for value in row) + "\n"
            for row in rows
        )

    def read(self, _size: int = -1) -> str:
        return "".join(islice(self._lines, 200))

"""What is done to the parts of a file, in each format alike: left out, twice, swapped, foreign, with wrong lengths."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final, Literal

from tests.generation.files.mutations import by_bytes
from tests.generation.files.mutations.by_bytes import EDGES
from tests.generation.files.mutations.parts import FORMS, Parts, data_of, join, with_data

Change = Callable[[random.Random, Parts, list[bytes]], Parts]


def chosen(noise: random.Random, parts: Parts) -> int:
    return noise.randrange(1, len(parts)) if len(parts) > 1 else 0


def _left_out(_form: str) -> Change:
    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        at = chosen(noise, parts)
        return parts[:at] + parts[at + 1 :]

    return change


def _twice(_form: str) -> Change:
    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        at, to = chosen(noise, parts), chosen(noise, parts)
        return parts[:to] + [parts[at]] * noise.choice((1, 1, 1, 40)) + parts[to:]

    return change


def _swapped(_form: str) -> Change:
    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        at, to, found = chosen(noise, parts), chosen(noise, parts), list(parts)
        found[at], found[to] = found[to], found[at]
        return found

    return change


def _spliced(form: str) -> Change:
    """A part of another file of the same format in the place of one, or before it."""

    def change(noise: random.Random, parts: Parts, others: list[bytes]) -> Parts:
        other = [part for part in FORMS[form](others[0]) if part]
        at, foreign = chosen(noise, parts), other[chosen(noise, other)]
        return [*parts[:at], foreign, *parts[at + noise.randrange(2) :]]

    return change


def _appended(_form: str) -> Change:
    def change(noise: random.Random, parts: Parts, others: list[bytes]) -> Parts:
        tails = [
            *others,
            noise.randbytes(300),
            b"PK\x03\x04" + bytes(60),
            b"<script>alert(1)</script>",
            b"%PDF-1.7\n",
        ]
        return [*parts, noise.choice(tails)]

    return change


def _another_head(_form: str) -> Change:
    """The first bytes of a file of another kind."""

    def change(noise: random.Random, parts: Parts, others: list[bytes]) -> Parts:
        length = noise.choice((4, 8, 12, 16, 32))
        content = join(parts)
        return [others[1][:length], content[length * noise.randrange(2) :]]

    return change


def _other_data(form: str) -> Change:
    """Bytes of one part are changed; its length and checksum are right again, so that its reader sees them."""

    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        at = chosen(noise, parts)
        data = by_bytes.anywhere(noise, data_of(form, parts[at]))
        return [*parts[:at], with_data(form, parts[at], data), *parts[at + 1 :]]

    return change


def _wrong_length(form: str) -> Change:
    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        at = chosen(noise, parts)
        part = parts[at]
        size = 2 if form == "JPEG" else 4
        place = {"PNG": 0, "JPEG": 2, "WEBP": 4, "AVIF": 0}[form]
        order: Literal["little", "big"] = "little" if form == "WEBP" else "big"
        right = int.from_bytes(part[place : place + size], order)
        wrong = noise.choice(
            (*EDGES, right - 1, right + 1, right * 2, right // 2, right + noise.randrange(500))
        )
        length = (wrong % 256**size).to_bytes(size, order)
        return [*parts[:at], part[:place] + length + part[place + size :], *parts[at + 1 :]]

    return change


def _numbers(form: str) -> Change:
    """A number somewhere in a part becomes one at which readers go wrong: sizes, counts, places, depths."""

    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        at = chosen(noise, parts)
        data = bytearray(data_of(form, parts[at]))
        size = noise.choice((1, 2, 4))
        if len(data) >= size:
            place = noise.randrange(min(len(data) - size + 1, 200))
            number = noise.choice(EDGES) % 256**size
            data[place : place + size] = number.to_bytes(size, "little" if form == "WEBP" else "big")
        return [*parts[:at], with_data(form, parts[at], bytes(data)), *parts[at + 1 :]]

    return change


CHANGES: Final[dict[str, Callable[[str], Change]]] = {
    "a part left out": _left_out,
    "a part twice": _twice,
    "two parts swapped": _swapped,
    "a foreign part": _spliced,
    "more at the end": _appended,
    "another head": _another_head,
    "other data": _other_data,
    "a wrong length": _wrong_length,
    "an odd number": _numbers,
}

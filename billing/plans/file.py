"""Reads what is sold from a file, and says in one sentence what is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

_KEY: Final = re.compile(r"[a-z0-9_]{1,40}")
# Pictures are precious: nobody can choose a month away by a slip of the pen.
LEAST_RETENTION_DAYS: Final = 30
_PLAN: Final[Mapping[str, type]] = {"key": str, "name": str, "summary": str, "credits": int, "weight": int}
_PLAN_MORE: Final[Mapping[str, type]] = {
    "monthly": int,
    "yearly": int,
    "queued_jobs": int,
    "retention_days": int,
    "storage_mb": int,
}
_PACK: Final[Mapping[str, type]] = {"key": str, "name": str, "credits": int, "price": int}
# Room for one upload at its largest.
LEAST_STORAGE_MB: Final = 128
_LEAST: Final[Mapping[str, int]] = {
    "credits": 0,
    "retention_days": LEAST_RETENTION_DAYS,
    "storage_mb": LEAST_STORAGE_MB,
}


class PlansError(Exception):
    """The file of plans is wrong; the message names the entry and the field."""


def read(path: Path) -> dict[str, Any]:
    """Return the file's contents once everything in it makes sense. Raises PlansError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PlansError(f"{path} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlansError(f"{path} is not TOML: {error}") from error
    if problem := next(_problems(data), None):
        raise PlansError(problem)
    return data


def _problems(data: Mapping[str, Any]) -> Iterator[str]:
    currency, plans, packs = data.get("currency"), data.get("plans"), data.get("packs", [])
    if unknown := data.keys() - {"currency", "plans", "packs"}:
        yield f"nothing is called {min(unknown)!r}"
    if not isinstance(currency, str) or not re.fullmatch(r"[a-z]{3}", currency):
        yield "currency is three small letters, such as usd"
    if not isinstance(plans, list) or not isinstance(packs, list):
        yield "plans and packs are lists: [[plans]] and [[packs]]"
        return
    for kind, rows, needed, more in (("plan", plans, _PLAN, _PLAN_MORE), ("pack", packs, _PACK, {})):
        for row in rows:
            yield from _of_row(f"{kind} {row.get('key')!r}", row, needed, more)
        yield from _twice(kind, [row.get("key") for row in rows])
    if not plans or plans[0].get("key") != "free" or {"monthly", "yearly"} & plans[0].keys():
        yield "the first plan is called free and has no price"


def _of_row(
    name: str, row: Mapping[str, Any], needed: Mapping[str, type], more: Mapping[str, type]
) -> Iterator[str]:
    known = {**needed, **more}
    if missing := needed.keys() - row.keys():
        yield f"{name}: {min(missing)!r} is missing"
    if unknown := row.keys() - known.keys():
        yield f"{name}: unknown field {min(unknown)!r}"
    for field, value in row.items():
        kind = known.get(field)
        if kind is str and not (isinstance(value, str) and value):
            yield f"{name}: {field} is a text"
        if kind is int and (type(value) is not int or value < _LEAST.get(field, 1)):
            yield f"{name}: {field} is a whole number from {_LEAST.get(field, 1)} up"
    if isinstance(row.get("key"), str) and not _KEY.fullmatch(row["key"]):
        yield f"{name}: a key is written in small letters, digits and underscores"


def _twice(kind: str, keys: Collection[Any]) -> Iterator[str]:
    for key in {key for key in keys if list(keys).count(key) > 1}:
        yield f"{kind} {key!r} is there twice"

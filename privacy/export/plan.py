"""What goes into a copy, in which order: first the lists of the data map, then the files behind them.

Everything is read from the declarations of the apps (image2/lib/personal_data.py). A place names where a copy stands:
the step, and after what in it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, Final

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from accounts.models import User
from billing.payments import Refused
from image2.lib.personal_data import CopiedFiles, ListElsewhere, ModelData, declarations, lists_elsewhere
from privacy.export import words
from privacy.models import Export, ExportPlan

log = structlog.get_logger(__name__)

# A list is cut into files of at most so many rows, or of the first row beyond so many bytes.
ROWS: Final = 2000
LIST_BYTES: Final = 4 * 1024 * 1024
_CHUNK: Final = 500
_ROW_BYTES: Final = 1000  # what a row takes on the disk, to guess
Place = dict[str, Any]

GONE: Final = "deleted while the copy was made"
LOST: Final = "storage has lost it"
REFUSED: Final = "the company that keeps it for us refused to give it"


@dataclass(slots=True)
class Item:
    """One file of the copy."""

    path: str
    largest: int
    write: Callable[[IO[bytes]], None]
    # Whether its row is still there, asked when storage has no such object.
    is_there: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class Unit:
    """What is added without a pause. ``after`` is the place behind it, ``done`` what it counts as progress."""

    after: Place
    items: list[Item] = field(default_factory=list)
    done: int = 0
    # What could not be added, with the reason.
    left_out: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a copy is: rows and files, and bytes at most."""

    things: int
    bytes: int


def lists() -> list[ModelData]:
    """Return the declarations whose rows are exported, in the order of the copy."""
    return [declared for declared in declarations() if declared.exported_fields()]


def draw_up(export: Export, person: User, *, still_ours: Callable[[], None]) -> Extent:
    """Write down which files there are now, and count everything. Killed on the way, it is done again.

    In short transactions, with nothing read meanwhile: others write to the database too. `still_ours` may raise.
    """
    things = size = number = 0
    ExportPlan.objects.filter(export=export).delete()
    for declared in lists():
        rows = declared.rows_of(person).count()
        things, size = things + rows, size + rows * _ROW_BYTES
        for files in _chunks(_files(declared, person), declared.copied) if declared.copied else ():
            still_ours()
            number += 1
            ExportPlan.objects.create(export=export, number=number, model=declared.model, files=files)
            things, size = things + len(files), size + sum(largest for _pk, _path, largest in files)
    return Extent(things, size)


def units(export: Export, person: User, place: Place) -> Iterator[Unit]:
    """Yield everything after a place, one unit after the other."""
    steps: list[tuple[str, Callable[[Place], Iterator[Unit]]]] = [
        ("about", partial(_about, export)),
        *((f"list {each.export_name}", partial(_list, each, person)) for each in lists()),
        *((f"list {each.export_name}", partial(_elsewhere, each, person)) for each in lists_elsewhere()),
        ("files", partial(_planned, export, person)),
    ]
    names = [name for name, _units in steps]
    first = names.index(place["step"]) if place.get("step") in names else 0
    for name, units_of in steps[first:]:
        at = place if place.get("step") == name else {}
        if not at.get("done"):
            for unit in units_of(at):
                unit.after["step"] = name
                yield unit


def _about(export: Export, at: Place) -> Iterator[Unit]:
    if at:
        return
    files = words.files(lists(), list(lists_elsewhere()), export.created_at)
    yield Unit({"done": True}, [_bytes(path, content) for path, content in files])


def _list(declared: ModelData, person: User, at: Place) -> Iterator[Unit]:
    fields = declared.exported_fields()
    page, after = at.get("page", 0), at.get("after")
    while True:
        rows = declared.rows_of(person).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        written, content, after = _page(rows.values("pk", *fields)[: ROWS + 1], fields, after)
        page += 1
        is_last = after is None
        place = {"done": True} if is_last else {"page": page, "after": after}
        yield Unit(place, [_bytes(_list_path(declared.export_name, page), content)], done=written)
        if is_last:
            return


def _page(rows: Any, fields: list[str], after: Any) -> tuple[int, bytes, Any]:
    """Return how many rows, their JSON, and the key of the last one; None for it when there are no more."""
    lines: list[str] = []
    size = 0
    for row in rows.iterator(chunk_size=200):
        if len(lines) == ROWS or (lines and size > LIST_BYTES):
            return len(lines), _joined(lines), after
        lines.append(_json({name: _plain(row[name]) for name in fields}))
        size += len(lines[-1])
        after = row["pk"]
    return len(lines), _joined(lines), None


def _elsewhere(elsewhere: ListElsewhere, person: User, at: Place) -> Iterator[Unit]:
    if at:
        return
    path = _list_path(elsewhere.export_name, 1)
    try:
        lines = [_json(dict(row)) for row in elsewhere.rows(person)]
    except Refused:
        log.exception("export.list_refused", name=elsewhere.export_name)
        yield Unit({"done": True}, left_out=[(path, REFUSED)])
        return
    yield Unit({"done": True}, [_bytes(path, _joined(lines))])


def _planned(export: Export, person: User, at: Place) -> Iterator[Unit]:
    number, index = at.get("page", 0), at.get("after", 0)
    declared = {each.model: each for each in lists()}
    chunks = ExportPlan.objects.filter(export=export).order_by("number")
    chunk = chunks.filter(number__gte=number).first()
    while chunk is not None:
        begin = index if chunk.number == number else 0
        wanted = chunk.files[begin:]
        for position in range(0, len(wanted), 100):
            some = wanted[position : position + 100]
            of = declared.get(chunk.model)
            found = _found(of, person, [pk for pk, _path, _largest in some]) if of else {}
            for offset, (pk, path, largest) in enumerate(some):
                place = {"page": chunk.number, "after": begin + position + offset + 1}
                row = found.get(pk)
                if of is None or of.copied is None or row is None:
                    yield Unit(place, done=1, left_out=[(path, GONE)])
                else:
                    yield _file_unit(of.copied, row, path, largest, place)
        chunk = chunks.filter(number__gt=chunk.number).first()


def _file_unit(copied: CopiedFiles, row: Any, path: str, largest: int, place: Place) -> Unit:
    is_there = type(row)._default_manager.filter(pk=row.pk).exists  # noqa: SLF001  (documented by Django)
    items = [Item(path, largest, lambda target: copied.write(row, target), is_there)]
    if beside := copied.beside(row):
        items.append(_bytes(path.rpartition(".")[0] + beside[0], _json(beside[1]).encode()))
    return Unit(place, items, done=1)


def _files(declared: ModelData, person: User) -> QuerySet[Any]:
    assert declared.copied is not None
    rows = declared.rows_of(person).filter(declared.copied.wanted)
    return rows.select_related(*declared.copied.related) if declared.copied.related else rows


def _found(declared: ModelData, person: User, keys: list[Any]) -> dict[Any, Any]:
    return {row.pk: row for row in _files(declared, person).filter(pk__in=keys)}


def _chunks(rows: QuerySet[Any], copied: CopiedFiles) -> Iterator[list[list[Any]]]:
    chunk = list(rows.order_by("pk")[:_CHUNK])
    while chunk:
        yield [[row.pk, copied.path(row), copied.largest(row)] for row in chunk]
        chunk = list(rows.filter(pk__gt=chunk[-1].pk).order_by("pk")[:_CHUNK])


def _list_path(name: str, page: int) -> str:
    return f"data/{name}.json" if page == 1 else f"data/{name}-{page}.json"


def _bytes(path: str, content: bytes) -> Item:
    def write(target: IO[bytes]) -> None:
        target.write(content)

    return Item(path, len(content), write)


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes | bytearray | memoryview) else value


def _joined(lines: list[str]) -> bytes:
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode() if lines else b"[]\n"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)

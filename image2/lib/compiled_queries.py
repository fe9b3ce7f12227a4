"""Queries that Django compiles once: for what pages ask so often that building the SQL costs more than running it.

Declared beside the function that uses it, from a queryset whose changing values are parameters:

    _OF_PERSON = CompiledQuery(lambda: Picture.objects.visible_to(Parameter("person", UUIDField())))
    _OF_PERSON.all(person=user.pk)

Only the SQL is kept, for each database alias. Every value that can change has to be a parameter, "now" too: anything
else stays as it was at the first call. Rows are model instances or those of values_list(), without annotations and
related rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Parameter(Expression):
    """Stands for a value that is given when the query runs; ``output_field`` says how a database takes it."""

    # The owner of rows can be a parameter of ``visible_to``. Without a person its value is None, which owns nothing.
    is_authenticated = True

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class CompiledQuery(Generic[Row]):
    """A queryset without its cost: ``all`` and ``first`` run its SQL with new values and return the same rows."""

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def all(self, using: str = DEFAULT_DB_ALIAS, **values: Any) -> list[Row]:
        """Return every row. Raises TypeError unless there is a value for each parameter, and no other."""
        compiled = self._compiled.get(using)
        if compiled is None:
            compiled = self._compiled[using] = _compile(self._build(), using)
        return list(compiled.rows(connections[using], values))

    def first(self, using: str = DEFAULT_DB_ALIAS, **values: Any) -> Row | None:
        """Return the first row, None without one; the queryset has to be cut to one row where there can be more."""
        return next(iter(self.all(using, **values)), None)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """What is kept of a compiled query: no connection, which belongs to one thread, and no row."""

    sql: str
    parameters: Sequence[Any]
    names: frozenset[str]
    # Columns of a row; behind them the database may send those that only ordered it.
    width: int
    # Columns whose values need a conversion, each with its expression.
    converted: Sequence[tuple[int, Any]]
    make: Callable[[Sequence[Any]], Any]

    def rows(self, connection: BaseDatabaseWrapper, values: dict[str, Any]) -> Iterator[Any]:
        if values.keys() != self.names:
            raise TypeError(f"This query takes {sorted(self.names)}, not {sorted(values)}.")
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [_prepared(each, values, connection) for each in self.parameters])
            found = cursor.fetchall()
        converters = [
            (at, [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)], column)
            for at, column in self.converted
        ]
        for row in found:
            converted = list(row[: self.width])
            for at, steps, column in converters:
                for step in steps:
                    converted[at] = step(converted[at], column, connection)
            yield self.make(converted)


def _prepared(parameter: Any, values: dict[str, Any], connection: BaseDatabaseWrapper) -> Any:
    if not isinstance(parameter, Parameter):
        return parameter
    return parameter.output_field.get_db_prep_value(values[parameter.name], connection)


def _compile(queryset: Any, using: str) -> _Compiled:
    compiler = queryset.using(using).query.get_compiler(using)
    sql, parameters = compiler.as_sql()
    columns = [column for column, _sql, _alias in compiler.select]
    return _Compiled(
        sql=sql,
        parameters=tuple(parameters),
        names=frozenset(each.name for each in parameters if isinstance(each, Parameter)),
        width=len(columns),
        converted=tuple((at, column) for at, (_, column) in compiler.get_converters(columns).items()),
        make=_maker(queryset, columns, using),
    )


def _maker(queryset: Any, columns: Sequence[Any], using: str) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a row's value: a model instance, or the tuple of values_list()."""
    made_of = queryset._iterable_class  # noqa: SLF001  (nothing public says what a queryset makes)
    prefetched = queryset._prefetch_related_lookups  # noqa: SLF001
    if queryset.query.select_related or queryset.query.annotations or prefetched:
        raise NotImplementedError("A compiled query returns rows without annotations and related rows.")
    if made_of is ValuesListIterable:
        return tuple
    if made_of is not ModelIterable:
        raise NotImplementedError(f"A compiled query can't make what {made_of.__name__} makes.")
    names = [column.target.attname for column in columns]
    return lambda row: queryset.model.from_db(using, names, row)

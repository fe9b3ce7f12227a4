"""What the admin's lists share: totals of the rows that are found, and filters that don't read the whole table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet, Sum
from django.http import HttpRequest

from accounts.admin.read_only import ReadOnly

# Adding up more rows than these would make a list slow.
MOST_ROWS: Final = 100_000


class ListWithTotals(ChangeList):
    """The rows found by a list's filters, and what they add up to."""

    @property
    def totals(self) -> list[tuple[str, str]]:
        if not self.result_count or self.result_count > MOST_ROWS:
            return []
        columns: Mapping[str, Any] = getattr(self.model_admin, "totals", {})
        sums = self.queryset.order_by().aggregate(**{f"total_{name}": Sum(name) for name in columns})
        return [(str(label), f"{sums[f'total_{name}'] or 0:,}") for name, label in columns.items()]


class WithTotals(ReadOnly):
    """A list of money or credits that says what the rows found by its filters add up to."""

    change_list_template = "operator/list_with_totals.html"
    show_full_result_count = False
    # Column and what its total is called.
    totals: ClassVar[Mapping[str, Any]] = {}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ListWithTotals


def known(field: str, title: Any, values: Callable[[], Iterable[tuple[str, Any]]]) -> type[SimpleListFilter]:
    """Return a filter by known values of a field. Django's own reads which values there are from every row."""

    class Known(SimpleListFilter):
        parameter_name = field

        def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
            return list(values())

        def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
            return rows.filter(**{field: self.value()}) if self.value() else rows

    Known.title = title
    return Known

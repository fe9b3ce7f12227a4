"""The table of the policy: what is kept, drawn from the declarations of the apps, never written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils.encoding import force_str
from django.utils.translation import gettext_lazy as _

from image2.lib.http.browser_storage import Stored, stored
from image2.lib.personal_data import Category, Erased, Kept, ModelData, declarations
from privacy.policy import versions

# Where the model's own word would puzzle, or mislead: of an address only the network is kept.
_PLAIN_NAMES = {"ip": _("shortened address"), "user_agent": _("browser"), "at": _("time")}


@dataclass(frozen=True)
class Row:
    """One group of fields as a person reads it."""

    what: str
    purpose: str
    basis: str
    retention: str
    erased: Erased
    exported: bool

    @property
    def on_erasure(self) -> str:
        return force_str(self.erased.label)

    @property
    def goes(self) -> bool:
        """Whether nothing of it is left when the account is deleted."""
        return self.erased in (Erased.WITH_ROW, Erased.CLEARED)


@dataclass(frozen=True)
class Section:
    """One category of the policy with its rows."""

    title: str
    rows: list[Row]


def sections() -> list[Section]:
    """Return the table by category, in the order of the policy; categories without data are left out."""
    found: dict[Category, list[Row]] = {category: [] for category in Category}
    for category, row in _rows():
        found[category].append(row)
    return [Section(force_str(category.label), rows) for category, rows in found.items() if rows]


def sections_of(wanted: Callable[[Row], bool]) -> list[Section]:
    """Return the same table with some of its rows alone."""
    some = [Section(each.title, [row for row in each.rows if wanted(row)]) for each in sections()]
    return [each for each in some if each.rows]


def browser_rows() -> list[Stored]:
    """Return the cookies and keys that this site sets under the policy in force."""
    return [item for item in stored() if item.since == 1 or versions.in_force(item.since)]


def _rows() -> Iterator[tuple[Category, Row]]:
    for declared in declarations():
        for group in declared.kept:
            yield (
                group.category,
                Row(
                    what=_names(declared, group),
                    purpose=force_str(group.purpose),
                    basis=force_str(group.basis.label),
                    retention=force_str(group.retention),
                    erased=group.erased,
                    exported=group.exported,
                ),
            )


def plain_name(field: Any) -> str:
    """Return what a field is called on pages."""
    return force_str(_PLAIN_NAMES.get(field.name) or field.verbose_name)


def _names(declared: ModelData, group: Kept) -> str:
    options = apps.get_model(declared.model)._meta  # noqa: SLF001  (Django's documented way to a model's fields)
    names = ", ".join(plain_name(options.get_field(name)) for name in group.fields)
    return f"{force_str(options.verbose_name).capitalize()}: {names}"

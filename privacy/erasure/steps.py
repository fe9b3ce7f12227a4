"""What erasing a person does to each table, read from the declarations of the apps: nothing is listed here by hand.

Rows that go are deleted with the keys of their objects put into the outbox, in one transaction; fields that are emptied
are emptied; rows that stay lose their owner with the account.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db.models import Model, Q

from generation.files import storing
from image2.lib.personal_data import Erased, ModelData, declarations

if TYPE_CHECKING:
    from accounts.models import User

ACCOUNT: Final = "accounts.User"
# Rows in one transaction: few enough that nobody waits long for a lock.
BATCH: Final = 200


def going() -> list[ModelData]:
    """Return what loses its rows, in order: objects of storage first, then from the upper apps down.

    The account itself isn't among them: it goes last.
    """
    found = [declared for declared in declarations() if goes(declared) and declared.model != ACCOUNT]
    found = [declared for declared in reversed(found) if not _goes_with_its_parent(declared)]
    return sorted(found, key=lambda declared: not declared.storage_key)


def emptied() -> list[ModelData]:
    """Return what keeps its rows and has fields to empty."""
    return [declared for declared in declarations() if cleared_fields(declared)]


def goes(declared: ModelData) -> bool:
    """Whether the rows of this model are deleted."""
    return any(group.erased is Erased.WITH_ROW for group in declared.kept)


def cleared_fields(declared: ModelData) -> list[str]:
    """Return the fields to empty by hand. Those that name the person are emptied when the account goes."""
    options = _model(declared)._meta  # noqa: SLF001  (Django's documented way to a model's fields)
    named = [name for group in declared.kept if group.erased is Erased.CLEARED for name in group.fields]
    return [name for name in named if not options.get_field(name).is_relation]


def delete_some(declared: ModelData, person: User) -> Counter[str]:
    """Delete up to BATCH rows, in the caller's transaction; return how many of each kind, nothing when none is left."""
    rows = declared.rows_of(person)
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not keys:
        return Counter()
    some = _model(declared)._default_manager.filter(pk__in=keys)  # noqa: SLF001  (documented by Django)
    if declared.storage_key:
        storing.discard_keys(list(some.values_list(declared.storage_key, flat=True)))
    return Counter(some.delete()[1])


def empty_some(declared: ModelData, person: User) -> int:
    """Empty the fields of up to BATCH rows, in the caller's transaction; return how many, 0 when none is left."""
    options = _model(declared)._meta  # noqa: SLF001
    values = {name: _nothing(options.get_field(name)) for name in cleared_fields(declared)}
    filled = reduce(or_, (~_is(name, value) for name, value in values.items()))
    keys = list(declared.rows_of(person).filter(filled).order_by("pk").values_list("pk", flat=True)[:BATCH])
    return _model(declared)._default_manager.filter(pk__in=keys).update(**values)  # noqa: SLF001


def left_of(person: User) -> list[str]:
    """Return the models that still have rows of this person to delete."""
    return [declared.model for declared in going() if declared.rows_of(person).exists()]


def delete_account(person: User) -> Counter[str]:
    """Delete the account, in the caller's transaction. Rows that stay lose their owner."""
    return Counter(person.delete()[1])


def _goes_with_its_parent(declared: ModelData) -> bool:
    """Rows without a key of their own are deleted with what they are part of."""
    return len(_model(declared)._meta.pk_fields) > 1  # noqa: SLF001


def _is(name: str, value: Any) -> Q:
    return Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})


def _nothing(field: Any) -> Any:
    return None if field.null else ""


def _model(declared: ModelData) -> type[Model]:
    return apps.get_model(declared.model)

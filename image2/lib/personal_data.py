"""How an app declares what it stores about people; the policy's table, the export and the erasure read it.

An app declares every field of every model it owns in ``<app>/personal_data.py`` as ``DECLARATIONS``: personal ones in
``Kept`` groups (what for, on which basis, how long, how exported, how erased), all others in ``impersonal`` with a
reason. A test walks the models: a field that is in neither place fails the build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from importlib import import_module
from importlib.util import find_spec
from operator import or_
from typing import IO, Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise


class Category(StrEnum):
    """The kinds of information the privacy policy speaks of, in its order."""

    ACCOUNT = "account"
    PREFERENCES = "preferences"
    SUPPORT = "support"
    USAGE = "usage"
    CONTENT = "content"
    TECHNICAL = "technical"
    PAYMENT = "payment"

    @property
    def label(self) -> Sentence:
        return _CATEGORY_LABELS[self]


class Basis(StrEnum):
    """The lawful bases of GDPR article 6 that we rely on."""

    CONTRACT = "contract"
    CONSENT = "consent"
    LEGITIMATE_INTEREST = "legitimate interest"
    LEGAL_OBLIGATION = "legal obligation"

    @property
    def label(self) -> Sentence:
        return _BASIS_LABELS[self]


class Erased(StrEnum):
    """What erasing the account does to a field."""

    WITH_ROW = "with row"  # the row is deleted
    CLEARED = "cleared"  # the row stays, the field is emptied
    PSEUDONYM = "pseudonym"  # the row stays, the person in it is replaced by a random name
    LATER = (
        "later"  # the row stays until the stated time has passed (a legal duty, or another person's right)
    )

    @property
    def label(self) -> Sentence:
        return _ERASED_LABELS[self]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Fields of one model that are kept for the same purpose, in the same way."""

    fields: tuple[str, ...]
    category: Category
    purpose: Sentence
    basis: Basis
    retention: Sentence
    erased: Erased = Erased.WITH_ROW
    exported: bool = True
    not_exported_because: str = ""  # a secret's hash, say; required when it is not exported

    def __post_init__(self) -> None:
        if self.exported == bool(self.not_exported_because):
            raise ValueError(f"{self.fields}: say why it is not exported, and only then")


@dataclass(frozen=True, kw_only=True)
class CopiedFiles:
    """How the stored objects of a model go into a person's copy of their data.

    ``path`` names one within the copy, ``largest`` says how many bytes it takes at most, and ``write`` writes them
    without holding them all in memory. ``beside`` gives a JSON file to put beside it: its ending and what it says.
    Rows that are not ``wanted`` hold what is computed from others: thumbnails, say.
    """

    wanted: Q
    path: Callable[[Any], str]
    largest: Callable[[Any], int]
    write: Callable[[Any, IO[bytes]], None]
    beside: Callable[[Any], tuple[str, Any] | None] = lambda _row: None
    related: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ListElsewhere:
    """A list of a person's data that somebody else keeps for us; an app declares it in ``ELSEWHERE``.

    ``rows`` asks for it. ``fields`` says what each field is, in plain words.
    """

    export_name: str
    what: Sentence
    fields: Mapping[str, Sentence]
    rows: Callable[[Any], Iterator[Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class ModelData:
    """Everything one model knows about a person.

    ``owner`` is the lookup that leads from a row to the person ("pk", "owner", "job__owner"; a tuple where there are
    several ways); empty for a model that knows nothing about anybody. ``export_name`` names its list in the export.
    ``storage_key`` names the field that holds an object's key; ``copied`` says which of these objects are exported, and
    how.
    """

    model: str
    owner: str | tuple[str, ...] = ""
    export_name: str = ""
    kept: tuple[Kept, ...] = ()
    impersonal: Mapping[str, str] = field(default_factory=dict)
    storage_key: str = ""
    copied: CopiedFiles | None = None

    def __post_init__(self) -> None:
        if self.kept and not self.owner:
            raise ValueError(f"{self.model} keeps personal fields: name the lookup that leads to their owner")
        if bool(self.storage_key in self.exported_fields()) != bool(self.copied):
            raise ValueError(f"{self.model}: say how the objects behind {self.storage_key!r} are exported")
        names = self.declared_fields()
        if len(names) != len(set(names)):
            raise ValueError(f"{self.model} declares a field twice")

    def owned_by(self, person: Model) -> Q:
        """Return the condition under which a row is about this person."""
        ways = (self.owner,) if isinstance(self.owner, str) else self.owner
        return reduce(or_, (Q(**{way: person.pk}) for way in ways))

    def rows_of(self, person: Model) -> QuerySet[Any]:
        """Return the rows about this person."""
        rows: QuerySet[Any] = apps.get_model(self.model)._default_manager.filter(self.owned_by(person))  # noqa: SLF001  (documented by Django, whatever its name)
        return rows

    def declared_fields(self) -> list[str]:
        return [name for group in self.kept for name in group.fields] + list(self.impersonal)

    def exported_fields(self) -> list[str]:
        return [name for group in self.kept if group.exported for name in group.fields]


def declarations() -> Iterator[ModelData]:
    """Yield what every installed app declares, in the order of the apps."""
    for module in _modules():
        yield from module.DECLARATIONS


def lists_elsewhere() -> Iterator[ListElsewhere]:
    """Yield the lists that others keep for us."""
    for module in _modules():
        yield from getattr(module, "ELSEWHERE", ())


def _modules() -> Iterator[Any]:
    for config in apps.get_app_configs():
        name = f"{config.name}.personal_data"
        if find_spec(name):
            yield import_module(name)


_CATEGORY_LABELS: dict[Category, Sentence] = {
    Category.ACCOUNT: _("Account information"),
    Category.PREFERENCES: _("Preferences and personalisation"),
    Category.SUPPORT: _("Support messages"),
    Category.USAGE: _("Usage details"),
    Category.CONTENT: _("Generated content and its metadata"),
    Category.TECHNICAL: _("Technical information"),
    Category.PAYMENT: _("Credits, payment and billing"),
}
_BASIS_LABELS: dict[Basis, Sentence] = {
    Basis.CONTRACT: _("Needed to provide the service you asked for (contract)"),
    Basis.CONSENT: _("Your consent, which you can withdraw at any time"),
    Basis.LEGITIMATE_INTEREST: _("Our legitimate interest, weighed against yours"),
    Basis.LEGAL_OBLIGATION: _("A legal duty of ours"),
}
_ERASED_LABELS: dict[Erased, Sentence] = {
    Erased.WITH_ROW: _("Deleted"),
    Erased.CLEARED: _("Emptied"),
    Erased.PSEUDONYM: _("Kept without your name"),
    Erased.LATER: _("Kept until the stated time has passed"),
}

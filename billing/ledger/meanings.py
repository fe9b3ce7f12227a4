"""What a line of the ledger was for, in words and with a link; apps above billing explain references of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a person calls it, and where it is shown; without a url when it is not there any more."""

    label: str | Promise
    url: str = ""


# Given references of one kind (``job:…``), returns what those that it knows mean.
Explainer = Callable[[Iterable[str]], Mapping[str, Meaning]]

_explainers: dict[str, Explainer] = {}
_OWN: Mapping[str, str | Promise] = {
    "welcome": _("Welcome credits"),
    "admin": _("From the operator"),
    "stripe": _("Purchase"),
}


def register(kind: str, explainer: Explainer) -> None:
    """Say who explains references that begin with ``kind:``; called while apps get ready."""
    _explainers[kind] = explainer


def explain(refs: Iterable[str]) -> dict[str, Meaning]:
    """Return what each reference means: one call for each kind, so one query for each kind."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        by_kind[ref.partition(":")[0]].add(ref)
    meanings: dict[str, Meaning] = {}
    for kind, own in by_kind.items():
        meanings |= dict.fromkeys(own, Meaning(_OWN.get(kind, "")))
        if kind in _explainers:
            meanings |= _explainers[kind](own)
    return meanings

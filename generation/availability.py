"""What can run now: the catalogue's models without those that staff switched off or whose files no live worker has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from generation.models import ModelSwitch, Worker
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.requests.controls.weights import ControlWeights

# States of a model in a worker's report.
LOADED, HERE, MISSING, FAILED = "loaded", "here", "missing", "failed"
STATES = {
    LOADED: _("in memory"),
    HERE: _("on its disk"),
    MISSING: _("not on its disk"),
    FAILED: _("couldn't be loaded"),
}
# What couldn't be loaded once may be the next time, which only a job can show; a job that fails costs nothing.
_MAY_RUN = frozenset({LOADED, HERE, FAILED})


def switched_off() -> frozenset[str]:
    return frozenset(ModelSwitch.objects.values_list("model", flat=True))


def reported() -> frozenset[str]:
    """Models that are on in the file as the live workers read it, whether they have the files or not."""
    reports = Worker.objects.alive().values_list("models", flat=True)
    return frozenset(model for report in reports for model in report)


def out_of_reach() -> frozenset[str]:
    """Models whose files no live worker has, or that none knows, as they say: one that started before the catalogue
    changed doesn't report a new model. While none is alive, nothing is known, and jobs wait.
    """
    reports = _reports()
    if not reports:
        return frozenset()
    able = {model for report in reports for model, facts in report.items() if facts.get("state") in _MAY_RUN}
    return frozenset(entry.id for entry in catalogue.enabled()) - able


def lacked(model: str) -> frozenset[str]:
    """The files beside this model's own that no live worker which can run it has, by the names that jobs have for them
    ("adapter:sketch", "control:edges"). While none is alive that can, nothing is known, and it is empty.
    """
    facts = [report[model] for report in _reports() if model in report]
    lacking = [frozenset(each.get("lacks", ())) for each in facts if each.get("state") in _MAY_RUN]
    return frozenset.intersection(*lacking) if lacking else frozenset()


def controls(entry: Entry) -> Mapping[str, ControlWeights]:
    """The kinds of control picture that the model can be led by now, with their weights; asks for none without any."""
    gone = lacked(entry.id) if entry.controls else frozenset()
    return {kind: weights for kind, weights in entry.controls.items() if f"control:{kind}" not in gone}


def can_lead() -> bool:
    """Whether a control picture can lead one of the models that draw now."""
    return any(controls(entry) for entry in drawing())


def is_offered(entry: Entry) -> bool:
    """Whether a new request for it is taken: on in the file, and not switched off by staff."""
    return entry.enabled and not ModelSwitch.objects.filter(model=entry.id).exists()


def able(kind: str, *, enhance: bool = False) -> tuple[Entry, ...]:
    """The models that make pictures of this kind now, with detail added or without, in the catalogue's order."""
    return _without_hidden(catalogue.able(kind, enhance=enhance))


def drawing() -> tuple[Entry, ...]:
    """The models that draw pictures now: what the form of /create/ offers."""
    return _without_hidden(catalogue.drawing())


def switched_on() -> tuple[Entry, ...]:
    """The models that draw pictures, now or once their files are there again: what a person may prefer."""
    hidden = switched_off()
    return tuple(entry for entry in catalogue.drawing() if entry.id not in hidden)


def waits_for_files() -> bool:
    """Whether models that draw are turned on, and only their files are missing everywhere."""
    return bool(switched_on()) and not drawing()


def _reports() -> list[dict[str, dict[str, Any]]]:
    """What each live worker that has looked says of its models."""
    return [report for report in Worker.objects.alive().values_list("models", flat=True) if report]


def _without_hidden(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    hidden = switched_off() | out_of_reach()
    return tuple(entry for entry in entries if entry.id not in hidden)

"""``manage.py models``: list the catalogue; pull, check, warm and remove its models; draw their examples."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation import availability, examples
from generation.hub import controls, inspecting, places, pulling
from generation.hub.places import HubError, amount
from generation.jobs import switching
from generation.models import Worker
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.worker import warming

# Lines of progress: one each time another hundredth of the model is there.
_HUNDREDTHS = 100


class Command(BaseCommand):
    help = "Shows the models of the catalogue; pulls, checks, warms and removes their weights; draws their examples."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="list|pull|check|warm|example|remove")
        acts.add_parser("list", help="each model: switched on or off, what is on this disk, who holds it")
        pull = acts.add_parser(
            "pull", help="download what is missing, at the pinned revision; continues a broken pull"
        )
        pull.add_argument(
            "--revision", default="", help="40 digits of a commit; the catalogue's, if left out"
        )
        pull.add_argument(
            "--leave-out-unsafe",
            action="store_true",
            help="pull the safetensors of a model that has files which can run code beside them",
        )
        acts.add_parser(
            "check", help="look at the weights without loading them: classes, sizes, types, hashes"
        )
        warm = acts.add_parser("warm", help="load it in a worker now, before somebody waits for it")
        warm.add_argument("--seconds", type=_seconds, default=300, help="how long to wait for the worker")
        example = acts.add_parser(
            "example", help="have a worker draw the picture that /create/ shows of it, anew if there is one"
        )
        example.add_argument("--seconds", type=_seconds, default=600, help="how long to wait for the worker")
        remove = acts.add_parser(
            "remove", help="delete the pulled weights; refused while jobs wait for the model"
        )
        remove.add_argument(
            "--give-back",
            action="store_true",
            help="end waiting jobs, uncharged and with words, and remove it",
        )
        for name, act in acts.choices.items():
            if name != "list":
                also = ", or a folder of weights" if name == "check" else ""
                act.add_argument("model", help=f"an id of the catalogue{also}")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            if act == "list":
                self._list()
            elif act == "check" and (folder := _folder_named(options["model"])):
                self._report(inspecting.inspect(folder), None)
            else:
                getattr(self, f"_{act}")(catalogue.get(options["model"]), options)
        except catalogue.UnknownModel as error:
            known = ", ".join(entry.id for entry in catalogue.entries())
            raise CommandError(f"There is no model {options['model']!r}. There are: {known}") from error
        except (HubError, catalogue.CatalogueError, warming.NotWarm, examples.NoExample) as error:
            raise CommandError(str(error)) from error

    def _list(self) -> None:
        off, workers = availability.switched_off(), list(Worker.objects.alive().order_by("name"))
        shown = examples.of(catalogue.drawing())
        for entry in catalogue.entries():
            lacks = entry in catalogue.drawing() and entry.id not in shown
            self.stdout.write(
                f"{entry.id:24} {_switch(entry, off):16} {_on_disk(entry)}{_held(entry, workers)}"
                f"{'; no example picture' if lacks else ''}"
            )

    def _pull(self, entry: Entry, options: dict[str, Any]) -> None:
        pinned = replace(entry, revision=options["revision"] or entry.revision)
        report = _Progress(self)
        folder = pulling.pull(pinned, report, leave_out_unsafe=options["leave_out_unsafe"])
        self.stdout.write(f"{entry.id} is in {folder}, each file verified by its hash.")
        if pinned.revision != entry.revision:
            self.stdout.write(
                f'Write it into the catalogue file: [models.{entry.id}] revision = "{pinned.revision}"'
            )

    def _check(self, entry: Entry, options: dict[str, Any]) -> None:
        folder = places.find(entry)
        if folder is None:
            raise HubError(f"{entry.id}: its weights aren't here. Run: manage.py models pull {entry.id}")
        self._report(inspecting.inspect(folder, family=entry.family), entry)
        for kind in entry.controls:
            self._report_control(entry, kind)

    def _report(self, found: inspecting.Inspection, entry: Entry | None) -> None:
        self.stdout.write(f"{entry.id + ': ' if entry else ''}{found.pipeline} in {found.folder}")
        for part in found.parts:
            numbers = ", ".join(f"{count:,} {kind}" for kind, count in sorted(part.numbers.items()))
            self.stdout.write(f"  {part.name:16} {part.class_name:32} {amount(part.bytes):>10}  {numbers}")
        self.stdout.write(f"  hashes: {_verified(found)}")
        if not found.verified:
            for name, digest in inspecting.hashes(found.folder):
                self.stdout.write(f"    {digest}  {name}")
        self.stdout.write(f"  licence: {_licence(entry, found)}")
        self.stdout.write(f"  memory: {_fits(entry, found)}")
        if entry and (chosen := _loading(entry)):
            self.stdout.write(f"  loading: {chosen}")

    def _report_control(self, entry: Entry, kind: str) -> None:
        network, weights = controls.look(entry, kind), entry.controls[kind]
        numbers = ", ".join(f"{count:,} {name}" for name, count in sorted(network.numbers.items()))
        self.stdout.write(f"  control by {kind}: {network.folder}")
        self.stdout.write(f"    {amount(network.bytes):>10}  {numbers}")
        self.stdout.write(
            f"    licence: {weights.licence} (catalogue); memory: {weights.memory_mb:,} MB by the catalogue"
        )

    def _warm(self, entry: Entry, options: dict[str, Any]) -> None:
        self.stdout.write(warming.ask(entry, seconds=options["seconds"]))

    def _example(self, entry: Entry, options: dict[str, Any]) -> None:
        self.stdout.write(warming.ask_for_example(entry, seconds=options["seconds"]))

    def _remove(self, entry: Entry, options: dict[str, Any]) -> None:
        waiting = switching.waiting(entry.id).count()
        if waiting and not options["give_back"]:
            raise HubError(
                f"{entry.id}: jobs wait for it ({waiting}). Wait for them, or run with --give-back: they end "
                "uncharged, and their owners read why. Nothing was removed."
            )
        freed = places.remove(entry)
        given = switching.give_back(entry.id)
        self.stdout.write(f"{entry.id} is removed: {amount(freed)} freed, waiting jobs given back: {given}.")


class _Progress:
    """One line for each hundredth, with what is there and what is to come."""

    def __init__(self, command: BaseCommand) -> None:
        self._command, self._last = command, -1

    def __call__(self, done: int, whole: int) -> None:
        share = done * _HUNDREDTHS // whole if whole else _HUNDREDTHS
        if share != self._last:
            self._last = share
            self._command.stdout.write(f"{share:3} %  {amount(done)} of {amount(whole)}")
            self._command.stdout.flush()


def _seconds(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is no whole number of seconds from 1 on")
    return int(text)


def _folder_named(text: str) -> Path | None:
    """The folder that is meant, unless the catalogue has a model of this name."""
    if text in {entry.id for entry in catalogue.entries()}:
        return None
    path = Path(text).expanduser()
    return path.resolve() if path.is_dir() else None


def _switch(entry: Entry, off: frozenset[str]) -> str:
    if not entry.enabled:
        return "off (file)"
    return "off (admin)" if entry.id in off else "on"


def _on_disk(entry: Entry) -> str:
    place = places.place(entry)
    if place.state == "missing":
        return f"not here ({entry.source})"
    return f"{'here' if place.state == 'here' else 'partly pulled'}, {amount(place.bytes)} in {place.folder}"


def _held(entry: Entry, workers: list[Worker]) -> str:
    names = ", ".join(worker.name for worker in workers if entry.id in worker.held)
    return f"; in the memory of {names}" if names else ""


def _verified(found: inspecting.Inspection) -> str:
    if found.verified:
        return f"{found.verified} files are what was pulled"
    return "nothing to compare with, since it wasn't pulled by this command; the SHA-256 of its weights:"


def _licence(entry: Entry | None, found: inspecting.Inspection) -> str:
    if entry is None:
        return f"{found.licence} (its card)" if found.licence else "not said in this folder"
    said = f"{entry.licence} (catalogue, read {entry.licence_read or 'never'})"
    return f"{said}; {found.licence} (its card)" if found.licence else said


def _loading(entry: Entry) -> str:
    """How its entry wants it to be loaded. Raises HubError when it can't be."""
    if not (entry.offload or entry.quantise):
        return ""
    from generation.engine import placement  # brings torch along
    from generation.engine.contract import ModelUnavailable

    try:
        placement.refuse_without_packages(entry)
    except ModelUnavailable as error:
        raise HubError(str(error)) from error
    ways = {"quantised to": entry.quantise, "offloaded by": entry.offload}
    return ", ".join(f"{way} {name}" for way, name in ways.items() if name)


def _fits(entry: Entry | None, found: inspecting.Inspection) -> str:
    """The card of this machine against the weights, in the number type that the worker would load them in."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from generation.engine import device  # brings torch along

    weights = _megabytes(found, device.dtype().itemsize)
    needed, budget = max(weights, entry.memory_mb if entry else 0), device.model_budget_mb()
    card = "this card" if device.device().type == "cuda" else "no card is here; this machine's processor"
    said = f"{weights:,} MB of weights" + (f", {entry.memory_mb:,} MB by the catalogue" if entry else "")
    return f"{said}; {card} has {budget:,} MB: it {'fits' if needed <= budget else 'does NOT fit'}"


def _megabytes(found: inspecting.Inspection, itemsize: int) -> int:
    """Of its numbers in the type that the worker loads them in; of a file whose numbers aren't read, its own size."""
    return (found.parameters * itemsize or found.bytes) // 10**6

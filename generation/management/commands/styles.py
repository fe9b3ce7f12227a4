"""``manage.py styles``: list the styles of the form, and draw their example pictures with a model that runs here."""

from __future__ import annotations

import importlib
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from PIL import Image

from generation.requests import catalogue, ordering
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest
from generation.styles import examples, presets
from generation.styles.presets import Preset, StylesError

_SHAPE: Final = "3:2"
_SEED: Final = 7
_QUALITY: Final = 82


class Command(BaseCommand):
    help = "Lists the styles of the form; draws their example pictures with a model that runs here."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="list|draw")
        acts.add_parser("list", help="each style, its version, and the models that are offered it")
        draw = acts.add_parser("draw", help="draw the example pictures of a model's styles")
        draw.add_argument("model", help="an id of the catalogue")
        draw.add_argument("--seed", type=int, default=_SEED, help="the seed of every picture (%(default)s)")
        draw.add_argument("--only", action="append", metavar="STYLE", help="a style's key; all, if left out")
        draw.add_argument(
            "--shipped",
            action="store_true",
            help="into the project's static files, in place of the operator's folder (IMAGE2_STYLES)",
        )

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            self._list() if act == "list" else self._draw(options)
        except (StylesError, catalogue.CatalogueError) as error:
            raise CommandError(str(error)) from error

    def _list(self) -> None:
        for preset in presets.presets().found:
            models = [entry.id for entry in catalogue.enabled() if preset in _of(entry)]
            offered = ", ".join(models) or "no model that is switched on"
            self.stdout.write(f"{preset.style.key:20} {preset.style.version:3}  {offered}")

    def _draw(self, options: dict[str, Any]) -> None:
        entry = _entry(options["model"])
        wanted = [
            preset for preset in _of(entry) if preset.style.key in (options["only"] or [preset.style.key])
        ]
        if not wanted:
            raise CommandError(f"{entry.id} is offered none of these styles. See: manage.py styles list")
        folder = examples.SHIPPED / entry.id if options["shipped"] else examples.own_folder(entry.id)
        if folder is None:
            raise CommandError(
                "Name a folder for the pictures: set IMAGE2_STYLES, for this command and the web."
            )
        for preset, drawn in _drawn(entry, wanted, options["seed"]):
            target = folder / examples.file_name(preset)
            _write(drawn, target)
            self.stdout.write(f"{target}  {target.stat().st_size:,} bytes")


def _of(entry: Entry) -> tuple[Preset, ...]:
    return presets.offered(model=entry.id, family=entry.family, vocabulary=entry.vocabulary)


def _entry(model: str) -> Entry:
    try:
        return catalogue.get(model)
    except catalogue.UnknownModel as error:
        known = ", ".join(entry.id for entry in catalogue.entries())
        raise CommandError(f"There is no model {model!r}. There are: {known}") from error


def _drawn(entry: Entry, wanted: list[Preset], seed: int) -> list[tuple[Preset, Image.Image]]:
    """All of them in runs of the model, each from the same seed: so that only the style differs."""
    # By name: only workers and commands may load torch, and importers of this module must not.
    engine = importlib.import_module("generation.engine.production")
    contract = importlib.import_module("generation.engine.contract")
    by_key = {preset.style.key: preset for preset in wanted}
    orders = [
        contract.PictureOrder(_request(entry, preset, seed), 0, seed, key) for key, preset in by_key.items()
    ]
    with tempfile.TemporaryDirectory() as name:
        try:
            with closing(
                engine.produce(orders, entry, workdir=Path(name), on_progress=lambda _step: None)
            ) as pictures:
                return [(by_key[picture.job], _small(picture.master)) for picture in pictures]
        except contract.EngineError as error:
            raise CommandError(str(error)) from error


def _request(entry: Entry, preset: Preset, seed: int) -> GenerationRequest:
    prompt = presets.example_of(preset, model=entry.id)
    return ordering.plain(entry, "text_to_image", prompt=prompt, seed=seed, shape=_SHAPE, style=preset.style)


def _small(master: Path) -> Image.Image:
    with Image.open(master) as picture:
        return picture.convert("RGB").resize((examples.WIDTH, examples.HEIGHT), Image.Resampling.LANCZOS)


def _write(picture: Image.Image, target: Path) -> None:
    """In place of what was there, at once; pictures of other versions of the style go."""
    target.parent.mkdir(parents=True, exist_ok=True)
    key = target.stem.rpartition("-")[0]
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
        picture.save(file, "WEBP", quality=_QUALITY, method=6)
    for old in target.parent.glob(f"{key}-*.webp"):
        if old.stem.rpartition("-")[0] == key:
            old.unlink()
    shutil.move(file.name, target)
    target.chmod(0o644)

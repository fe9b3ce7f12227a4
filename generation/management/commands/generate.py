"""`manage.py generate "a red sailboat at sunset" --out boat.png`: the engine without web, queue, ledger or database."""

import importlib
import secrets
import shutil
import tempfile
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from generation import catalogue
from generation.requests import SEEDS, GenerationRequest, InvalidRequest
from generation.sizes import SHAPES, SIZES

# A file of the operator has no id on the site; the request wants a well-formed one.
_FROM_FILE = f"upload:{UUID(int=0)}"


class Command(BaseCommand):
    help = "Draw pictures from words into PNG files. The same seed gives the same bytes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prompt", help=_("what the picture shows"))
        parser.add_argument(
            "--out", type=Path, required=True, help=_("the PNG file; more than one are numbered")
        )
        parser.add_argument(
            "--model", help=_("an id of the catalogue; the first one that is on, if left out")
        )
        parser.add_argument("--shape", choices=SHAPES, default="1:1")
        parser.add_argument("--size", choices=SIZES, default="1k")
        parser.add_argument("--seed", type=int, help=_("left out, one is drawn and printed"))
        parser.add_argument("--count", type=int, default=1)
        parser.add_argument("--steps", type=int)
        parser.add_argument("--guidance", type=float)
        parser.add_argument("--negative", default="", help=_("what it should not show"))
        parser.add_argument("--reference", type=Path, help=_("a picture to start from"))
        parser.add_argument(
            "--strength", type=float, help=_("with --reference: 0.05 nearly the same, 1 all new")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        request, entry = _request(options)
        reference: Path | None = options["reference"]
        if reference:
            _check_picture(reference)
        targets = _targets(options["out"], request.count)
        # By name: only workers and commands may load torch, and whoever imports this module must not.
        engine = importlib.import_module("generation.engine.production")
        contract = importlib.import_module("generation.engine.contract")
        orders = [
            contract.PictureOrder(request, index, request.seed_of(index)) for index in range(request.count)
        ]
        with tempfile.TemporaryDirectory() as folder:
            try:
                with closing(
                    engine.produce(
                        orders, entry, reference=reference, workdir=Path(folder), on_progress=self._show
                    )
                ) as pictures:
                    for picture in pictures:
                        target = targets[picture.index]
                        shutil.move(picture.master, target)
                        self.stdout.write(
                            f"{target}  {picture.width}x{picture.height}  seed {picture.seed}"
                            f"  sha256 {picture.sha256}"
                        )
            except contract.EngineError as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(
                    f"{error.filename or options['out']}: {error.strerror or error}"
                ) from error

    def _show(self, progress: Any) -> None:
        if self.stderr.isatty() and progress.preview is None:
            self.stderr.write(f"\r{progress.stage:10} {progress.step}/{progress.of}   ", ending="")


def _request(options: dict[str, Any]) -> tuple[GenerationRequest, catalogue.Entry]:
    try:
        entry = catalogue.get(options["model"]) if options["model"] else catalogue.enabled()[0]
    except catalogue.UnknownModel:
        known = ", ".join(entry.id for entry in catalogue.enabled())
        raise CommandError(
            _("There is no model “%(id)s”. On offer: %(known)s") % {"id": options["model"], "known": known}
        ) from None
    except catalogue.CatalogueError as error:
        raise CommandError(str(error)) from error
    has_reference = options["reference"] is not None
    try:
        request = GenerationRequest(
            kind="image_to_image" if has_reference else "text_to_image",
            model=entry.id,
            prompt=options["prompt"],
            negative_prompt=options["negative"],
            shape=options["shape"],
            size=options["size"],
            count=options["count"],
            seed=secrets.randbelow(SEEDS) if options["seed"] is None else options["seed"],
            steps=entry.default_steps if options["steps"] is None else options["steps"],
            guidance=entry.default_guidance if options["guidance"] is None else options["guidance"],
            reference=_FROM_FILE if has_reference else None,
            strength=_strength(options),
        ).validated()
    except InvalidRequest as error:
        sentences = [f"{field}: {sentence}" for field, sentence in error.errors.items()]
        raise CommandError(" ".join(sentences)) from error
    return request, entry


def _strength(options: dict[str, Any]) -> float | None:
    if options["reference"] is None and options["strength"] is None:
        return None
    return 0.6 if options["strength"] is None else options["strength"]


def _check_picture(path: Path) -> None:
    try:
        with Image.open(path) as picture:
            picture.load()
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise CommandError(_("%(path)s is not a picture that can be read.") % {"path": path}) from error


def _targets(out: Path, count: int) -> list[Path]:
    """boat.png, or boat-1.png to boat-4.png."""
    if out.suffix.lower() != ".png":
        raise CommandError(_("%(path)s: the file has to end in .png") % {"path": out})
    if not out.parent.is_dir():
        raise CommandError(_("%(path)s: there is no such folder") % {"path": out.parent})
    if count == 1:
        return [out]
    return [out.with_stem(f"{out.stem}-{number}") for number in range(1, count + 1)]

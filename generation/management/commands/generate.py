"""`manage.py generate "a red sailboat" --out boat.png`: the engine without web, queue, ledger or database.

With `--user` in place of `--out` it is an order of that person's: charged, drawn by the site, in their history.
"""

import hashlib
import importlib
import secrets
import tempfile
from argparse import ArgumentParser
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from generation.management import for_a_person
from generation.requests import catalogue, edits, kinds, marking, ordering, strength
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.request import SEEDS, GenerationRequest, InvalidRequest
from generation.requests.sizes import SHAPES, SIZES, Size
from generation.styles import adapters, presets
from generation.styles.adapter import Adapter
from generation.styles.style import Style

# What is made of no reference, one, and several, unless the kind is said.
_PLAIN: Final = ("text_to_image", "image_to_image", "edit")


class Command(BaseCommand):
    help = (
        "Draw pictures from words, or change a picture, into PNG files or a person's history. The same seed gives "
        "the same bytes."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prompt", nargs="?", default="", help=_("what the picture shows"))
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--out", type=Path, help=_("the PNG file; more than one are numbered"))
        target.add_argument(
            "--user",
            help=_("the address of the person who orders and pays; the site draws into their history"),
        )
        parser.add_argument(
            "--kind",
            choices=kinds.KINDS,
            help=_("left out: from words, from the reference, or an edit of several"),
        )
        parser.add_argument(
            "--model", help=_("an id of the catalogue; the first one that can do it, if left out")
        )
        parser.add_argument("--shape", choices=SHAPES)
        parser.add_argument("--size", choices=SIZES, default="1k")
        parser.add_argument("--seed", type=int, help=_("left out, one is drawn and printed"))
        parser.add_argument("--count", type=int)
        parser.add_argument("--steps", type=int)
        parser.add_argument("--guidance", type=float)
        parser.add_argument("--style", help=_("the key of a style: manage.py styles list"))
        parser.add_argument("--lora", help=_("the key of a LoRA: manage.py adapters list"))
        parser.add_argument("--lora-weight", type=float, help=_("its usual one, if left out"))
        parser.add_argument("--negative", default="", help=_("what it should not show"))
        parser.add_argument(
            "--reference", type=Path, action="append", default=[],
            help=_("a picture to start from; up to four for an edit"),
        )  # fmt: skip
        parser.add_argument(
            "--strength",
            type=float,
            help=_("with --reference: %(least)s nearly the same, %(most)s all new")
            % {"least": f"{strength.LEAST:g}", "most": f"{strength.MOST:g}"},
        )
        parser.add_argument(
            "--mask", type=Path, help=_("inpaint: a picture of its size, white where it changes")
        )
        parser.add_argument(
            "--feather", type=int, help=_("inpaint, outpaint: pixels that fade inside of the mask")
        )
        parser.add_argument("--canvas", type=_pair, help=_("outpaint: the new size, 1600x900"))
        parser.add_argument(
            "--place", type=_pair, help=_("outpaint: where the picture's corner goes, 200x100")
        )
        parser.add_argument("--scale", choices=edits.SCALES, help=_("upscale"))
        parser.add_argument(
            "--enhance",
            action="store_true",
            help=_("draw detail into a 4K picture or an upscale, where the model's entry says how"),
        )
        parser.add_argument(
            "--fields", type=Path, help=_("what was stored with the picture about what stands where")
        )
        parser.add_argument("--keep-fields", action="store_true", help=_("store that beside the picture"))

    def handle(self, *_args: Any, **options: Any) -> None:
        for path in [*options["reference"], *filter(None, [options["mask"]])]:
            _check_picture(path)
        request, entry = _request(options, _Names.of_files(options))
        if options["user"]:
            self._order(request, options)
            return
        targets = _targets(options["out"], request.count)
        # By name: only workers and commands may load torch, and importers of this module must not.
        engine = importlib.import_module("generation.engine.production")
        contract = importlib.import_module("generation.engine.contract")
        orders = [
            contract.PictureOrder(request, index, request.seed_of(index)) for index in range(request.count)
        ]
        first, *others = options["reference"] or [None]
        sources = contract.Sources(first, options["mask"], tuple(others), options["fields"])
        with tempfile.TemporaryDirectory() as folder:
            try:
                with closing(
                    engine.produce(
                        orders, entry, sources=sources, workdir=Path(folder), on_progress=self._show
                    )
                ) as pictures:
                    for picture in pictures:
                        self._write(picture, targets[picture.index], keep_fields=options["keep_fields"])
            except (contract.EngineError, ValueError) as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(
                    f"{error.filename or options['out']}: {error.strerror or error}"
                ) from error

    def _order(self, request: GenerationRequest, options: dict[str, Any]) -> None:
        """Order it as a person. What they couldn't order or pay is refused before any file is uploaded."""
        if options["fields"] or options["keep_fields"]:
            raise CommandError(
                _("With --user the site itself keeps what it knows about pictures; leave --fields out.")
            )
        person = for_a_person.find(options["user"])
        for_a_person.check(person, request)
        references, mask = for_a_person.bring(person, options["reference"], options["mask"])
        if references:
            request, _entry = _request(options | {"seed": request.seed}, _Names(references, mask))
        job = for_a_person.submit(person, request)
        self.stdout.write(
            _(
                "Job %(job)s: %(price)s credits. It is in the history of %(person)s once the site has drawn it."
            )
            % {"job": job.pk, "price": job.price, "person": person.email}
        )

    def _write(self, picture: Any, target: Path, *, keep_fields: bool) -> None:
        with picture.master.open("rb") as plain, target.open("wb") as file:
            marking.rewrite_png(plain, file, picture.recipe, include_recipe=True)
        picture.master.unlink()
        if keep_fields and picture.fields:
            target.with_suffix(".safetensors").write_bytes(picture.fields.read_bytes())
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        self.stdout.write(f"{target}  {picture.width}x{picture.height}  seed {picture.seed}  sha256 {digest}")

    def _show(self, progress: Any) -> None:
        if self.stderr.isatty() and progress.preview is None:
            self.stderr.write(f"\r{progress.stage:10} {progress.step}/{progress.of}   ", ending="")


@dataclass(frozen=True)
class _Names:
    """What a request calls the files that it starts from."""

    references: tuple[str, ...]
    mask: str

    @classmethod
    def of_files(cls, options: dict[str, Any]) -> "_Names":
        """Files have no id on the site; the request wants well-formed ones."""
        names = tuple(f"upload:{UUID(int=number)}" for number in range(len(options["reference"])))
        return cls(names, f"upload:{UUID(int=99)}")


def _request(options: dict[str, Any], names: _Names) -> tuple[GenerationRequest, Entry]:
    kind = options["kind"] or _PLAIN[min(len(options["reference"]), 2)]
    if kind != "edit" and len(options["reference"]) > 1:
        raise CommandError(_("Only an edit takes more than one reference."))
    entry = _entry(options, kind)
    options = options | {
        "seed": secrets.randbelow(SEEDS) if options["seed"] is None else options["seed"],
        "shape": options["shape"] or "1:1",
        "count": options["count"] or max(1, kinds.counts(kind)[0]),
    }
    try:
        return _built(kind, entry, options, names).validated(), entry
    except InvalidRequest as error:
        sentences = [f"{field}: {sentence}" for field, sentence in error.errors.items()]
        raise CommandError(" ".join(sentences)) from error


def _entry(options: dict[str, Any], kind: str) -> Entry:
    try:
        if options["model"]:
            return catalogue.get(options["model"])
        able = catalogue.able(kind, enhance=options["enhance"])
        return (able or catalogue.able(kind) or catalogue.enabled())[0]
    except catalogue.UnknownModel:
        known = ", ".join(entry.id for entry in catalogue.enabled())
        raise CommandError(
            _("There is no model “%(id)s”. On offer: %(known)s") % {"id": options["model"], "known": known}
        ) from None
    except catalogue.CatalogueError as error:
        raise CommandError(str(error)) from error


def _built(kind: str, entry: Entry, options: dict[str, Any], names: _Names) -> GenerationRequest:
    """The request of this kind."""
    reference = names.references[0] if names.references else ""
    source = _size(options["reference"][0]) if reference else Size(1, 1)
    more = {
        name: options[name]
        for name in ("steps", "guidance", "strength", "feather")
        if options[name] is not None
    }
    if options["style"]:
        more["style"] = _style(options["style"], entry)
    if options["lora"]:
        more["adapter"] = _adapter(options["lora"], options["lora_weight"])
    common: dict[str, Any] = {"prompt": options["prompt"], "seed": options["seed"]}
    if options["enhance"]:
        common["enhance"] = True
    about: dict[str, Any] = common | {"reference": reference, "source": source}
    drawn = more | {"count": options["count"], "negative_prompt": options["negative"]}
    match kind:
        case "inpaint":
            return ordering.inpaint(
                entry, **about, **drawn, mask=names.mask, marked=_marked(options["mask"]),
                whole=options["fields"] is not None,
            )  # fmt: skip
        case "outpaint":
            place = options["place"] or (0, 0)
            canvas = Size(*options["canvas"]) if options["canvas"] else source
            return ordering.outpaint(entry, **about, **drawn, canvas=canvas, place=place)
        case "edit":
            return ordering.edit(
                entry,
                **common,
                **drawn,
                references=names.references,
                shape=options["shape"],
                size=options["size"],
            )
        case "upscale":
            return ordering.upscale(
                entry,
                reference=reference,
                source=source,
                scale=options["scale"] or "",
                **common,
            )
        case "remove_background":
            return ordering.remove_background(
                entry, reference=reference, source=source, prompt=options["prompt"]
            )
        case "layers":
            return ordering.layers(entry, **about, **drawn)
        case "variation":
            return ordering.variation(entry, **about, **drawn, size=options["size"])
    if kind == "image_to_image":
        drawn = {"strength": strength.DEFAULT} | drawn
    return ordering.plain(
        entry,
        kind,
        **common,
        **drawn,
        shape=options["shape"],
        size=options["size"],
        reference=reference or None,
    )


def _style(key: str, entry: Entry) -> Style:
    found = presets.offered(model=entry.id, family=entry.family, vocabulary=entry.vocabulary)
    offered = {preset.style.key: preset.style for preset in found}
    if key not in offered:
        values = {"key": key, "model": entry.id, "known": ", ".join(offered) or _("none")}
        raise CommandError(_("%(model)s can't follow the style “%(key)s”. It can follow: %(known)s") % values)
    return offered[key]


def _adapter(key: str, weight: float | None) -> Adapter:
    entry = adapters.find(key)
    if entry is None:
        known = ", ".join(entry.key for entry in adapters.entries()) or _("none")
        raise CommandError(
            _("There is no LoRA “%(key)s”. There are: %(known)s") % {"key": key, "known": known}
        )
    return entry.chosen(entry.weight if weight is None else weight)


def _marked(mask: Path | None) -> Box:
    """The rectangle around what a mask marks."""
    if mask is None:
        raise CommandError(_("Inpainting needs --mask."))
    with Image.open(mask) as picture:
        box = picture.convert("L").getbbox()
    if box is None:
        raise CommandError(_("%(path)s marks nothing.") % {"path": mask})
    return Box(*box)


def _size(path: Path) -> Size:
    with Image.open(path) as picture:
        return Size(*picture.size)


def _pair(text: str) -> tuple[int, int]:
    width, _x, height = text.lower().replace("×", "x").partition("x")
    return int(width), int(height)


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

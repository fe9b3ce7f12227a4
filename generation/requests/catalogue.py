"""The models this site knows: what each is good at, what it needs, and which ones the operator switched on."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from generation.requests import kinds
from generation.requests.controls import weights as control_weights
from generation.requests.controls.weights import ControlWeights
from generation.requests.enhancing import Enhance
from generation.requests.sizes import SHAPES, Size

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SHIPPED: Final = Path(__file__).with_name("catalogue.toml")
CAPABILITIES: Final = frozenset(
    {
        *("text_to_image", "image_to_image", "inpaint", "edit", "layers"),  # what a family runs
        *("upscale", "remove_background", "segment"),  # what the engine makes of a picture
        "text_rendering",
    }
)
# What no request and no entry goes beyond.
MAX_STEPS: Final = 200
MAX_GUIDANCE: Final = 50
MOST_REFERENCES: Final = 4
# Characters: a heading over cards, and a prompt of one line.
LONGEST_GOOD_AT: Final = 40
LONGEST_EXAMPLE: Final = 200
# How a picture gets from the size it was drawn at to the one that was asked for → the module with the network that
# enlarges it, imported by the worker alone; empty where there is none. NATIVE: its decoder draws any size. An entry may
# also say where a network lies that spandrel knows: a .safetensors file, or a folder with one.
NATIVE: Final = "native"
SCALERS: Final[Mapping[str, str]] = MappingProxyType(
    {"lanczos": "", "bundled-sr": "generation.bundled.superresolution", NATIVE: ""}
)
# Family name → the module that runs it. The worker imports it by this string, so that nothing here reaches torch.
FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "stable_diffusion": "generation.engine.families.stable_diffusion",
        "flux2_klein": "generation.engine.families.flux2_klein",
        "z_image": "generation.engine.families.z_image",
        "qwen_image": "generation.engine.families.qwen.image",
        "qwen_image_edit": "generation.engine.families.qwen.edit",
        "qwen_image_layered": "generation.engine.families.qwen.layered",
        "sana": "generation.engine.families.sana",
        "auto": "generation.engine.families.auto",
        "cutout": "generation.engine.families.cutout",
        "segment_anything": "generation.engine.families.segment_anything",
    }
)
# What is made of latents before they are decoded → the module that does it, imported by the worker alone.
PROJECTIONS: Final[Mapping[str, str]] = MappingProxyType({"scenes": "generation.bundled.projection"})
# Families that aren't a pipeline of diffusers: they load their weights themselves, as they are.
_NO_PIPELINE: Final = frozenset({"cutout", "segment_anything"})
# Kept in the machine's memory, each part of a pipeline ("model") moved to the card while it computes.
OFFLOADS: Final = ("", "model")
# The numbers that weights are kept in, where not as they are published.
QUANTISATIONS: Final = ("", "int8", "float8")
# What a model knows of words → the module that reads prompts for it, imported by its name: it is built on what the
# bundled model knows, which stands above the engine.
VOCABULARIES: Final[Mapping[str, str]] = MappingProxyType({"scenes": "generation.prompts.reading"})
UNKNOWN_LICENCE: Final = "unknown"
# A hub revision must be a commit, not a branch: a branch moves, and a picture's recipe would become wrong.
# An id stands in addresses of pages and in columns of 60 characters.
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


class CatalogueError(Exception):
    """The catalogue file of the operator is wrong; the message names the model and the field."""


class UnknownModel(KeyError):
    """No entry has this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model. `source` is a hub id ("owner/name") or a folder, relative ones from the repository's root."""

    id: str
    label: str
    description: str
    # In a few plain words: /create/ groups models by it. Empty: among the other ones.
    good_at: str
    # What its example picture shows; empty: what that of most models shows (`generation.examples`).
    example_prompt: str
    family: str
    source: str
    revision: str
    variant: str
    licence: str
    # When somebody last read it where it is published; None: never, and then it stays off.
    licence_read: date | None
    commercial_use: bool
    capabilities: frozenset[str]
    base_sizes: Mapping[str, Size]
    default_steps: int
    min_steps: int
    max_steps: int
    default_guidance: float
    # For a part of a picture, if another one is better there; 0: the same.
    inpaint_guidance: float
    min_guidance: float
    max_guidance: float
    memory_mb: int
    # Pictures of several jobs that are drawn together at most; one job may have more.
    batch_pictures: int
    # Pictures that an instruction may be about, for models with "edit".
    max_references: int
    base_price: int
    # The steps that the base price pays for, where they are more than the default.
    base_steps: int
    scaler: str
    # How large pictures get detail of their own, in tiles; None: they don't.
    enhance: Enhance | None
    # By kind, the weights that let a control picture lead it; empty: none does.
    controls: Mapping[str, ControlWeights]
    # Of PROJECTIONS, or empty: latents are decoded as they were drawn.
    projection: str
    # Of VOCABULARIES, or empty: it reads any text, and nothing is claimed about words that it doesn't know.
    vocabulary: str
    # What the family's own file knows beyond all this, by its names.
    options: Mapping[str, Any]
    # Of OFFLOADS and QUANTISATIONS; empty: the whole on the card, as published.
    offload: str
    quantise: str
    enabled: bool
    # Loaded when a worker starts, before somebody waits for it.
    warm: bool

    @property
    def folder(self) -> Path | None:
        """The local folder of the weights, or None when they come from the hub."""
        path = Path(self.source).expanduser()
        path = path if path.is_absolute() else ROOT / path
        return path if path.is_dir() else None

    def can(self, kind: str, *, enhance: bool = False) -> bool:
        """Whether it makes pictures of this kind (`kinds.KINDS`), and with `enhance`, adds detail to them.

        An upscale with detail is image to image in tiles; "upscale" is what the engine makes without the model.
        """
        if enhance and self.enhance is None:
            return False
        needed = "image_to_image" if enhance and kind == "upscale" else kinds.NEEDS.get(kind, kind)
        return needed in self.capabilities

    @property
    def reference_limit(self) -> int:
        """How many pictures it takes at most to draw from, or to change."""
        if self.can("edit"):
            return self.max_references
        return 1 if self.can("image_to_image") else 0

    @property
    def takes_adapters(self) -> bool:
        """Whether something can be added to its weights: not where they are quantised while they are read."""
        return not self.quantise

    def base_size(self, shape: str) -> Size:
        return self.base_sizes[shape]


def entries() -> tuple[Entry, ...]:
    """Every entry, shipped and of the operator, in the order of the files."""
    return _load(os.environ.get("IMAGE2_CATALOGUE", ""))


def enabled() -> tuple[Entry, ...]:
    """The entries a person may choose from; the first one is the default."""
    return tuple(entry for entry in entries() if entry.enabled)


def warm() -> tuple[Entry, ...]:
    """What a worker loads when it starts: the entries that say so, or the first that is switched on."""
    return tuple(entry for entry in enabled() if entry.warm) or enabled()[:1]


def able(kind: str, *, enhance: bool = False) -> tuple[Entry, ...]:
    """The entries that are switched on and make pictures of this kind (see `Entry.can`), in their order."""
    return tuple(entry for entry in enabled() if entry.can(kind, enhance=enhance))


def drawing() -> tuple[Entry, ...]:
    """The entries that are switched on and draw pictures: what the form of /create/ offers, the first one first."""
    drawn = {"text_to_image", "image_to_image", "edit"}
    return tuple(entry for entry in enabled() if entry.capabilities & drawn)


def get(model_id: str) -> Entry:
    """The entry of this id, switched on or not (old pictures keep their model). Raises UnknownModel."""
    for entry in entries():
        if entry.id == model_id:
            return entry
    raise UnknownModel(model_id)


def reload() -> None:
    """Clear the cache, so that the next call reads the files again (a changed environment, tests)."""
    _load.cache_clear()


@cache
def _load(operator_file: str) -> tuple[Entry, ...]:
    shipped = tomllib.loads(SHIPPED.read_text("utf-8"))
    models: dict[str, dict[str, Any]] = shipped["models"]
    non_commercial = False
    if operator_file:
        own = _read_operator_file(Path(operator_file))
        non_commercial = own.pop("non_commercial_site", False)
        own.pop("adapters", None)  # generation/styles/adapters.py reads them
        for model_id, changes in own.pop("models", {}).items():
            models[model_id] = models.get(model_id, {}) | changes
        if own:
            raise CatalogueError(f"{operator_file}: unknown key {min(own)!r}")
    found = tuple(_entry(model_id, values) for model_id, values in models.items())
    for entry in found:
        if entry.enabled:
            _refuse_unsafe(entry, non_commercial=non_commercial)
    return found


def _read_operator_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CatalogueError(f"IMAGE2_CATALOGUE: {path} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"IMAGE2_CATALOGUE: {path} is not TOML: {error}") from error


_DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "description": "",
        "good_at": "",
        "example_prompt": "",
        "revision": "",
        "variant": "",
        "licence_read": None,
        "scaler": "lanczos",
        "enhance": None,
        "controls": control_weights.NONE,
        "projection": "",
        "vocabulary": "",
        "options": {},
        "offload": "",
        "quantise": "",
        "batch_pictures": 4,
        "max_references": 1,
        "inpaint_guidance": 0.0,
        "base_steps": 0,
        "enabled": False,
        "warm": False,
    }
)


def _entry(model_id: str, raw: Mapping[str, Any]) -> Entry:
    values: dict[str, Any] = {**_DEFAULTS, **raw, "id": model_id}
    if recommended := values.pop("recommended", None):
        values = _with_recommended(ROOT / recommended, values)
    names = {field.name for field in fields(Entry)}
    if missing := names - values.keys():
        raise CatalogueError(f"model {model_id!r}: {min(missing)!r} is missing")
    if unknown := values.keys() - names:
        raise CatalogueError(f"model {model_id!r}: unknown field {min(unknown)!r}")
    try:
        values["base_sizes"] = MappingProxyType(
            {shape: Size(*values["base_sizes"][shape]) for shape in SHAPES}
        )
        values["capabilities"] = frozenset(values["capabilities"])
        values["options"] = MappingProxyType(dict(values["options"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"model {model_id!r}: base_sizes, capabilities or options: {error}") from error
    try:
        values["enhance"] = Enhance.read(values["enhance"]) if values["enhance"] else None
    except ValueError as error:
        raise CatalogueError(f"model {model_id!r}: enhance: {error}") from error
    try:
        values["controls"] = control_weights.read(values["controls"])
    except ValueError as error:
        raise CatalogueError(f"model {model_id!r}: controls: {error}") from error
    entry = Entry(**values)
    _refuse_invalid(entry)
    return entry


def _with_recommended(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    """Fill in what the training program measured as best for its weights; the operator's own numbers come first."""
    best = json.loads(path.read_text("utf-8"))
    measured = {
        "default_steps": best["steps"],
        "default_guidance": float(best["guidance"]),
        "base_sizes": best["sizes"],
    }
    return measured | values


def _refuse_invalid(entry: Entry) -> None:
    wrong = (
        (not _ID.fullmatch(entry.id), "id"),
        (not entry.capabilities <= CAPABILITIES, "capabilities"),
        (entry.scaler not in SCALERS and not _is_path(entry.scaler), "scaler"),
        (entry.enhance is not None and "image_to_image" not in entry.capabilities, "enhance"),
        (entry.projection not in ("", *PROJECTIONS), "projection"),
        (entry.vocabulary not in ("", *VOCABULARIES), "vocabulary"),
        (not 1 <= entry.min_steps <= entry.default_steps <= entry.max_steps <= MAX_STEPS, "default_steps"),
        (
            not 0 <= entry.min_guidance <= entry.default_guidance <= entry.max_guidance <= MAX_GUIDANCE,
            "default_guidance",
        ),
        (not 0 <= entry.inpaint_guidance <= entry.max_guidance, "inpaint_guidance"),
        (entry.base_price < 1, "base_price"),
        (entry.base_steps < 0, "base_steps"),
        (entry.memory_mb < 1, "memory_mb"),
        (not isinstance(entry.warm, bool), "warm"),
        (entry.batch_pictures < 1, "batch_pictures"),
        (not isinstance(entry.licence_read, date | None), "licence_read"),
        (not _is_text(entry.good_at, LONGEST_GOOD_AT), "good_at"),
        (not _is_text(entry.example_prompt, LONGEST_EXAMPLE), "example_prompt"),
        (not 1 <= entry.max_references <= MOST_REFERENCES, "max_references"),
    )
    for is_wrong, field in wrong:
        if is_wrong:
            raise CatalogueError(f"model {entry.id!r}: {field} = {getattr(entry, field)!r} isn't valid")
    if Path(entry.scaler).suffix not in ("", ".safetensors"):
        raise CatalogueError(
            f"model {entry.id!r}: scaler = {entry.scaler!r}: only .safetensors files are read, since other formats can "
            "run code; convert it first"
        )
    if entry.controls and (misfit := control_weights.misfit(entry.family, entry.capabilities)):
        raise CatalogueError(f"model {entry.id!r}: controls: {misfit}")
    _refuse_invalid_loading(entry)


def _is_path(scaler: object) -> bool:
    """Whether it is no name, but where a network lies: a .safetensors file, or a folder with one."""
    return isinstance(scaler, str) and "/" in scaler


def _refuse_invalid_loading(entry: Entry) -> None:
    for field, known in (("offload", OFFLOADS), ("quantise", QUANTISATIONS)):
        value = getattr(entry, field)
        if value not in known:
            names = " or ".join(f'"{name}"' for name in known if name)
            raise CatalogueError(
                f"model {entry.id!r}: {field} = {value!r} isn't known; it can be {names}, or left out"
            )
        if value and entry.family in _NO_PIPELINE:
            raise CatalogueError(
                f"model {entry.id!r}: the family {entry.family!r} loads its weights as they are; take {field} out"
            )


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and value.strip() == value


def _refuse_unsafe(entry: Entry, *, non_commercial: bool) -> None:
    """A site counts as commercial until its catalogue file declares otherwise."""
    if not (entry.commercial_use or non_commercial):
        raise CatalogueError(
            f"model {entry.id!r}: its licence ({entry.licence}) does not allow a paid site; "
            "switch it off, or declare non_commercial_site = true"
        )
    for kind, weights in entry.controls.items():
        if not (weights.commercial_use or non_commercial):
            raise CatalogueError(
                f"model {entry.id!r}: controls: {kind}: its licence ({weights.licence}) does not allow a paid site; "
                "take it out, or declare non_commercial_site = true"
            )
    if entry.licence == UNKNOWN_LICENCE:
        raise CatalogueError(
            f"model {entry.id!r}: its licence is unknown; read it where the weights are published, and give licence, "
            "licence_read and commercial_use"
        )
    if entry.family not in FAMILIES:
        raise CatalogueError(f"model {entry.id!r}: this version can't run the family {entry.family!r}")
    if entry.folder is None and not _COMMIT.fullmatch(entry.revision):
        raise CatalogueError(
            f"model {entry.id!r}: {entry.source} is no folder here; to take it from the hub, "
            "give revision the 40 digits of a commit"
        )

"""The models this site knows: what each is good at, what it needs, and which ones the operator switched on."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from generation.sizes import SHAPES, Size

ROOT: Final = Path(__file__).resolve().parent.parent
SHIPPED: Final = Path(__file__).with_name("catalogue.toml")
CAPABILITIES: Final = frozenset({"text_to_image", "image_to_image", "inpaint", "edit", "text_rendering"})
SCALERS: Final = ("lanczos", "bundled-sr")
# Family name → the module that runs it. The worker imports it by this string, so that nothing here reaches torch.
FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {"stable_diffusion": "generation.engine.families.stable_diffusion"}
)
# A hub revision must be a commit, not a branch: a branch moves, and the recipe of a picture would then be untrue.
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
    family: str
    source: str
    revision: str
    variant: str
    licence: str
    commercial_use: bool
    capabilities: frozenset[str]
    base_sizes: Mapping[str, Size]
    default_steps: int
    min_steps: int
    max_steps: int
    default_guidance: float
    min_guidance: float
    max_guidance: float
    memory_mb: int
    # Pictures of several jobs that are drawn together at most; one job may have more.
    batch_pictures: int
    base_price: int
    scaler: str
    enabled: bool

    @property
    def folder(self) -> Path | None:
        """The local folder of the weights, or None when they come from the hub."""
        path = Path(self.source).expanduser()
        path = path if path.is_absolute() else ROOT / path
        return path if path.is_dir() else None

    def base_size(self, shape: str) -> Size:
        return self.base_sizes[shape]


def entries() -> tuple[Entry, ...]:
    """Every entry, shipped and of the operator, in the order of the files."""
    return _load(os.environ.get("IMAGE2_CATALOGUE", "")).entries


def enabled() -> tuple[Entry, ...]:
    """The entries a person may choose from; the first one is the default."""
    return tuple(entry for entry in entries() if entry.enabled)


def get(model_id: str) -> Entry:
    """The entry of this id, switched on or not (old pictures keep their model). Raises UnknownModel."""
    for entry in entries():
        if entry.id == model_id:
            return entry
    raise UnknownModel(model_id)


def is_non_commercial_site() -> bool:
    """Whether the operator declared, in the catalogue file, that this site takes no money."""
    return _load(os.environ.get("IMAGE2_CATALOGUE", "")).non_commercial_site


def reload() -> None:
    """Forget what was read, so that the next call reads the files again (a changed environment, tests)."""
    _load.cache_clear()


@dataclass(frozen=True, slots=True)
class _Catalogue:
    entries: tuple[Entry, ...]
    non_commercial_site: bool


@cache
def _load(operator_file: str) -> _Catalogue:
    shipped = tomllib.loads(SHIPPED.read_text("utf-8"))
    models: dict[str, dict[str, Any]] = shipped["models"]
    non_commercial = False
    if operator_file:
        own = _read_operator_file(Path(operator_file))
        non_commercial = own.pop("non_commercial_site", False)
        for model_id, changes in own.pop("models", {}).items():
            models[model_id] = models.get(model_id, {}) | changes
        if own:
            raise CatalogueError(f"{operator_file}: unknown key {min(own)!r}")
    found = tuple(_entry(model_id, values) for model_id, values in models.items())
    for entry in found:
        if entry.enabled:
            _refuse_unsafe(entry, non_commercial=non_commercial)
    return _Catalogue(found, non_commercial)


def _read_operator_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CatalogueError(f"IMAGE2_CATALOGUE: {path} can not be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"IMAGE2_CATALOGUE: {path} is not TOML: {error}") from error


_DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "description": "",
        "revision": "",
        "variant": "",
        "scaler": "lanczos",
        "batch_pictures": 4,
        "enabled": False,
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
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"model {model_id!r}: base_sizes or capabilities: {error}") from error
    entry = Entry(**values)
    _refuse_nonsense(entry)
    return entry


def _with_recommended(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    """What the training program measured as best for its weights; the operator's own numbers come first."""
    best = json.loads(path.read_text("utf-8"))
    measured = {
        "default_steps": best["steps"],
        "default_guidance": float(best["guidance"]),
        "base_sizes": best["sizes"],
    }
    return measured | values


def _refuse_nonsense(entry: Entry) -> None:
    wrong = (
        (not entry.capabilities <= CAPABILITIES, "capabilities"),
        (entry.scaler not in SCALERS, "scaler"),
        (not 1 <= entry.min_steps <= entry.default_steps <= entry.max_steps, "default_steps"),
        (not 0 <= entry.min_guidance <= entry.default_guidance <= entry.max_guidance, "default_guidance"),
        (entry.base_price < 1, "base_price"),
        (entry.memory_mb < 1, "memory_mb"),
        (entry.batch_pictures < 1, "batch_pictures"),
    )
    for is_wrong, field in wrong:
        if is_wrong:
            raise CatalogueError(f"model {entry.id!r}: {field} = {getattr(entry, field)!r} makes no sense")


def _refuse_unsafe(entry: Entry, *, non_commercial: bool) -> None:
    """A site is taken for a paid one until its operator declares otherwise, in writing, in the catalogue file."""
    if not (entry.commercial_use or non_commercial):
        raise CatalogueError(
            f"model {entry.id!r}: its licence ({entry.licence}) does not allow a paid site; "
            "switch it off, or declare non_commercial_site = true"
        )
    if entry.family not in FAMILIES:
        raise CatalogueError(f"model {entry.id!r}: this version can not run the family {entry.family!r} yet")
    if entry.folder is None and not _COMMIT.fullmatch(entry.revision):
        raise CatalogueError(
            f"model {entry.id!r}: {entry.source} is no folder here; to take it from the hub, "
            "give revision the 40 digits of a commit"
        )

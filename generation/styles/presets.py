"""The styles on offer: those that ship with the project, and the operator's own in the folder IMAGE2_STYLES."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from generation.styles import style
from generation.styles.style import Style

SHIPPED: Final = Path(__file__).with_name("presets.toml")
FILE: Final = "presets.toml"
_FIELDS: Final = frozenset(
    {"name", "version", "prompt", "negative", "families", "models", "example", "enabled"}
)


class StylesError(Exception):
    """A file of styles is wrong; the message names the style and the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """`style` is what a request keeps; `families` and `models` say for which models it is offered.

    A model whose entry names a vocabulary is offered what names it, and nothing that names its family.
    """

    style: Style
    families: frozenset[str]
    models: frozenset[str]
    # What the example picture shows; empty: what the file's others show.
    example: str


@dataclass(frozen=True, slots=True)
class Presets:
    """All that is switched on, in the order of the files."""

    found: tuple[Preset, ...]
    # What an example picture shows, where a style names nothing of its own: by model, and "" for all others.
    examples: Mapping[str, str]


def folder() -> Path | None:
    """The operator's folder: `presets.toml`, and `examples/` with the pictures that the command draws."""
    own = os.environ.get("IMAGE2_STYLES", "")
    return Path(own).expanduser() if own else None


def presets() -> Presets:
    """Raises StylesError."""
    return _load(os.environ.get("IMAGE2_STYLES", ""))


def offered(*, model: str, family: str, vocabulary: str) -> tuple[Preset, ...]:
    """What a model can follow; `vocabulary` is that of its entry, empty for one that reads any text."""
    return tuple(
        preset
        for preset in presets().found
        if model in preset.models or (not vocabulary and family in preset.families)
    )


def find(key: str) -> Preset | None:
    """The style of this key, whatever models it is for; None where there is none any more."""
    return next((preset for preset in presets().found if preset.style.key == key), None)


def example_of(preset: Preset, *, model: str) -> str:
    """The prompt of its example picture."""
    examples = presets().examples
    return preset.example or examples.get(model, examples[""])


def reload() -> None:
    """Clear the cache, so that the next call reads the files again (a changed environment, tests)."""
    _load.cache_clear()


@cache
def _load(own_folder: str) -> Presets:
    shipped = _read(SHIPPED)
    styles: dict[str, Any] = shipped["styles"]
    examples = dict(shipped["examples"])
    path = Path(own_folder).expanduser() / FILE
    if own_folder and path.is_file():
        own = _read(path)
        for key, changes in _table(own, "styles", path).items():
            styles[key] = styles.get(key, {}) | changes
        examples |= own.pop("examples", {})
        if own:
            raise StylesError(f"{path}: unknown key {min(own)!r}.")
    found = tuple(
        _preset(key, values) for key, values in styles.items() if values.get("enabled", True) is True
    )
    return Presets(found, examples)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StylesError(f"IMAGE2_STYLES: {path} can't be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StylesError(f"IMAGE2_STYLES: {path} is not TOML: {error}.") from error


def _table(own: dict[str, Any], name: str, path: Path) -> dict[str, dict[str, Any]]:
    table = own.pop(name, {})
    if not isinstance(table, dict) or not all(isinstance(values, dict) for values in table.values()):
        raise StylesError(f"{path}: write each style as [{name}.its-key].")
    return table


def _preset(key: str, values: Mapping[str, Any]) -> Preset:
    if unknown := values.keys() - _FIELDS:
        raise StylesError(f"style {key!r}: unknown field {min(unknown)!r}.")
    kept = {
        "negative": "",
        **{name: values[name] for name in ("name", "version", "prompt", "negative") if name in values},
    }
    if field := style.wrong({"key": key, **kept}):
        raise StylesError(f"style {key!r}: {_ADVICE[field]}")
    for name in ("families", "models"):
        if not _are_names(values.get(name, [])):
            raise StylesError(f"style {key!r}: {name} is a list of names in quotes.")
    if not (values.get("families") or values.get("models")):
        raise StylesError(f"style {key!r}: name the families or the models that can follow it.")
    return Preset(
        style=Style(key=key, **kept),
        families=frozenset(values.get("families", [])),
        models=frozenset(values.get("models", [])),
        example=str(values.get("example", "")),
    )


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and name for name in value)


_ADVICE: Final[Mapping[str, str]] = {
    "key": "a key has lower-case letters, digits and hyphens, 40 at most.",
    "name": f"name is what people read, 1 to {style.LONGEST_NAME} characters.",
    "version": "version is a whole number from 1 on; raise it when the words change.",
    "prompt": f"prompt has {style.PLACE} once, for what the person typed, and {style.LONGEST} characters at most.",
    "negative": f"negative has {style.LONGEST} characters at most, on one line.",
}

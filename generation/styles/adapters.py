"""The operator's adapters: `[adapters.its-key]` in the file of IMAGE2_CATALOGUE. None ship with the project."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Final

from generation.styles import adapter
from generation.styles.adapter import Adapter
from generation.styles.style import LONGEST, LONGEST_NAME, is_key

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_DEFAULTS: Final[Mapping[str, Any]] = {
    "commercial_use": False, "trigger": "", "weight": 1.0, "least_weight": 0.0, "most_weight": 1.5, "enabled": True,
}  # fmt: skip


class AdaptersError(Exception):
    """An entry of the catalogue file is wrong; the message names the adapter and the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One LoRA file: `file` is in the folder `adapters` of IMAGE2_MODELS, or an absolute path."""

    key: str
    name: str
    file: str
    sha256: str
    licence: str
    commercial_use: bool
    models: frozenset[str]
    trigger: str
    weight: float
    least_weight: float
    most_weight: float
    enabled: bool

    def chosen(self, weight: float) -> Adapter:
        """What a request keeps."""
        return Adapter(key=self.key, name=self.name, weight=round(float(weight), 2), trigger=self.trigger)

    def takes(self, weight: float) -> bool:
        return self.least_weight <= weight <= self.most_weight


def entries() -> tuple[Entry, ...]:
    """All that are switched on, in the order of the file. Raises AdaptersError."""
    return _load(os.environ.get("IMAGE2_CATALOGUE", ""))


def offered(*, model: str) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries() if model in entry.models)


def find(key: str) -> Entry | None:
    """None where there is none of this key any more."""
    return next((entry for entry in entries() if entry.key == key), None)


def reload() -> None:
    """Clear the cache, so that the next call reads the file again (a changed environment, tests)."""
    _load.cache_clear()


@cache
def _load(operator_file: str) -> tuple[Entry, ...]:
    if not operator_file:
        return ()
    try:
        # What is wrong with the file as a whole is said by the catalogue, which reads it first.
        own = tomllib.loads(Path(operator_file).read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AdaptersError(f"IMAGE2_CATALOGUE: {operator_file} can't be read: {error}.") from error
    table = own.get("adapters", {})
    if not isinstance(table, dict) or not all(isinstance(values, dict) for values in table.values()):
        raise AdaptersError(f"{operator_file}: write each adapter as [adapters.its-key].")
    non_commercial = own.get("non_commercial_site", False) is True
    found = tuple(_entry(key, values) for key, values in table.items())
    for entry in found:
        if entry.enabled and not (entry.commercial_use or non_commercial):
            raise AdaptersError(
                f"adapter {entry.key!r}: its licence ({entry.licence}) does not allow a paid site; switch it off, or "
                "declare non_commercial_site = true."
            )
    return tuple(entry for entry in found if entry.enabled)


def _entry(key: str, raw: Mapping[str, Any]) -> Entry:
    values = {**_DEFAULTS, **raw, "key": key}
    names = {field.name for field in fields(Entry)}
    if missing := names - values.keys():
        raise AdaptersError(f"adapter {key!r}: {min(missing)!r} is missing.")
    if unknown := values.keys() - names:
        raise AdaptersError(f"adapter {key!r}: unknown field {min(unknown)!r}.")
    for field, is_right, advice in _rules(values):
        if not is_right:
            raise AdaptersError(f"adapter {key!r}: {field} {advice}.")
    weights = {name: float(values[name]) for name in ("weight", "least_weight", "most_weight")}
    return Entry(**{**values, **weights, "models": frozenset(values["models"])})


def _rules(values: Mapping[str, Any]) -> list[tuple[str, bool, str]]:
    """Field, whether it is right, and what it has to be."""
    least, usual, most = (values[name] for name in ("least_weight", "weight", "most_weight"))
    weights = all(adapter.is_weight(weight) for weight in (least, usual, most))
    name, file, models = values["name"], values["file"], values["models"]
    texts = {
        field: isinstance(values[field], str) for field in ("name", "file", "sha256", "licence", "trigger")
    }
    return [
        ("key", is_key(values["key"]), "has lower-case letters, digits and hyphens, 40 at most"),
        *((field, is_text, "is a text in quotes") for field, is_text in texts.items()),
        ("name", texts["name"] and 0 < len(name.strip()) <= LONGEST_NAME, f"has 1 to {LONGEST_NAME} characters"),
        ("file", texts["file"] and _is_inside(file), "is a name in the folder of adapters, or an absolute path"),
        ("sha256", texts["sha256"] and bool(_SHA256.fullmatch(values["sha256"])), "has the 64 digits of the hash"),
        ("licence", texts["licence"] and bool(values["licence"].strip()), "names the licence"),
        ("commercial_use", isinstance(values["commercial_use"], bool), "is true or false"),
        ("enabled", isinstance(values["enabled"], bool), "is true or false"),
        ("models", _are_names(models), "is a list of at least one model of the catalogue"),
        ("trigger", texts["trigger"] and len(values["trigger"]) <= LONGEST, f"has {LONGEST} characters at most"),
        ("weight", weights and least <= usual <= most and least < most, _WEIGHTS),
    ]  # fmt: skip


_WEIGHTS: Final = (
    f"lies between least_weight and most_weight, and all three between {adapter.LEAST:g} and {adapter.MOST:g}"
)


def _is_inside(file: str) -> bool:
    path = PurePosixPath(file)
    return bool(file) and (path.is_absolute() or ".." not in path.parts)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) and name for name in value)

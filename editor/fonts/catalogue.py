"""The fonts that texts are drawn with: families, which file draws which script, and what the operator adds.

An operation names a font by its id for ever, so a file is never exchanged: a newer one gets another id. The page
hears of all this from the view `fonts` (editor/views/fonts.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent / "files"
HARFBUZZ: Final = FOLDER / "harfbuzz.wasm"
PEN: Final = FOLDER / "pen.wasm"
LOCK: Final = FOLDER.parent / "lock.json"
WEIGHTS: Final = {400: "Regular", 700: "Bold"}
# ISO 15924 names, as HarfBuzz takes them. Zyyy is what belongs to every script: digits, signs.
SCRIPTS: Final = (
    *("Latn", "Cyrl", "Grek", "Arab", "Hebr", "Deva"),
    *("Hani", "Hira", "Kana", "Hang", "Bopo", "Zyyy"),
)
ENDINGS: Final = (".ttf", ".otf")
OWN: Final = "own-"  # what ids of the operator's fonts begin with
MOST_OWN: Final = 64 * 1024 * 1024  # bytes of one


@dataclass(frozen=True, slots=True)
class Family:
    """A family that people choose. `files` is the first part of a file's name for each script that it draws."""

    label: str
    files: Mapping[str, str]


def _western(name: str, scripts: tuple[str, ...] = ("Latn", "Cyrl", "Grek")) -> dict[str, str]:
    return dict.fromkeys(scripts, name)


_SANS: Final = {"Arab": "NotoSansArabic", "Hebr": "NotoSansHebrew", "Deva": "NotoSansDevanagari"}
_SERIF: Final = {"Arab": "NotoNaskhArabic", "Hebr": "NotoSerifHebrew", "Deva": "NotoSerifDevanagari"}
FAMILIES: Final[dict[str, Family]] = {
    "sans": Family("Noto Sans", {**_western("NotoSans"), **_SANS}),
    "serif": Family("Noto Serif", {**_western("NotoSerif"), **_SERIF}),
    "mono": Family("Noto Sans Mono", {**_western("NotoSansMono"), **_SANS}),
    "round": Family("Comfortaa", {**_western("Comfortaa"), **_SANS}),
    "poster": Family("Bebas Neue", {**_western("NotoSans"), **_SANS, "Latn": "BebasNeue"}),
    "script": Family("Dancing Script", {**_western("NotoSerif"), **_SERIF, "Latn": "DancingScript"}),
    "hand": Family("Comic Neue", {**_western("NotoSans"), **_SANS, "Latn": "ComicNeue"}),
}
# What is looked into for a letter that the family's own file lacks, before the operator's fonts.
SPARE: Final = ("NotoSans", "NotoSansSymbols")


@cache
def shipped() -> dict[str, str]:
    """Return the SHA-256 of each file that comes with the program, by its name."""
    files: dict[str, str] = json.loads(LOCK.read_text())["files"]
    return files


@cache
def _names() -> dict[str, str]:
    return {name.rpartition(".")[0]: name for name in shipped() if name.endswith(ENDINGS)}


def known(font: str) -> bool:
    """Tell whether there is a font of this id."""
    return font in _names() or font in own()


def path_of(font: str) -> Path:
    """Return the file of a font. Raises KeyError."""
    found = own().get(font)
    return found if found is not None else FOLDER / _names()[font]


def font_of(family: str, weight: int, script: str = "Latn") -> str:
    """Return the id of the font that a family draws a script with."""
    files = FAMILIES[family].files
    return f"{files.get(script, files['Latn'])}-{WEIGHTS[weight]}"


def own() -> dict[str, Path]:
    """Return the operator's fonts by their ids."""
    return _own(_FOLDERS["own"])


def use_folder(folder: str) -> None:
    """Say where the operator's fonts are: FONTS_FOLDER in docs/runbook.md. Empty: there are none."""
    _FOLDERS["own"] = folder


_FOLDERS: Final = {"own": ""}


@cache
def _own(folder: str) -> dict[str, Path]:
    """Read the folder once a process: a font that is added is there after a restart."""
    if not folder or not Path(folder).is_dir():
        return {}
    files = (path for path in sorted(Path(folder).iterdir()) if path.suffix.lower() in ENDINGS)
    return {
        f"{OWN}{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}": path
        for path in files
        if path.is_file() and path.stat().st_size <= MOST_OWN
    }


def as_json() -> dict[str, Any]:
    """Return what the page needs to choose fonts: families, scripts, weights, spare fonts, the operator's."""
    return {
        "families": {
            name: {"label": family.label, "files": dict(family.files)} for name, family in FAMILIES.items()
        },
        "weights": {str(weight): name for weight, name in WEIGHTS.items()},
        "spare": list(SPARE),
        "own": list(own()),
    }

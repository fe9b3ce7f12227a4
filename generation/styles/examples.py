"""Where the example pictures of styles lie: small WebP files that a model that ran here drew, never anything else."""

from functools import cache
from pathlib import Path
from typing import Final

from generation.styles import presets
from generation.styles.presets import Preset

# Pixels of a file: twice what the row of /create/ shows.
WIDTH: Final = 192
HEIGHT: Final = 128
STATIC: Final = "styles"
SHIPPED: Final = Path(__file__).resolve().parent.parent.parent / "static" / STATIC
_OWN: Final = "examples"


def file_name(preset: Preset) -> str:
    """Of one version: a style whose words changed has no picture until one is drawn."""
    return f"{preset.style.key}-{preset.style.version}.webp"


def own_folder(model: str) -> Path | None:
    """Where the operator's pictures of this model lie; None without a folder of theirs."""
    folder = presets.folder()
    return folder / _OWN / model if folder else None


def own(preset: Preset, *, model: str) -> Path | None:
    folder = own_folder(model)
    path = folder / file_name(preset) if folder else None
    return path if path and path.is_file() else None


def shipped(preset: Preset, *, model: str) -> str:
    """The name among the static files; empty where none was shipped."""
    name = f"{model}/{file_name(preset)}"
    return f"{STATIC}/{name}" if name in _shipped() else ""


@cache
def _shipped() -> frozenset[str]:
    return frozenset(path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*.webp"))

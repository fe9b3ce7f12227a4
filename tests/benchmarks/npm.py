"""Packages of npm that the editor is measured beside; npm fetches them, a hash says that they are the right ones."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tarfile
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "var" / "benchmarks"
KONVA = "konva-10.9.1"
KONVA_SHA512 = "m49x+GatSxEUSvqahYhxpTjgKbtrLtw4P4o4B4iux953ZFpceaK52Ea+CFsAsd7W4I0Y5u6mMoRUsY/eltNZmw=="
PATIENCE = 120  # seconds for a package to come


class Missing(Exception):
    """A package can't be had; the sentence says why."""


def konva() -> str:
    """Return Konva as the script that a page loads. Raises Missing where npm or its registry can't be reached."""
    return script(KONVA, KONVA_SHA512, "package/konva.min.js")


def script(package: str, sha512: str, member: str) -> str:
    """Return a file of a package whose hash is known."""
    archive = FOLDER / f"{package}.tgz"
    if not archive.exists():
        _fetch(package)
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != sha512:
        raise ValueError(
            f"{archive.name} isn't the file that was pinned: delete it to have it fetched again."
        )
    with tarfile.open(archive) as files:
        held = files.extractfile(member)
        assert held is not None
        return held.read().decode()


def _fetch(package: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    name, _, version = package.rpartition("-")
    try:
        subprocess.run(
            ["npm", "pack", "--silent", f"{name}@{version}"],
            cwd=FOLDER,
            check=True,
            timeout=PATIENCE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise Missing(f"{package} isn't measured: npm is not installed.") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Missing(
            f"{package} isn't measured: npm couldn't fetch it. Try again with a connection."
        ) from None

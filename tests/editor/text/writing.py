"""Texts as a page writes them, and the browser's engine in node that lays them out."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from editor.fonts import catalogue

NODE: Final = shutil.which("node")
SCRIPT: Final = Path(__file__).with_name("texts.mjs")
needs_node = pytest.mark.skipif(
    NODE is None, reason="there is no node here; the browser's tests compare digests too"
)

# One of each script that the site promises.
WORDS: Final = {
    "Latn": "The quick brown fox, AV ffi 0123",
    "Cyrl": "Съешь ещё этих мягких булок",
    "Grek": "Ξεσκεπάζω την ψυχοφθόρα",
    "Arab": "السلام عليكم ورحمة الله 123",
    "Hebr": "שָׁלוֹם עולם (abc) 45",
    "Deva": "नमस्ते क्षत्रिय विश्व",
}


def a_text(content: str, **changes: Any) -> dict[str, Any]:
    """A text without lines: the browser finds them."""
    return {
        "content": content,
        "family": "sans",
        "weight": 400,
        "size": 24 * 16,
        "rgba": 0xFF302010,
        "align": "left",
        "leading": 120,
        "tracking": 0,
        "x": 20 * 16,
        "y": 20 * 16,
        "lines": [],
        **changes,
    }


def fonts(root: str = "") -> dict[str, Any]:
    """The server's list, with files of this machine, or where they are for who serves the folder `root`."""
    names = {name.rpartition(".")[0]: name for name in catalogue.shipped() if not name.endswith(".wasm")}
    files = {font: str(catalogue.FOLDER / name) for font, name in names.items()}
    own = {font: str(path) for font, path in catalogue.own().items()}
    programs = {path.name: str(path) for path in (catalogue.HARFBUZZ, catalogue.PEN)}
    addresses = {name: path.removeprefix(root) for name, path in {**files, **own, **programs}.items()}
    return {**catalogue.as_json(), "addresses": addresses}


def in_node(
    folder: Path,
    *,
    drafts: list[dict[str, Any]] | None = None,
    documents: list[dict[str, Any]] | None = None,
    build: str = "k1",
) -> dict[str, Any]:
    file = folder / "texts.json"
    file.write_text(json.dumps({"fonts": fonts(), "drafts": drafts or [], "documents": documents or []}))
    done = subprocess.run(
        [str(NODE), str(SCRIPT), str(file), build], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def written(folder: Path, drafts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The texts with the lines that the browser finds."""
    found = in_node(folder, drafts=drafts)["lines"]
    return [{**draft, "lines": each["lines"]} for draft, each in zip(drafts, found, strict=True)]

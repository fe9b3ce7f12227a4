"""Build the pen and write the lock of the fonts, or compare what is committed with both: build.py [--check]."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
FILES: Final = HERE / "files"
LOCK: Final = HERE / "lock.json"
FLAGS: Final = [
    *("-target", "wasm32-freestanding", "-std=c11", "-O3", "-fwrapv", "-nostdlib", "-mnontrapping-fptoint"),
    *("-Wall", "-Wextra", "-Werror", "-Wl,--no-entry", "-Wl,--import-memory", "-Wl,--strip-all"),
    "-Wl,-z,stack-size=1024",  # none is used; the memory is HarfBuzz's, which begins with less
]


def build(folder: Path) -> str:
    """Compile the pen into a folder and return its SHA-256."""
    made = folder / "pen.wasm"
    command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, str(HERE / "pen.c"), "-o", str(made)]
    subprocess.run(command, check=True)
    return _sha256(made)


def check() -> list[str]:
    """Return what is wrong with the committed files."""
    lock = json.loads(LOCK.read_text())["files"]
    found = _files()
    wrong = [
        f"{name} is not the file that lock.json names"
        for name in sorted(lock.keys() | found.keys())
        if lock.get(name) != found.get(name)
    ]
    with tempfile.TemporaryDirectory() as folder:
        if build(Path(folder)) != lock.get("pen.wasm"):
            wrong.append("pen.wasm is not what its source gives: run python editor/fonts/build.py")
    return wrong


def write() -> None:
    """Build into the source tree and write the lock."""
    build(FILES)
    (FILES / "pen.wasm").chmod(0o644)
    LOCK.write_text(json.dumps({"files": _files()}, indent=2) + "\n")


def _files() -> dict[str, str]:
    """Return the SHA-256 of each file but the licences, by its name."""
    return {path.name: _sha256(path) for path in sorted(FILES.iterdir()) if path.suffix != ".txt"}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        problems = check()
        print("\n".join(problems))
        sys.exit(1 if problems else 0)
    write()

"""Build the kernels from their source, or compare what is committed with what the source gives: build.py [--check]."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
LOCK: Final = HERE / "lock.json"
FLAGS: Final = [
    *("-target", "wasm32-freestanding", "-std=c11", "-O3", "-fwrapv", "-nostdlib"),
    *("-Wall", "-Wextra", "-Werror", "-Wl,--no-entry", "-Wl,--import-memory", "-Wl,-z,stack-size=32768"),
    *("-Wl,--strip-all", "-Wl,--export=__heap_base"),
]
# The parts share one memory: each has a place of its own there for its tables; their stacks are one, at the beginning,
# since no kernel of one part calls another's. What a document puts into memory begins behind them all: BEGIN of
# editor/replay/engine.py and of static/editor/worker/kernels.js. A new part comes last.
PLACE: Final = 128 * 1024
PARTS: Final = ("", "-areas", "-paths", "-retouch")
VARIANTS: Final = {
    f"{name}{part}.wasm": [*flags, *([f"-Wl,--global-base={PLACE * index}"] if part else [])]
    for index, part in enumerate(PARTS)
    for name, flags in (("k1", ["-msimd128"]), ("k1s", []))
}


def source_digest() -> str:
    """Return the SHA-256 of everything that decides the bytes: sources, flags, compiler."""
    digest = hashlib.sha256(json.dumps([FLAGS, VARIANTS, _compiler()]).encode())
    for path in sorted(path for path in HERE.rglob("*") if path.suffix in {".c", ".h"}):
        digest.update(f"{path.relative_to(HERE)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def build(folder: Path) -> dict[str, str]:
    """Compile every variant into a folder and return their SHA-256."""
    for name, extra in VARIANTS.items():
        command = [
            sys.executable,
            "-m",
            "ziglang",
            "cc",
            *FLAGS,
            *extra,
            str(_source(name)),
            "-o",
            str(folder / name),
        ]
        subprocess.run(command, check=True)
    return {name: _sha256(folder / name) for name in VARIANTS}


def check() -> list[str]:
    """Return what is wrong with the committed files: nothing when a fresh build gives the same bytes."""
    lock = json.loads(LOCK.read_text())
    if lock["source"] != source_digest():
        return [
            "the kernels' source has changed: run python editor/kernels/build.py and commit what it writes"
        ]
    wrong = [name for name in VARIANTS if lock["files"].get(name) != _sha256(HERE / name)]
    if wrong:
        return [f"{name} is not the file that lock.json names" for name in wrong]
    with tempfile.TemporaryDirectory() as folder:
        built = build(Path(folder))
    return [
        f"{name} is not what its source gives"
        for name, digest in built.items()
        if digest != lock["files"][name]
    ]


def write() -> None:
    """Build into the source tree and write the lock."""
    files = build(HERE)
    for name in files:
        (HERE / name).chmod(0o644)
    LOCK.write_text(json.dumps({"source": source_digest(), "files": files}, indent=2) + "\n")


def _source(name: str) -> Path:
    """Return the C file of a variant: `k1s-areas.wasm` and `k1-areas.wasm` come of `k1-areas.c`."""
    return HERE / name.replace("k1s", "k1").replace(".wasm", ".c")


def _compiler() -> str:
    from importlib.metadata import version

    return version("ziglang")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        problems = check()
        print("\n".join(problems))
        sys.exit(1 if problems else 0)
    write()

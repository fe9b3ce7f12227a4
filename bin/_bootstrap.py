"""Install exactly what pyproject.toml and constraints.txt require into .venv; standard library only."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TORCH = "2.13.0"  # the same pin as in pyproject.toml; a test compares them


def main(extras: str) -> int:
    """Return 0 when .venv is ready for these extras ("engine" or "engine,dev")."""
    if sys.version_info < (3, 11):  # noqa: UP036  (whatever Python the machine has runs this file)
        return complain(
            f"Image 2 needs Python 3.11 or newer; this is {platform.python_version()}. Set PYTHON to one."
        )
    if is_ready(extras):
        return 0
    VENV.mkdir(exist_ok=True)
    with (VENV / ".bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second script waits here and then finds the work done
        if is_ready(extras):
            return 0
        return install(extras)


def install(extras: str) -> int:
    """Build the environment; each step says in one line what went wrong."""
    began = time.monotonic()
    say(f"setting up .venv ({extras}); the first time takes a minute")
    has_pip = PYTHON.exists() and run(PYTHON, "-m", "pip", "--version", quiet=True) == 0
    if not has_pip and run(sys.executable, "-m", "venv", VENV, quiet=True) != 0:
        return complain("Python's venv module is missing: as root, apt-get install python3-venv")
    if not (VENV / "bin" / "uv").exists():
        run(*pip("install", "--quiet", "uv"))  # without uv the slower pip does the same
    if not torch_is_installed() and not install_torch():
        return complain(
            f"torch {TORCH} could not be installed; see the lines above, and IMAGE2_TORCH in docs/runbook.md"
        )
    wanted = ["-e", f"{ROOT}[{extras}]", "-c", ROOT / "constraints.txt"]
    if run(*uv("pip", "install", "--quiet", *wanted)) != 0:
        say("uv failed; trying pip")
        if run(*pip("install", "--quiet", *wanted)) != 0:
            return complain("the packages could not be installed; see the lines above")
    stamp(extras).write_text("ready\n")
    say(f"ready after {time.monotonic() - began:.0f} s")
    return 0


def install_torch() -> bool:
    """Install the build of torch that fits: only pip reads a machine's own folder of wheels (find-links).

    IMAGE2_TORCH=cpu or cuda decides; without it a Linux machine without an NVIDIA card gets the CPU build, which is
    a tenth of the size. IMAGE2_TORCH_INDEX names a package index to take it from.
    """
    index = os.environ.get("IMAGE2_TORCH_INDEX", "")
    source = ["--index-url", index] if index else []
    if wanted_torch() == "cpu" and sys.platform == "linux":
        if run(*pip("install", "--quiet", "--no-deps", *source, f"torch=={TORCH}+cpu"), quiet=True) == 0:
            return True
        if not index and run(*uv("pip", "install", "--torch-backend", "cpu", f"torch=={TORCH}")) == 0:
            return True
        say("no CPU build of torch is available; installing the general one, which downloads about 3 GB")
    # An empty find-links keeps a local CPU wheel from winning over the CUDA build.
    if wanted_torch() == "cuda":
        return run(*pip("install", "--quiet", *source, f"torch=={TORCH}"), PIP_FIND_LINKS="") == 0
    return run(*pip("install", "--quiet", *source, f"torch=={TORCH}")) == 0


def wanted_torch() -> str:
    """Return cpu, cuda or default (whatever the index calls the plain version: right for a Mac)."""
    chosen = os.environ.get("IMAGE2_TORCH", "")
    if chosen in ("cpu", "cuda"):
        return chosen
    if sys.platform != "linux":
        return "default"
    return "cuda" if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") else "cpu"


def torch_is_installed() -> bool:
    """Return whether the pinned torch is installed, in the build that was asked for explicitly."""
    for folder in VENV.glob("lib/python3*/site-packages/torch-*.dist-info"):
        version = folder.name.removeprefix("torch-").removesuffix(".dist-info")
        release, _, build = version.partition("+")
        asked = os.environ.get("IMAGE2_TORCH", "")
        if release == TORCH and (not asked or (asked == "cpu") == (build == "cpu")):
            return True
    return False


def is_ready(extras: str) -> bool:
    """Return whether a finished set-up of these extras (or of more) matches the files as they are now."""
    return PYTHON.exists() and any(stamp(candidate).exists() for candidate in {extras, "engine,dev"})


def stamp(extras: str) -> Path:
    """Return the marker of a finished set-up; other requirements, another Python or torch have another marker."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt", "bin/_bootstrap.py"):
        digest.update((ROOT / name).read_bytes())
    digest.update(f"{platform.python_version()} {ROOT} {os.environ.get('IMAGE2_TORCH', '')}".encode())
    return VENV / f".ready-{extras.replace(',', '-')}-{digest.hexdigest()[:16]}"


def pip(*arguments: object) -> list[object]:
    """Return a call of the environment's pip."""
    return [PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments]


def uv(*arguments: object) -> list[object]:
    """Return a call of the environment's uv for this environment."""
    return [VENV / "bin" / "uv", *arguments, "--python", PYTHON]


def run(*command: object, quiet: bool = False, **environment: str) -> int:
    """Run a command and return its exit status (127 where the program is missing)."""
    sink = subprocess.DEVNULL if quiet else sys.stderr
    try:
        return subprocess.run(
            [str(part) for part in command],
            stdout=sink,
            stderr=sink,
            env={**os.environ, **environment},
            check=False,
        ).returncode
    except FileNotFoundError:
        return 127


def say(sentence: str) -> None:
    """Print what is happening."""
    print(f"image2: {sentence}", file=sys.stderr, flush=True)


def complain(sentence: str) -> int:
    """Print what is wrong and return the exit status for it."""
    say(sentence)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "engine"))

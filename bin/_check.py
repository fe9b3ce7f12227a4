"""Everything that can be said about the code without running it, two checks at a time; silent about what is right."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"


@dataclass(frozen=True)
class Outcome:
    """How one check went."""

    name: str
    passed: bool
    output: str
    seconds: float


def main() -> int:
    """Run every check; return 1 when one fails. With --fix, first let the formatters do what they can."""
    if "--fix" in sys.argv[1:]:
        fix()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="image2-check-") as folder:
        # A data folder of its own: a check must not depend on what an operator has set or stored.
        foreign = ("IMAGE2_", "DATABASE_", "REDIS_", "S3_", "PRODUCTION", "DEBUG")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment = {
            **kept,
            "IMAGE2_HOME": folder,
            "STATIC_ROOT": f"{folder}/collected",
            "LOG_LEVEL": "WARNING",
        }
        with ThreadPoolExecutor(max_workers=2) as pool:
            outcomes = list(pool.map(lambda item: run(*item, environment), checks()))
    for outcome in outcomes:
        print(f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.name} ({outcome.seconds:.1f} s)")
        if not outcome.passed:
            print(outcome.output)
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    print(
        f"bin/check: {'failed: ' + ', '.join(failed) if failed else 'all good'} ({time.monotonic() - began:.0f} s)"
    )
    return 1 if failed else 0


def checks() -> list[tuple[str, list[str | Path]]]:
    """Return the checks by name, the long ones first."""
    manage: list[str | Path] = [BIN / "python", "-W", "error::RuntimeWarning", "manage.py"]
    templates: list[str | Path] = [*sorted(ROOT.glob("templates/**/*.html"))]
    return [
        ("types (mypy --strict)", [BIN / "mypy"]),
        ("imports (import-linter)", [BIN / "lint-imports", "--no-cache"]),
        ("format (ruff)", [BIN / "ruff", "format", "--check", "--quiet", "."]),
        ("lint (ruff)", [BIN / "ruff", "check", "--quiet", "."]),
        ("templates (djade)", [BIN / "djade", "--target-version", "5.2", "--check", *templates]),
        ("template indentation (djhtml)", [BIN / "djhtml", "--tabwidth", "2", "--check", *templates]),
        ("settings (check)", [*manage, "check", "--fail-level", "WARNING"]),
        ("migrations are complete", [*manage, "makemigrations", "--check", "--dry-run"]),
        ("static files (collectstatic)", [*manage, "collectstatic", "--no-input", "--verbosity", "0"]),
    ]


def fix() -> None:
    """Format code and templates, and apply the safe corrections of the linter."""
    templates: list[str | Path] = [*sorted(ROOT.glob("templates/**/*.html"))]
    formatters: list[list[str | Path]] = [
        [BIN / "ruff", "check", "--fix", "--quiet", "--exit-zero", "."],
        [BIN / "ruff", "format", "--quiet", "."],
        [BIN / "djade", "--target-version", "5.2", *templates],
        [BIN / "djhtml", "--tabwidth", "2", *templates],
    ]
    for command in formatters:
        subprocess.run([str(part) for part in command], cwd=ROOT, check=False, stderr=subprocess.DEVNULL)


def run(name: str, command: list[str | Path], environment: dict[str, str]) -> Outcome:
    """Run one check."""
    began = time.monotonic()
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(name, done.returncode == 0, done.stdout, time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())

"""Check the code without running the site, two checks at a time; print details only of what failed."""

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
    """The result of one check."""

    name: str
    passed: bool
    output: str
    seconds: float


def main() -> int:
    """Run the checks; return 1 when one fails.

    --fix first formats, applies the linter's safe corrections and writes the message catalogue. --changed limits
    formatters and linters to the files that differ from the last commit; what looks at the whole stays whole.
    """
    if "--sbom" in sys.argv[1:]:
        return bill_of_materials(sys.argv[1:])
    unknown = [argument for argument in sys.argv[1:] if argument not in {"--fix", "--changed"}]
    if unknown:
        print(f"bin/check takes --fix, --changed and --sbom, not {' '.join(unknown)}")
        return 2
    files = changed_files() if "--changed" in sys.argv[1:] else None
    if "--fix" in sys.argv[1:]:
        fix(files)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="image2-check-") as folder:
        # An own data folder: a check must not depend on what an operator has set or stored.
        foreign = ("IMAGE2_", "DATABASE_", "REDIS_", "S3_", "PRODUCTION", "DEBUG")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment = {
            **kept,
            "IMAGE2_HOME": folder,
            "STATIC_ROOT": f"{folder}/collected",
            "LOG_LEVEL": "WARNING",
        }
        with ThreadPoolExecutor(max_workers=2) as pool:
            outcomes = list(pool.map(lambda item: run(*item, environment), checks(files)))
    for outcome in outcomes:
        print(f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.name} ({outcome.seconds:.1f} s)")
        if not outcome.passed:
            print(outcome.output)
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    print(
        f"bin/check: {'failed: ' + ', '.join(failed) if failed else 'all good'} ({time.monotonic() - began:.0f} s)"
    )
    return 1 if failed else 0


Command = list[str | Path]


def checks(files: list[Path] | None) -> list[tuple[str, Command]]:
    """Return the checks by name, the long ones first."""
    manage: Command = [BIN / "python", "-W", "error::RuntimeWarning", "manage.py"]
    python, templates = python_files(files), template_files(files)
    by_file: list[tuple[str, Command, Command]] = [
        ("format (ruff)", [BIN / "ruff", "format", "--check", "--quiet", "--force-exclude"], python),
        ("lint (ruff)", [BIN / "ruff", "check", "--quiet", "--force-exclude"], python),
        ("templates (djade)", [BIN / "djade", "--target-version", "5.2", "--check"], templates),
        ("template indentation (djhtml)", [BIN / "djhtml", "--tabwidth", "2", "--check"], templates),
    ]
    return [
        ("types (mypy --strict)", [BIN / "mypy"]),
        ("imports (import-linter)", [BIN / "lint-imports", "--no-cache"]),
        ("messages (gettext)", [BIN / "python", "bin/_messages.py"]),
        *((name, [*command, *names]) for name, command, names in by_file if names),
        ("the editor's kernels", [BIN / "python", "editor/kernels/build.py", "--check"]),
        ("the editor's fonts", [BIN / "python", "editor/fonts/build.py", "--check"]),
        ("settings (check)", [*manage, "check", "--fail-level", "WARNING"]),
        ("migrations are complete", [*manage, "makemigrations", "--check", "--dry-run"]),
        ("static files (collectstatic)", [*manage, "collectstatic", "--no-input", "--verbosity", "0"]),
    ]


def bill_of_materials(arguments: list[str]) -> int:
    """Write the software bill of materials instead of checking: bin/check --sbom [FILE]."""
    named = [argument for argument in arguments if argument != "--sbom"]
    target = named[0] if named else "var/sbom.json"
    return subprocess.run([BIN / "python", "bin/_sbom.py", target], cwd=ROOT, check=False).returncode


def fix(files: list[Path] | None) -> None:
    """Format code and templates, apply the linter's safe corrections, and write the message catalogue."""
    python, templates = python_files(files), template_files(files)
    formatters: list[tuple[Command, Command]] = [
        ([BIN / "ruff", "check", "--fix", "--quiet", "--exit-zero", "--force-exclude"], python),
        ([BIN / "ruff", "format", "--quiet", "--force-exclude"], python),
        ([BIN / "djade", "--target-version", "5.2"], templates),
        ([BIN / "djhtml", "--tabwidth", "2"], templates),
        ([BIN / "python"], ["bin/_messages.py", "--fix"]),
    ]
    for command, names in formatters:
        if names:
            words = [str(part) for part in [*command, *names]]
            subprocess.run(words, cwd=ROOT, check=False, stderr=subprocess.DEVNULL)


def python_files(files: list[Path] | None) -> Command:
    """Return the Python files to look at: all, or those among the changed files."""
    return ["."] if files is None else [path for path in files if path.suffix == ".py"]


def template_files(files: list[Path] | None) -> Command:
    """Return the templates to look at: all, or those among the changed files."""
    if files is None:
        return [*sorted(ROOT.glob("templates/**/*.html"))]
    return [path for path in files if path.parts[0] == "templates" and path.suffix == ".html"]


def changed_files() -> list[Path]:
    """Return the files that differ from the last commit, new ones included."""
    names: set[str] = set()
    for command in (
        ["diff", "--name-only", "--diff-filter=d", "-z", "HEAD"],
        ["ls-files", "--others", "--exclude-standard", "-z"],
    ):
        done = subprocess.run(["git", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        names.update(name for name in done.stdout.split("\0") if name)
    return [Path(name) for name in sorted(names)]


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

"""A root file system made of Debian's packages as they are installed here: no registry of images and no download."""

from __future__ import annotations

import functools
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

DPKG = Path("/var/lib/dpkg")
# A shell, its tools, and what makes a person: every base image that we build on has them.
BASE = (
    "base-files",
    "base-passwd",
    "coreutils",
    "dash",
    "findutils",
    "grep",
    "libc-bin",
    "passwd",
    "sed",
    "tar",
    "wget",
)
# Folders that are links into /usr.
LINKS = tuple(Path(f"/{name}") for name in ("bin", "sbin", "lib", "lib64"))
LEFT_OUT = re.compile(r"^/usr/share/(doc|info|lintian|locale|man|bug)(/|$)")
FOLDERS = {"tmp": 0o1777, "var/tmp": 0o1777, "run": 0o755, "proc": 0o755, "sys": 0o755, "dev": 0o755}
# PostgreSQL loads its compiler of queries only when it is there; it is half of the whole.
NOT_NEEDED = ("libllvm", "libz3")
# What only maintainer scripts make.
WRITTEN = {
    "etc/passwd": "/usr/share/base-passwd/passwd.master",
    "etc/group": "/usr/share/base-passwd/group.master",
}


def write_root(file: Path, packages: tuple[str, ...]) -> None:
    """Write a tar file of packages and of all they depend on; ``LookupError`` for one that isn't installed."""
    with tarfile.open(file, "w") as root:
        for name, mode in FOLDERS.items():
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, mode
            root.addfile(folder)
        for path in [*LINKS, *sorted(paths_of(with_what_they_need((*BASE, *packages))))]:
            root.add(path, str(path)[1:], recursive=False)
        for name, master in WRITTEN.items():
            root.add(master, name)


def paths_of(packages: set[str]) -> set[Path]:
    """The files of packages and their folders, each by its real folder (``/bin/sh`` lies in ``/usr/bin``)."""
    listed = {line for package in packages for line in list_of(package).read_text().splitlines()}
    there = {real_place(line) for line in listed if not LEFT_OUT.match(line) and os.path.lexists(line)}
    return there - {Path("/"), *LINKS}


@functools.cache
def real_folder(path: str) -> Path:
    """A folder without links in its way."""
    return Path(path).resolve()


def real_place(line: str) -> Path:
    """Where a listed file lies; a link stays one."""
    folder, _slash, name = line.rpartition("/")
    return real_folder(folder or "/") / name


def list_of(package: str) -> Path:
    """The file in which dpkg lists a package's files."""
    plain = DPKG / "info" / f"{package}.list"
    return plain if plain.exists() else next((DPKG / "info").glob(f"{package}:*.list"))


def with_what_they_need(packages: tuple[str, ...]) -> set[str]:
    """These packages and, again and again, those that they depend on."""
    installed = dict(installed_packages())
    provided = {name: package for package, (provides, _needs) in installed.items() for name in provides}
    found: set[str] = set()
    waiting = list(packages)
    while waiting:
        package = waiting.pop()
        if package in found or package.startswith(NOT_NEEDED):
            continue
        if package not in installed:
            raise LookupError(f"the package {package} isn't installed")
        found.add(package)
        for choices in installed[package][1]:
            there = [provided.get(name, name) for name in choices if name in installed or name in provided]
            waiting += there[:1]
    return found


def installed_packages() -> Iterator[tuple[str, tuple[list[str], list[list[str]]]]]:
    """Each installed package with the names it provides and, for each dependency, the packages that would do."""
    for block in (DPKG / "status").read_text(errors="replace").split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", block, re.MULTILINE))
        if fields.get("Status") == "install ok installed":
            needs = [*split(fields.get("Pre-Depends", "")), *split(fields.get("Depends", ""))]
            provides = [names[0] for names in split(fields.get("Provides", ""))]
            yield fields["Package"], (provides, needs)


def split(relations: str) -> list[list[str]]:
    """``a (>= 1) | b:any, c`` as ``[["a", "b"], ["c"]]``."""
    return [
        [re.split(r"[ :(]", choice.strip())[0] for choice in relation.split("|")]
        for relation in relations.split(",")
        if relation.strip()
    ]

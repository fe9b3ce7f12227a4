"""Documents name what exists, and folders stay small enough to read."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "billing", "editor", "generation", "image2", "privacy", "tests")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# "formerly `generation/doorbell.py`" is how a document names a place that is gone.
FORMER = re.compile(r"formerly `[^`]+`")
FILE = re.compile(
    r"(?<![\w/.*-])(?:[\w.*-]+/)*[\w*-][\w.*-]*\.(?:py|mjs|js|css|html|toml|md|json|wasm|c|txt|po)\b(?![\w/-])"
)
FOLDER = re.compile(r"`((?:[\w.-]+/)+)`")
MODULE = re.compile(rf"(?<![\w/.:-])(?:{'|'.join(PACKAGES)})(?:\.\w+)+\b(?![/-])")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
NOT_A_MODULE = re.compile(r"\w+\.(?:[EW]\d{3}|\d{4}\w*|dev)")  # a system check, a migration, the public site
MOST_MODULES = 15
# The shipped model's drawings: many small modules of one kind.
LARGE_FOLDERS = {"generation/bundled"}


@cache
def tracked() -> frozenset[str]:
    """Every file of the repository, new ones included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return frozenset(name for name in done.stdout.splitlines() if (ROOT / name).exists())


def is_file(name: str) -> bool:
    """Whether a file of this name, or of a name that ends in it, exists; `*` stands for anything."""
    return any(PurePosixPath(path).match(name) for path in tracked())


def is_folder(name: str) -> bool:
    """Whether a folder of this name, or of a path that ends in it, exists."""
    return any(f"/{name}" in f"/{path}" for path in tracked())


def is_module(name: str) -> bool:
    """Whether a dotted name leads to a module, or to a name that the module mentions."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if file.exists():
            rest = parts[length:]
            return not rest or (length > 1 and bool(re.search(rf"\b{rest[0]}\b", file.read_text())))
    return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_what_exists(document: Path) -> None:
    text = FORMER.sub("", document.read_text())
    gone = {name for name in FILE.findall(text) if not is_file(name) and not is_example(name)}
    folders = {name for name in FOLDER.findall(text) if name.split("/")[0] in PACKAGES}
    gone |= {name for name in folders if not is_folder(name)}
    modules = {
        name for name in MODULE.findall(text) if not NOT_A_MODULE.fullmatch(name) and not FILE.fullmatch(name)
    }
    gone |= {name for name in modules if not is_module(name)}
    gone |= {link for link in LINK.findall(text) if not (document.parent / link).exists()}
    assert sorted(gone) == []


def is_example(name: str) -> bool:
    """Whether a name stands for something outside of the repository, or is a link, which is looked at as one."""
    return name in {
        "model_index.json",
        "preprocess.json",
        "gpc.json",
        "security.txt",
        "Node.js",
    } or name.startswith("../")


def test_each_term_of_the_glossary_names_the_file_that_defines_it() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    terms = re.findall(r"^\| ([^|]+) \| [^|]+ \| `([^`]+)` \|$", text, re.MULTILINE)
    assert len(terms) == text.count("\n| ") - 2, "a term without a file"
    assert [path for _, path in terms if not (ROOT / path).is_file()] == []
    names = [term for term, _ in terms]
    assert len(names) == len(set(names))


def test_no_folder_holds_more_modules_than_a_reader_can_take_in() -> None:
    folders = Counter(
        str(PurePosixPath(name).parent)
        for name in tracked()
        if name.endswith(".py")
        and not name.endswith("__init__.py")
        and not name.startswith(("tests/", "bin/"))
    )
    large = {
        folder: count
        for folder, count in folders.items()
        if count > MOST_MODULES and folder not in LARGE_FOLDERS and not folder.endswith("/migrations")
    }
    assert large == {}

"""The consent to training is read in few places, and what may be used is asked by the data set alone."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "billing", "editor", "generation", "image2", "privacy")
# Who knows the flag of a picture and the switch of a person, and what for.
KNOW_IT = {
    "accounts/forms.py": "the switch in the settings",
    "accounts/models/preferences.py": "the field of the switch",
    "accounts/people/preferences.py": "writes a line when it is switched",
    "accounts/personal_data.py": "the declaration",
    "generation/models/pictures.py": "the field of the flag",
    "generation/personal_data.py": "the declaration",
    "generation/pictures/training.py": "counts, withdraws, and says which pictures may be used",
    "generation/worker/settlement.py": "sets the flag of a new picture",
}
# Who asks which pictures may be used, and who calls the export.
USE_IT = {"generation/dataset/choosing.py"}
EXPORT_IT = {"generation/management/commands/training_export.py"}


def test_nothing_else_reads_the_flag() -> None:
    assert {path for path, tree in _trees().items() if "training_allowed" in _names(tree)} == set(KNOW_IT)


def test_only_the_data_set_asks_which_pictures_may_be_used() -> None:
    found = {
        path
        for path, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "allowed"
        and isinstance(node.value, ast.Name)
        and node.value.id == "training"
    }
    assert found == USE_IT


def test_only_the_command_of_the_operator_makes_a_data_set() -> None:
    importing = {
        path
        for path, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("generation.dataset")
    }
    assert {path for path in importing if not path.startswith("generation/dataset/")} == EXPORT_IT


@cache
def _trees() -> dict[str, ast.Module]:
    """The modules that may have to do with it, parsed; most never mention training."""
    return {
        str(path.relative_to(ROOT)): ast.parse(source)
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
        and re.search(r"training|generation\.dataset", source := path.read_text(encoding="utf-8"))
    }


def _names(tree: ast.Module) -> set[str]:
    """Names, attributes, keywords and texts of a module; a flag that is read through a string is read as well."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.keyword | ast.arg) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(node.value.replace("__", " ").split())
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found

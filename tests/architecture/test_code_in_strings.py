"""Code that a test hands to another process is text to every checker: its imports are looked up here."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("accounts", "billing", "editor", "generation", "image2", "privacy", "tests")
TESTS = sorted(ROOT.glob("tests/**/*.py"))


def _codes(source: str) -> list[str]:
    """Every string of several lines that is Python and imports something; braces of a format string stand for names."""
    texts = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values]
            texts.append("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    return [text for text in texts if "\n" in text and "import " in text]


def _imports(code: str) -> list[tuple[str, str]]:
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += [(node.module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
    return [(module, name) for module, name in found if module.split(".")[0] in OURS]


def _exists(module: str, name: str) -> bool:
    spec = find_spec(module)
    if spec is None or not name:
        return spec is not None
    if spec.submodule_search_locations and find_spec(f"{module}.{name}"):
        return True
    if not spec.origin:
        return False
    return any(name in _defined(node) for node in ast.parse(Path(spec.origin).read_text()).body)


def _defined(node: ast.stmt) -> set[str]:
    names = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            names.add(part.id)
        elif isinstance(part, ast.alias):
            names.add(part.asname or part.name)
        elif isinstance(part, ast.FunctionDef | ast.ClassDef):
            names.add(part.name)
    return names


def imports() -> list[tuple[str, str, str]]:
    return sorted(
        {
            (str(path.relative_to(ROOT)), *found)
            for path in TESTS
            for code in _codes(path.read_text())
            for found in _imports(code)
        }
    )


def test_what_it_imports_exists() -> None:
    found = imports()

    assert len(found) > 20
    assert [each for each in found if not exists(*each[1:])] == []


def exists(module: str, name: str) -> bool:
    try:
        return _exists(module, name)
    except ModuleNotFoundError:
        return False

"""What docs/security.md says that the program never does: each is read from the sources, whole and at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.test import Client

ROOT: Final = Path(__file__).resolve().parents[2]
APPS: Final = ("accounts", "billing", "editor", "generation", "image2", "privacy")
# ruff's S rules (flake8-bandit): shells, eval and exec, pickle, XML parsers, SQL out of strings. What may be left out:
# asserts, chance in pictures, and our own commands as lists, without a shell.
LEFT_OUT: Final = {"S101", "S311", "S603", "S607"}
# Each line that says no to one of these rules, by its file: markup of ours, one query whose values are parameters, and
# XMP of files that are verified, which is read only without a document type (so there are no entities).
EXCEPTIONS: Final = {
    ("generation/ingest/marks/notes.py", "S314"),
    ("accounts/templatetags/elements.py", "S308"),
    ("generation/views/tile_templates.py", "S308"),
    ("image2/lib/markdown.py", "S308"),
    ("generation/search/finding.py", "S608"),
}
MARKUP_FROM_TEXT: Final = re.compile(
    r"\.innerHTML\b|\.outerHTML\b|insertAdjacentHTML|document\.write|createContextualFragment|setHTMLUnsafe"
    r"|\beval\(|new Function\(|setTimeout\(\s*[\"'`]|__proto__"
)
TEMPLATE_FROM_TEXT: Final = re.compile(r"\bTemplate\(|\.from_string\(")
BOTH: Final = re.compile(
    r"request\.(GET|POST)[.\[][^\n]* or [^\n]*request\.(GET|POST)\b|\*\*request\.(GET|POST)"
)


def sources(*endings: str) -> Iterator[tuple[str, str]]:
    """Yield each file of ours with its text; what others wrote lies in folders named vendor."""
    for folder in (*APPS, "static"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings and "vendor" not in path.parts and "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text()


def holding(pattern: re.Pattern[str], *endings: str) -> list[str]:
    return [f"{name}: {found[0]}" for name, text in sources(*endings) if (found := pattern.search(text))]


def test_the_linter_refuses_shells_eval_pickle_and_sql_out_of_strings() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert {rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)} == LEFT_OUT
    said = re.compile(r"noqa: (S[236]\d\d)")
    assert {(name, rule) for name, text in sources(".py") for rule in said.findall(text)} == EXCEPTIONS


def test_no_script_makes_markup_or_code_out_of_text() -> None:
    assert holding(MARKUP_FROM_TEXT, ".js", ".mjs") == []


def test_no_template_is_made_out_of_text() -> None:
    assert holding(TEMPLATE_FROM_TEXT, ".py") == []


def test_no_value_is_taken_from_wherever_it_is() -> None:
    assert holding(BOTH, ".py") == []


def test_the_style_guide_is_no_page_of_a_site(client: Client, db: None) -> None:
    assert client.get("/styleguide/").status_code == 404


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        *((MARKUP_FROM_TEXT, text) for text in ("a.innerHTML = b", "eval(x)", "setTimeout('go()', 1)")),
        (TEMPLATE_FROM_TEXT, "Template(words)"),
        (BOTH, 'request.POST.get("next") or request.GET.get("next")'),
    ],
)
def test_each_would_be_noticed(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)

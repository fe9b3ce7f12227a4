"""The page of promises has each sentence of the public policy; its pages and tests exist, and so do the editor's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from image2.lib.personal_data import Category, declarations

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/promises.md").read_text()
EDITOR = (ROOT / "docs/editor.md").read_text()
POLICY = (ROOT / "docs/public-policy.txt").read_text()
# A heading, a number or a bullet in front of a sentence isn't part of it.
IN_FRONT = re.compile(r"^\s*(?:\d+\.|•)?\s*")
SENTENCE_ENDS = re.compile(r"(?<=[.!:])\s+(?=[A-Z])(?!Email:)")


def sentences() -> list[str]:
    """The sentences of the public policy: all that ends as one. A label such as “Purpose:” stays with its sentence."""
    found: list[str] = []
    for line in POLICY.splitlines():
        text = IN_FRONT.sub("", line).strip()
        labelled = text.startswith(("What We Collect:", "Purpose:", "Website:"))
        found += [text] if labelled else SENTENCE_ENDS.split(text)
    return [sentence for sentence in found if sentence.endswith((".", "!", ":", "@image2.dev"))]


def rows() -> list[list[str]]:
    """The rows of the tables: their cells."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line]


def test_there_are_sentences_to_keep() -> None:
    assert len(sentences()) > 25


@pytest.mark.parametrize("sentence", sentences())
def test_each_sentence_has_its_row(sentence: str) -> None:
    assert [row[0] for row in rows()].count(sentence) == 1


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(/[a-z-]+/(?:[a-z-]+/)*)`", PAGE))))
def test_each_page_exists(path: str) -> None:
    try:
        resolve(path)
    except Resolver404:
        pytest.fail(f"docs/promises.md leads to {path}, which is no page")


def test_each_test_exists() -> None:
    named = sorted(set(re.findall(r"`(tests/[\w/.:]+)`", PAGE + EDITOR)))
    assert len(named) > 60
    assert [name for name in named if not exists(*name.partition("::"))] == []


def exists(file: str, _separator: str, function: str) -> bool:
    path = ROOT / file
    return path.exists() and (not function or f"\ndef {function}(" in path.read_text())


def test_what_is_collected_is_named() -> None:
    declared = {group.category for model in declarations() for group in model.kept}
    named = {row[0]: row[1] for row in rows() if row[0] in list(Category)}
    assert set(named) == declared
    assert {words for words in named.values() if words not in POLICY} == set()

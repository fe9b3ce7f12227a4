"""The page of promises has each sentence of the public policy and of our own text; the tests that pages name exist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from django.urls import Resolver404, resolve

from image2.lib.personal_data import Category, declarations
from privacy.policy import shipped

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/promises.md").read_text()
# What is promised of the kinds of edit, of families of models and of the editor, with the test of each.
OTHERS = "".join((ROOT / "docs" / name).read_text() for name in ("kinds-of-edit.md", "editor.md"))
OF_THE_PUBLIC_TEXT, OF_OURS = PAGE.split("\n## Our own text\n")
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


def rows(page: str) -> list[list[str]]:
    """The rows of the tables: their cells."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line]


def test_there_are_sentences_to_keep() -> None:
    assert len(sentences()) > 25


def test_each_sentence_has_its_row() -> None:
    first = Counter(row[0] for row in rows(OF_THE_PUBLIC_TEXT))
    assert {sentence: first[sentence] for sentence in sentences() if first[sentence] != 1} == {}


def test_our_newest_text_stands_there_whole_and_in_its_order() -> None:
    paragraphs = [line for line in shipped.NEWEST.body.split("\n\n") if not line.startswith("#")]
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", " ".join(paragraphs)).replace("**", "")
    assert " ".join(row[0] for row in rows(OF_OURS) if row[0] != "sentences") == " ".join(text.split())


def test_what_no_test_holds_is_the_operators() -> None:
    without = [row for row in rows(OF_OURS) if "`tests/" not in row[2] and row[0] != "sentences"]
    assert [row[1] for row in without if "operator" not in row[1]] == []


def is_page(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def test_each_page_exists() -> None:
    named = set(re.findall(r"`(/[a-z-]+/(?:[a-z-]+/)*)`", PAGE))
    assert len(named) > 10
    assert [path for path in sorted(named) if not is_page(path)] == []


def is_test(name: str) -> bool:
    file, _separator, function = name.partition("::")
    return (ROOT / file).exists() and (not function or f"\ndef {function}(" in (ROOT / file).read_text())


def test_each_test_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/.:]+)`", PAGE + OTHERS))
    assert len(named) > 150
    assert [name for name in sorted(named) if not is_test(name)] == []


def test_what_is_collected_is_named() -> None:
    declared = {group.category for model in declarations() for group in model.kept}
    named = {row[0]: row[1] for row in rows(OF_THE_PUBLIC_TEXT) if row[0] in list(Category)}
    assert set(named) == declared
    assert {words for words in named.values() if words not in POLICY} == set()

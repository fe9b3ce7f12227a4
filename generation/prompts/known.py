"""Which words the bundled model knows: those of its tokenizer, read from the file that the worker loads.

No torch and no Django: the web process and the worker ask the same functions.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import generation.bundled
from generation.bundled import vocabulary

# Tokens of one prompt without begin and end: what comes after them isn't read (`bundled.tokenizer.LENGTH`).
MOST_READ: Final = 38
LANGUAGES: Final = Path(__file__).with_name("languages")
_TOKENIZER: Final = (
    Path(generation.bundled.__file__).parent / "weights/text-to-image/tokenizer/tokenizer.json"
)
# As the tokenizer splits: an accent that stands on its own belongs to its word.
_WORD: Final = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")


def words(text: str) -> list[str]:
    """The words of a text as the tokenizer splits them: small letters, without punctuation."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


@cache
def known() -> frozenset[str]:
    """Every word that has a token."""
    table = json.loads(_TOKENIZER.read_text("utf-8"))["model"]["vocab"]
    return frozenset(word for word in table if not word.startswith("["))


@cache
def meaningful() -> frozenset[str]:
    """The known words that stand for something a picture shows."""
    adjectives = {word for phrase in vocabulary.ADJECTIVES for word in words(phrase)}
    return (vocabulary.MEANINGFUL | adjectives) & known()


@cache
def silent() -> frozenset[str]:
    """English words that say nothing about a picture."""
    return frozenset(_english()["silent"]["words"].split())


@cache
def instead() -> Mapping[str, str]:
    """An unknown English word → a phrase of known words that comes close."""
    return MappingProxyType(_english()["instead"])


@cache
def _english() -> dict[str, dict[str, str]]:
    return tomllib.loads((LANGUAGES / "en.toml").read_text("utf-8"))

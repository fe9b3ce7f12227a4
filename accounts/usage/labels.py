"""How the values of usage are called on pages; apps above know their models and tools."""

from __future__ import annotations

from collections.abc import Callable

_words: list[Callable[[str, str], str]] = []


def register(words: Callable[[str, str], str]) -> None:
    """Say how a detail's value is called ("model", "bundled"), once, when the app that knows it is ready."""
    _words[:] = [words]


def label(detail: str, value: str) -> str:
    return _words[0](detail, value) if _words and value else value

"""Functions as an operator writes them."""

from __future__ import annotations


def no_boats(text: str) -> str | None:
    return "boats" if "boat" in text else None


def broken(text: str) -> str | None:
    raise RuntimeError(f"no connection, while looking at {text}")

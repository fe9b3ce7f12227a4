"""Looks at what a process that we do not trust answered, value by value. Each raises ValueError for anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fields(data: Any, kind: Any) -> Mapping[str, Any]:
    """The fields of a dataclass, all of them and no others."""
    if not isinstance(data, dict) or data.keys() != kind.__dataclass_fields__.keys():
        raise ValueError(f"not a {kind.__name__}")
    return data


def whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("no whole number")
    return value


def flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("neither true nor false")
    return value


def several(value: Any, most: int | None = None) -> list[Any]:
    if not isinstance(value, list) or (most is not None and len(value) > most):
        raise ValueError("no list of this length")
    return value

"""Requests as Stripe would take them: decoded from the form's words, and held to the SDK's typed parameters."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import typing_extensions
from stripe import _request_options
from stripe._stripe_object import UntypedStripeObject


class WrongParameters(Exception):
    """The request would not type-check against the SDK."""


def decoded(text: str) -> dict[str, Any]:
    """Turn ``line_items[0][price]=x`` into nested dictionaries and lists."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, *rest = name.replace("]", "").split("[")
        node = root
        for part, after in zip([first, *rest], [*rest, None], strict=True):
            if after is None:
                node[part] = value
            else:
                node = node.setdefault(part, {})
    return {key: _lists(value) for key, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}


def check(value: Mapping[str, Any], expected: type) -> None:
    """Raise WrongParameters when the decoded request is not what the SDK's type says."""
    _check(value, expected, expected.__name__)


def _check(value: Any, hint: Any, path: str) -> None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        _check_any(value, arguments, path)
    elif origin in {typing.Literal, typing_extensions.Literal}:
        _require(value in arguments, path, value, hint)
    elif origin is list:
        _require(isinstance(value, list), path, value, hint)
        for number, item in enumerate(value):
            _check(item, arguments[0], f"{path}[{number}]")
    elif origin is dict or origin is UntypedStripeObject or hint is UntypedStripeObject:
        _require(isinstance(value, dict), path, value, hint)
    elif typing_extensions.is_typeddict(hint):
        _check_typed(value, hint, path)
    elif hint is bool:
        _require(value in {"true", "false"}, path, value, hint)
    elif hint is int:
        _require(isinstance(value, str) and value.lstrip("-").isdigit(), path, value, hint)
    else:
        _require(isinstance(value, str), path, value, hint)


def _check_any(value: Any, hints: tuple[Any, ...], path: str) -> None:
    problems = []
    for hint in hints:
        try:
            _check(value, hint, path)
        except WrongParameters as problem:
            problems.append(str(problem))
        else:
            return
    raise WrongParameters("; ".join(problems))


def _check_typed(value: Any, hint: Any, path: str) -> None:
    _require(isinstance(value, dict), path, value, hint)
    fields = _fields(hint)
    for key, inner in value.items():
        if key not in fields:
            raise WrongParameters(f"{path} has no {key!r}")
        _check(inner, fields[key], f"{path}.{key}")
    if missing := hint.__required_keys__ - value.keys():
        raise WrongParameters(f"{path} misses {sorted(missing)}")


@cache
def _fields(hint: Any) -> dict[str, Any]:
    # The names of options, which travel in headers, come from a base class in another module.
    names = {**vars(_request_options), **vars(sys.modules[hint.__module__]), "StripeContext": str}
    fields = typing_extensions.get_type_hints(hint, names)
    options = _request_options.RequestOptions.__annotations__
    return {name: field for name, field in fields.items() if name not in options}


def _require(is_right: bool, path: str, value: Any, hint: Any) -> None:
    if not is_right:
        raise WrongParameters(f"{path}: {value!r} is no {hint}")

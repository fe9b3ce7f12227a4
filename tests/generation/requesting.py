"""Requests of pictures, as the tests of generation start from them."""

from __future__ import annotations

from typing import Any

from generation.requests import catalogue
from generation.requests.request import GenerationRequest


def a_request(**changes: Any) -> GenerationRequest:
    """A picture of the bundled model; each test changes what it is about."""
    entry = catalogue.get("bundled")
    values: dict[str, Any] = {
        "kind": "text_to_image",
        "model": "bundled",
        "prompt": "a red sailboat on a calm sea",
        "shape": "1:1",
        "size": "1k",
        "count": 1,
        "seed": 7,
        "steps": entry.default_steps,
        "guidance": entry.default_guidance,
    }
    return GenerationRequest(**values | changes)

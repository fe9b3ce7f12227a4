"""A language model on this machine, and the settings that name it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.generation.prompts.llm import Writer, serving


@pytest.fixture
def writer(settings: Any) -> Iterator[Writer]:
    with serving(Writer()) as running:
        settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = running.address, "writer-1"
        settings.PROMPT_LLM_KEY = "a-secret-key"
        yield running

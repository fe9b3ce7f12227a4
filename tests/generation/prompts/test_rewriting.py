"""A rewrite by a language model: only what is said is sent, and whatever comes back, nothing is lost."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.checks import what_rewrites_prompts_can_be_asked
from generation.moderation.checking import NotChecked, WordsRefused
from generation.prompts import chat, known, rewriting
from generation.prompts.chat import Service, Unanswered
from generation.prompts.rewriting import Unusable
from generation.requests import catalogue
from generation.requests.request import MAX_PROMPT
from tests.generation.prompts.llm import Writer

BUNDLED = catalogue.get("bundled")


def rewritten(prompt: str = "a red house", entry: catalogue.Entry | None = None) -> str:
    service = rewriting.service()
    assert service
    return rewriting.rewritten(prompt, entry, service)


def test_the_prompt_and_the_instruction_are_sent_and_nothing_else(writer: Writer) -> None:
    assert rewritten() == "a red house on a green hill at sunset, warm light"
    ((path, key, body),) = writer.asked
    assert (path, key) == ("/v1/chat/completions", "Bearer a-secret-key")
    instruction = {"role": "system", "content": rewriting.instruction(None)}
    assert body == {
        "model": "writer-1",
        "messages": [instruction, {"role": "user", "content": "a red house"}],
    }


def test_a_model_with_a_vocabulary_gets_words_of_its_own(writer: Writer) -> None:
    rewritten(entry=BUNDLED)
    instruction = writer.asked[0][2]["messages"][0]["content"]
    assert known.known() <= set(known.words(instruction))
    assert "language of the prompt" in rewriting.instruction(catalogue.get("z-image-turbo"))


def test_no_key_is_sent_where_there_is_none_and_it_is_never_shown(writer: Writer, settings: Any) -> None:
    assert "a-secret-key" not in repr(rewriting.service())
    settings.PROMPT_LLM_KEY = ""
    rewritten()
    assert writer.asked[0][1] == ""


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ('"A red house at dusk."', "A red house at dusk."),
        ("Prompt: a red house\n at dusk \n", "a red house at dusk"),
        ("**a red house\u202e at dusk**", "a red house at dusk"),
        ("half \ud83d a character", "half a character"),
    ],
)
def test_an_answer_is_cleaned_as_a_prompt_is(writer: Writer, answer: str, text: str) -> None:
    writer.text = answer
    assert rewritten() == text


@pytest.mark.parametrize("answer", ["", "  \n", '""', "x" * (MAX_PROMPT + 1), "child pornography"])
def test_an_answer_that_is_no_prompt_or_not_made_here_is_dropped(writer: Writer, answer: str) -> None:
    writer.text = answer
    with pytest.raises(Unusable):
        rewritten()


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "wrong",
    [
        {"status": 500},
        {"status": 401},
        {"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}},
        {"raw": b"<html>"},
        {"raw": b"{}"},
        {"raw": b'{"choices": []}'},
        {"raw": b'{"choices": [{"message": {"content": null}}]}'},
        {"raw": b"[" * 60_000},
        {"raw": json.dumps({"choices": [{"message": {"content": "x" * chat.MOST_BYTES}}]}).encode()},
        {"raw": b"\xff\xfe\x00"},
        {"raw": b"", "headers": {"Content-Length": "100"}},
    ],
)
def test_whatever_else_comes_back_is_one_failure(writer: Writer, wrong: dict[str, Any]) -> None:
    for name, value in wrong.items():
        setattr(writer, name, value)
    with pytest.raises(Unanswered):
        rewritten()
    assert len(writer.asked) == 1


def test_an_answer_that_drips_is_cut_when_its_time_is_over(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "ANSWER_SECONDS", 1.0)
    writer.drips = 0.3  # each byte comes in time, all of them would take half a minute
    begun = time.monotonic()
    with pytest.raises(Unanswered):
        rewritten()
    assert time.monotonic() - begun < 15


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "http://", "https://127.0.0.1:x/v1", "nonsense"])
def test_a_server_that_is_not_there_is_the_same_failure(url: str) -> None:
    with pytest.raises(Unanswered):
        chat.ask(Service(url, "writer-1"), instruction="", text="a red house")


def test_words_that_are_not_made_here_are_not_sent(writer: Writer, settings: Any) -> None:
    with pytest.raises(WordsRefused):
        rewritten("child pornography")
    settings.MODERATION_CHECKER = "tests.generation.moderation.own.broken"
    with pytest.raises(NotChecked):
        rewritten()
    assert writer.asked == []


@given(st.text(max_size=400))
def test_reading_an_answer_never_fails_otherwise(answer: str) -> None:
    try:
        text = rewriting._usable(answer)
    except Unusable:
        return
    assert 0 < len(text) <= MAX_PROMPT
    text.encode()


@pytest.mark.parametrize(
    ("url", "model", "is_fine"),
    [
        ("", "", True),
        ("https://llm.example.org/v1", "writer", True),
        ("http://127.0.0.1:8080/v1", "writer", True),
        ("http://ollama:11434/v1", "writer", True),
        ("http://10.0.0.7:8080/v1", "writer", True),
        ("http://[::1]:8080/v1", "writer", True),
        ("http://[fd00::7]:8080/v1", "writer", True),
        ("http://localhost:8080/v1", "writer", True),
        ("http://[2606:4700:4700::1111]/v1", "writer", False),
        ("http://[::ffff:1.1.1.1]/v1", "writer", False),
        ("http://1.1.1.1/v1", "writer", False),
        ("http://[::1/v1", "writer", False),
        ("http://llm.example.org/v1", "writer", False),
        ("https://llm.example.org/v1", "", False),
        ("", "writer", False),
        ("llm.example.org", "writer", False),
        ("ftp://llm.example.org", "writer", False),
    ],
)
def test_the_settings_are_checked_at_the_start(settings: Any, url: str, model: str, is_fine: bool) -> None:
    settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = url, model
    assert (what_rewrites_prompts_can_be_asked(None) == []) is is_fine


def test_without_settings_there_is_no_service(settings: Any) -> None:
    settings.PROMPT_LLM_URL = settings.PROMPT_LLM_MODEL = ""
    assert rewriting.service() is None

"""Rewrites a prompt by the operator's language model, when a person asks for it: PROMPT_LLM_URL, _MODEL and _KEY."""

from __future__ import annotations

import re
from typing import Final

import structlog
from django.conf import settings

from generation.moderation import checking
from generation.prompts import chat, known
from generation.prompts.chat import Service, Unanswered
from generation.requests.catalogue import Entry
from generation.requests.request import MAX_PROMPT
from generation.requests.texts import cleaned

log = structlog.get_logger(__name__)

_ASKED: Final = (
    "You rewrite prompts for a text-to-image model. Keep every thing, colour, number, place and name that the prompt "
    "has. Add what a picture needs and the prompt leaves open: setting, light, weather, composition. "
    "Answer with the prompt alone, on one line, without quotation marks, in at most {words} words"
)
_IN_ITS_LANGUAGE: Final = ", in the language of the prompt."
_IN_ITS_WORDS: Final = ", in English, with no other words than these: {known}."
# A line that announces the prompt, and marks around it.
_ANNOUNCED: Final = re.compile(r"^(?:rewritten |new |image )?prompt\s*:\s*", re.IGNORECASE)
_AROUND: Final = " \"'`“”„«»*"


class Unusable(Exception):
    """The answer was empty, too long, or something that isn't made here."""


def service() -> Service | None:
    """The language model of this site, or None: then nothing is offered and nothing is sent."""
    url, model = settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL
    return Service(url, model, settings.PROMPT_LLM_KEY) if url and model else None


def instruction(entry: Entry | None) -> str:
    """What is sent beside the words of the person. A model of a known vocabulary gets prompts of its words."""
    if entry is None or not entry.vocabulary:
        return _ASKED.format(words=60) + _IN_ITS_LANGUAGE
    return _ASKED.format(words=30) + _IN_ITS_WORDS.format(known=" ".join(sorted(known.known())))


def rewritten(prompt: str, entry: Entry | None, by: Service) -> str:
    """Return another prompt. Take a turn of the share "rewrite" first.

    Raises Unanswered, Unusable, and of `moderation.checking` WordsRefused and NotChecked for the words to be sent:
    then they weren't sent.
    """
    checking.check(prompt)
    try:
        answer = chat.ask(by, instruction=instruction(entry), text=prompt)
    except Unanswered as why:
        log.warning("rewrite.unanswered", host=by.host, why=str(why))
        raise
    text = _usable(answer)
    try:
        checking.check(text)
    except (checking.WordsRefused, checking.NotChecked):
        raise Unusable from None
    return text


def _usable(answer: str) -> str:
    """The prompt in it. Raises Unusable."""
    whole = answer.encode("utf-8", "ignore").decode()  # half a character can't be stored
    text = _ANNOUNCED.sub("", cleaned(whole).strip(_AROUND)).strip(_AROUND)
    if not text or len(text) > MAX_PROMPT:
        raise Unusable
    return text

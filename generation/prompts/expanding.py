"""Fuller prompts: what was typed, word by word, and behind it what it doesn't say.

For the bundled model the additions are phrases of its vocabulary, chosen as its training pictures were: settings where
such a thing is at home, light and weather that go together, nothing that the words rule out. For models that read any
text they are of `free.toml`. The same prompt and round give the same offers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from generation.bundled.scenes import ALL_SETTINGS, NATURAL_SETTINGS, SKYLESS, sky_of
from generation.prompts import known
from generation.prompts.facts import PARTS, Said, said
from generation.prompts.reading import Reading, read
from generation.prompts.tables import table
from generation.requests.request import MAX_PROMPT

MOST_OFFERS: Final = 3
_TRIES: Final = 24
_FREE: Final = Path(__file__).with_name("free.toml")
_OUTDOORS: Final = tuple(setting for setting in ALL_SETTINGS if setting not in SKYLESS)
_NIGHT: Final = frozenset(("moon", "crescent", "stars"))
_ORDER: Final = ("place", "setting", "weather", "sky", "time")


@dataclass(frozen=True, slots=True)
class Offer:
    """A fuller prompt: `typed` as it was, then `added`."""

    typed: str
    added: str

    @property
    def text(self) -> str:
        return f"{self.typed}{self.added}"


def within_vocabulary(prompt: str, number: int = 0) -> list[Offer]:
    """Up to three offers for the bundled model, in the language of the prompt; none where everything is said.

    `number` counts the rounds: each gives other offers.
    """
    typed, reading = prompt.strip(), read(prompt)
    if not (set(known.words(reading.prompt)) & known.meaningful()) or _known_in(typed) >= known.MOST_READ:
        return []
    before = said(reading.prompt)

    def one(rng: Random) -> tuple[object, str]:
        additions = _additions(before, rng)
        phrases = [_phrase(part, value, reading, rng) for part, value in additions]
        return tuple(additions), " ".join(phrase for phrase in phrases if phrase)

    offers = _offers(typed, number, one, separator=" ")
    return [
        offer
        for offer in offers
        if _known_in(offer.text) <= known.MOST_READ and _is_read_alike(offer, reading)
    ]


def _is_read_alike(offer: Offer, before: Reading) -> bool:
    """A letter of what was typed may become a word of another language beside the words that are added."""
    after = read(offer.text)
    return (after.language, after.unknown) == (before.language, before.unknown)


def for_any_model(prompt: str, number: int = 0) -> list[Offer]:
    """Up to three offers for a model that reads any text: light, view and detail, of English prompts only."""
    typed = prompt.strip()
    if not typed or read(prompt).language:
        return []
    words = set(known.words(prompt))

    def one(rng: Random) -> tuple[object, str]:
        groups = [group for group in _free() if not words & set(group["said_by"].split())]
        chosen = rng.sample(groups, min(len(groups), 3))
        added = ", ".join(rng.choice(group["phrases"]) for group in _in_order(chosen))
        return added, added

    return _offers(typed, number, one, separator=", ")


def _offers(
    typed: str, number: int, one: Callable[[Random], tuple[object, str]], *, separator: str
) -> list[Offer]:
    """`one` gives what an offer says, of which no two say the same, and its words."""
    rng = Random(f"{typed}\n{number}")
    found: dict[object, Offer] = {}
    for _try in range(_TRIES):
        meant, added = one(rng)
        offer = Offer(typed, _joint(typed, separator) + added)
        if added and len(offer.text) <= MAX_PROMPT:
            found.setdefault(meant, offer)
        if len(found) == MOST_OFFERS:
            break
    return list(found.values())


def _joint(typed: str, separator: str) -> str:
    return " " if typed.endswith((",", ".", ";", ":", "!", "?")) else separator


def _known_in(text: str) -> int:
    """How many words the model reads of it."""
    return sum(word in known.known() for word in known.words(read(text).prompt))


# --- the bundled model ------------------------------------------------------------------------------------------------


def _additions(before: Said, rng: Random) -> list[tuple[str, str]]:
    """Parts of the scene that the words leave open, and a value for each."""
    scene = _filled(before, rng)
    new = [part for part in _ORDER if getattr(scene, part) and not getattr(before, part)]
    return [(part, getattr(scene, part)) for part in new]


def _filled(before: Said, rng: Random) -> Said:
    setting = before.setting or _setting(before, rng)
    scene = replace(before, setting=setting)
    if before.is_one and before.ends_with_thing and not before.place and rng.random() < 0.25:
        scene = replace(scene, place=rng.choice(tuple(PARTS["place"])))
    if setting in SKYLESS:
        return scene
    time = before.time or _time(before, rng)
    weather, sky = before.weather, before.sky
    if not weather and not sky:
        # One of them: two skies in one sentence read as a contradiction.
        weather = "" if rng.random() < 0.6 else rng.choice(_weathers(setting))
        sky = "" if weather else sky_of(rng, time, "clear")
    is_plain = not before.time and (time == "day" or (time == "night" and sky in _NIGHT))
    return replace(scene, time="" if is_plain else time, weather=weather, sky=sky)


def _weathers(setting: str) -> tuple[str, ...]:
    """No snow falls in the desert and on the sea."""
    return ("cloudy", "fog") if setting in ("desert", "beach", "sea") else ("cloudy", "snowfall", "fog")


def _setting(before: Said, rng: Random) -> str:
    at_home = [NATURAL_SETTINGS[kind] for kind in before.things if kind in NATURAL_SETTINGS]
    shared = [each for each in (at_home[0] if at_home else _OUTDOORS) if all(each in one for one in at_home)]
    choice = shared or (at_home[0] if at_home else _OUTDOORS)
    with_sky = bool(before.time or before.weather or before.sky)
    possible = [each for each in choice if each != "plain" and not (with_sky and each in SKYLESS)]
    return rng.choice(possible or _OUTDOORS)


def _time(before: Said, rng: Random) -> str:
    if before.sky in _NIGHT:
        return "night"
    if before.sky in ("sun", "rainbow"):
        return rng.choice(("day", "sunset", "sunrise"))
    return rng.choices(("day", "sunrise", "sunset", "night"), (10, 25, 40, 25))[0]


def _phrase(part: str, value: str, reading: Reading, rng: Random) -> str:
    phrases = [phrase for phrase in PARTS[part][value] if "{}" not in phrase]
    if reading.language:
        said_so = table(reading.language).phrases
        phrases = [said_so[phrase] for phrase in phrases if phrase in said_so]
    return rng.choice(phrases) if phrases else ""


# --- any other model --------------------------------------------------------------------------------------------------


@cache
def _free() -> Sequence[Mapping[str, Any]]:
    groups: list[dict[str, Any]] = tomllib.loads(_FREE.read_text("utf-8"))["group"]
    return groups


def _in_order(chosen: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (group for group in _free() if group in chosen)

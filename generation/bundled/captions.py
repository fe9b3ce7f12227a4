"""Captions: many ways to describe the same scene, and the facts that each one names."""

from dataclasses import dataclass
from random import Random
from typing import Final

from .scenes import NATURAL_COLOURS, NATURAL_SETTINGS, Group, Scene
from .vocabulary import (
    ADJECTIVES,
    COLOURS,
    COUNTS,
    FILLERS,
    FLOURISHES,
    LANDSCAPES,
    OBJECTS,
    PLACES,
    SETTINGS,
    SKY,
    TIMES,
    WEATHERS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What a caption says; "" is not mentioned. A group's colour and place may be left out too, its count never is."""

    setting: str = ""
    background: str = ""
    time: str = ""
    weather: str = ""
    sky: str = ""
    groups: tuple[Group, ...] = ()


# Single words for lists of keywords ("red boat, sea, sunset").
TAGS: Final[dict[str, tuple[str, ...]]] = {
    "sea": ("sea", "ocean"), "beach": ("beach", "shore"), "mountains": ("mountains", "snowy mountains"),
    "hills": ("hills", "countryside"), "meadow": ("meadow", "grass", "garden", "park"), "forest": ("forest", "woods"),
    "desert": ("desert", "dunes"), "city": ("city", "skyline", "town"), "snow": ("snow", "winter"),
    "space": ("space", "outer space"), "underwater": ("underwater", "coral reef"), "plain": ("{} background",),
    "day": ("daylight", "day"), "sunrise": ("sunrise", "dawn", "morning"), "sunset": ("sunset", "dusk", "evening"),
    "night": ("night", "midnight"), "clear": ("clear sky",), "cloudy": ("clouds", "cloudy"), "rain": ("rain", "rainy"),
    "snowfall": ("snowfall", "falling snow", "snowflakes"), "fog": ("fog", "mist", "foggy"), "sun": ("sun",),
    "moon": ("full moon", "moon"), "crescent": ("crescent moon",), "stars": ("stars", "starry sky"),
    "rainbow": ("rainbow",),
}  # fmt: skip


def caption(scene: Scene, rng: Random) -> tuple[str, Facts]:
    """One caption of a scene, perhaps a partial one, with the facts it names."""
    facts = _choose(scene, rng)
    style = rng.random()
    if style < 0.18:
        text = _keywords(facts, rng)
    elif style < 0.34 and facts.setting:
        text = _landscape_first(facts, rng)
    else:
        text = _sentence(facts, rng)
    if rng.random() < 0.3:
        text = f"{rng.choice(FILLERS)} {text}"
    if rng.random() < 0.3:
        text += rng.choice((", ", " ")) + ", ".join(rng.sample(FLOURISHES, rng.choice((1, 1, 2, 3))))
    return " ".join(text.split()), facts


def _choose(scene: Scene, rng: Random) -> Facts:
    """Choose the facts to name. What is left out is what one would expect, so that the model learns to draw it so."""
    spare = rng.choice((0.1, 0.5, 0.9))
    first = scene.groups[0].kind if scene.groups else ""
    may_drop = bool(first) and scene.setting in NATURAL_SETTINGS[first]
    setting = "" if may_drop and rng.random() < spare * 0.7 else scene.setting
    groups = tuple(
        Group(
            g.kind,
            "" if g.colour in NATURAL_COLOURS[g.kind] and rng.random() < spare * 0.8 else g.colour,
            g.count,
            g.place,
        )
        for g in scene.groups
    )
    skyless = scene.setting in ("plain", "underwater", "space")
    usual = scene.time == "day" or scene.sky in ("moon", "crescent", "stars")
    time = (
        ""
        if skyless or rng.random() < (0.9 if usual and scene.time == "day" else spare * 0.4)
        else scene.time
    )
    weather = scene.weather
    if skyless or rng.random() < (0.92 if weather == "clear" else 0.1):
        weather = ""
    sky = scene.sky if scene.sky in ("rainbow", "crescent") or rng.random() < 0.8 else ""
    return Facts(setting, scene.background if setting == "plain" else "", time, weather, sky, groups)


def _sentence(facts: Facts, rng: Random) -> str:
    subject = _objects(facts, rng)
    tail = _phrases(facts, rng)
    if not subject:
        subject = _landscape(facts, rng)
    elif facts.setting:
        where = _with_colour(rng.choice(SETTINGS[facts.setting]), facts, rng)
        tail.insert(0 if rng.random() < 0.7 else rng.randint(0, len(tail)), where)
    if tail and rng.random() < 0.12:
        head = tail.pop(rng.randrange(len(tail)))
        subject = f"{head}, {subject}"
    glue = ", " if rng.random() < 0.15 else " "
    return glue.join([subject, *tail])


def _landscape_first(facts: Facts, rng: Random) -> str:
    text = " ".join([_landscape(facts, rng), *_phrases(facts, rng)])
    objects = _objects(facts, rng)
    return f"{text} {rng.choice(('with', 'and', 'with', ','))} {objects}" if objects else text


def _keywords(facts: Facts, rng: Random) -> str:
    parts = []
    for group in facts.groups:
        name = _noun(group, rng)
        count = "" if group.count == 1 else rng.choice(COUNTS[group.count])
        colour = rng.choice(COLOURS[group.colour]) if group.colour else ""
        place = rng.choice(PLACES[group.place]) if group.place else ""
        parts.append(f"{count} {colour} {name} {place}")
    named = [fact for fact in (facts.setting, facts.time, facts.weather, facts.sky) if fact]
    parts += [_with_colour(rng.choice(TAGS[fact]), facts, rng) for fact in named]
    if rng.random() < 0.4:
        rng.shuffle(parts)
    return rng.choice((", ", " ")).join(parts)


def _landscape(facts: Facts, rng: Random) -> str:
    return _with_colour(rng.choice(LANDSCAPES[facts.setting]), facts, rng) if facts.setting else ""


def _with_colour(phrase: str, facts: Facts, rng: Random) -> str:
    return phrase.format(rng.choice(COLOURS[facts.background])) if "{}" in phrase else phrase


def _phrases(facts: Facts, rng: Random) -> list[str]:
    parts = []
    for table, fact in ((TIMES, facts.time), (WEATHERS, facts.weather), (SKY, facts.sky)):
        if fact:
            parts.append(rng.choice(table[fact]))
    rng.shuffle(parts)
    return parts


def _objects(facts: Facts, rng: Random) -> str:
    glue = rng.choice((" and ", " and ", " next to ", " beside ", " with "))
    return glue.join(_object(group, rng) for group in facts.groups)


def _object(group: Group, rng: Random) -> str:
    words = [rng.choice(COUNTS[group.count])]
    if group.count == 1 and rng.random() < 0.12:
        words = [rng.choice(("the", ""))]
    words += rng.sample(ADJECTIVES, rng.choices((0, 1, 2), (80, 17, 3))[0])
    name = _noun(group, rng)
    if group.colour:
        words.append(rng.choice(COLOURS[group.colour]))
    words.append(name)
    if group.place:
        words.append(rng.choice(PLACES[group.place]))
    text = " ".join(words).split()
    if text[0] == "a" and text[1][0] in "aeio":
        text[0] = "an"
    return " ".join(text)


def _noun(group: Group, rng: Random) -> str:
    names = OBJECTS[group.kind][0 if group.count == 1 else 1]
    return names[0] if rng.random() < 0.6 else rng.choice(names)

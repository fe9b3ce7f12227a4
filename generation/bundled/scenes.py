"""Scenes: what a picture shows, as a small typed description, and how likely each is in training."""

from dataclasses import dataclass
from random import Random
from typing import Final

from .vocabulary import COLOURS, OBJECTS

COLOUR_NAMES: Final = tuple(COLOURS)
KINDS: Final = tuple(OBJECTS)
SKYLESS: Final = frozenset(("underwater", "plain", "space"))  # no weather, no time of day


@dataclass(frozen=True, slots=True)
class Group:
    """One to four objects of one kind and colour, and where they stand ("" is anywhere)."""

    kind: str
    colour: str
    count: int = 1
    place: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a picture shows. `background` is the colour of the plain setting; `sky` is "" or a thing in the sky."""

    setting: str
    time: str = "day"
    weather: str = "clear"
    sky: str = ""
    groups: tuple[Group, ...] = ()
    background: str = ""


def sample(rng: Random) -> Scene:
    """One scene of the training distribution."""
    groups = _groups(rng)
    setting = _setting(rng, groups)
    if setting == "plain":
        taken = {group.colour for group in groups}
        return Scene(
            setting, groups=groups, background=rng.choice([c for c in COLOUR_NAMES if c not in taken])
        )
    if setting == "underwater":
        return Scene(setting, groups=groups)
    if setting == "space":
        return Scene(setting, "night", "clear", rng.choice(("", "", "stars", "moon", "crescent")), groups)
    time = rng.choices(("day", "sunrise", "sunset", "night"), (42, 14, 20, 24))[0]
    weather = rng.choices(("clear", "cloudy", "rain", "snowfall", "fog"), (52, 24, 8, 8, 8))[0]
    if weather == "snowfall" and setting in ("desert", "beach", "sea"):
        weather = "clear"
    return Scene(setting, time, weather, sky_of(rng, time, weather), groups)


def _groups(rng: Random) -> tuple[Group, ...]:
    how_many = rng.choices((0, 1, 2), (10, 64, 26))[0]
    kinds = rng.sample(KINDS, how_many)
    groups: list[Group] = []
    for index, kind in enumerate(kinds):
        count = rng.choices((1, 2, 3, 4), (58, 18, 15, 9) if how_many == 1 else (80, 20, 0, 0))[0]
        place = ""
        if how_many == 1 and count == 1:
            place = rng.choices(("", "left", "middle", "right"), (60, 12, 16, 12))[0]
        elif how_many == 2 and index == 0 and rng.random() < 0.3:
            place = rng.choice(("left", "right"))  # the second group takes the other side
        natural = rng.random() < 0.55
        colour = rng.choice(NATURAL_COLOURS[kind] if natural else COLOUR_NAMES)
        groups.append(Group(kind, colour, count, place))
    return tuple(groups)


def _setting(rng: Random, groups: tuple[Group, ...]) -> str:
    if not groups:
        return rng.choice([s for s in ALL_SETTINGS if s != "plain"])
    if rng.random() < 0.62:
        return rng.choice(NATURAL_SETTINGS[groups[0].kind])
    return rng.choice(ALL_SETTINGS)


def sky_of(rng: Random, time: str, weather: str) -> str:
    """What stands in the sky at this time and in this weather, "" for nothing."""
    if weather in ("fog", "snowfall"):
        return rng.choices(("", "moon" if time == "night" else "sun"), (80, 20))[0]
    if time == "night":
        return rng.choices(("", "moon", "crescent", "stars"), (20, 32, 22, 26))[0]
    if weather == "rain":
        return rng.choices(("", "rainbow"), (75, 25))[0]
    return rng.choices(("", "sun", "rainbow"), (35, 55, 10 if time == "day" else 3))[0]


ALL_SETTINGS: Final = (
    "sea", "beach", "mountains", "hills", "meadow", "forest", "desert", "city", "snow", "space", "underwater", "plain",
)  # fmt: skip
_LAND: Final = ("hills", "meadow", "mountains", "forest", "snow", "beach")
_SKY: Final = ("hills", "mountains", "sea", "meadow", "desert", "city", "beach", "plain")
NATURAL_SETTINGS: Final[dict[str, tuple[str, ...]]] = {
    "house": (*_LAND, "city"), "tree": ("hills", "meadow", "mountains", "plain"), "sailboat": ("sea", "sea", "beach"),
    "lighthouse": ("sea", "beach", "beach"), "hot_air_balloon": _SKY, "balloon": _SKY,
    "rocket": ("space", "space", "space", "desert", "plain"), "cactus": ("desert", "desert", "plain"),
    "mushroom": ("forest", "forest", "meadow", "plain"), "flower": ("meadow", "meadow", "hills", "plain"),
    "fish": ("underwater", "underwater", "sea", "plain"), "bird": ("plain", "meadow", "forest", "sea", "hills"),
    "cat": ("meadow", "plain", "beach", "city", "snow"), "dog": ("meadow", "plain", "beach", "snow", "city"),
    "rabbit": ("meadow", "snow", "plain", "forest"), "penguin": ("snow", "snow", "plain", "sea"),
    "car": ("city", "city", "desert", "hills", "plain"), "butterfly": ("meadow", "meadow", "forest", "plain"),
    "whale": ("sea", "sea", "underwater"), "snowman": ("snow", "snow", "mountains", "forest"),
    "tent": ("mountains", "forest", "beach", "hills", "meadow"), "castle": ("hills", "mountains", "meadow", "snow"),
    "windmill": ("hills", "meadow", "mountains"), "palm": ("beach", "beach", "desert", "sea"),
}  # fmt: skip
NATURAL_COLOURS: Final[dict[str, tuple[str, ...]]] = {
    "house": ("red", "yellow", "white", "blue"), "tree": ("green", "green", "green", "orange"),
    "sailboat": ("white", "red", "yellow"), "lighthouse": ("red", "red", "blue"),
    "hot_air_balloon": ("red", "orange", "blue", "purple"), "balloon": ("red", "blue", "yellow", "pink"),
    "rocket": ("white", "white", "blue"), "cactus": ("green",), "mushroom": ("red", "red", "brown", "orange"),
    "flower": ("pink", "red", "white", "purple"), "fish": ("orange", "blue", "yellow", "red"),
    "bird": ("blue", "red", "yellow"), "cat": ("orange", "black", "white", "brown"),
    "dog": ("brown", "brown", "white", "orange"), "rabbit": ("white", "brown", "white"),
    "penguin": ("black", "black", "blue"), "car": ("red", "blue", "yellow", "green"),
    "butterfly": ("orange", "blue", "purple", "yellow"), "whale": ("blue", "blue", "teal"),
    "snowman": ("red", "red", "blue", "green"), "tent": ("orange", "red", "blue", "green"),
    "castle": ("white", "brown", "purple"), "windmill": ("white", "red", "brown"), "palm": ("green",),
}  # fmt: skip

"""From a scene to drawn things with places, sizes and colours. Lengths are in cells of 1/16 of the base size."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import tau
from random import Random
from typing import Final

from .palette import FAR, GROUND, LIGHTS, NAMED, RGB, SPACE, UNDERWATER, Light, lit, mix, vary
from .scenes import Group, Scene

NOWHERE: Final = 99.0  # a ground line that lies below every picture


@dataclass(frozen=True, slots=True)
class Thing:
    """One drawn thing: kind, centre and half size in cells, mirrored or not, colour, share of haze over it."""

    kind: str
    x: float
    y: float
    size: float
    flip: float
    colour: RGB
    haze: float = 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A ground line y(x) = base + two waves (amplitude, angular frequency, phase)."""

    base: float = NOWHERE
    waves: tuple[tuple[float, float, float], tuple[float, float, float]] = ((0.0, 1.0, 0.0), (0.0, 1.0, 0.0))


@dataclass(slots=True)
class Layout:
    """Everything that `draw.py` needs; things are in the order of drawing, back to front."""

    width: int
    height: int
    sky: tuple[RGB, RGB]
    far: tuple[RGB, RGB]
    ground: tuple[RGB, RGB]
    far_line: Curve
    ground_line: Curve
    tint: RGB
    haze: RGB
    night: float
    things: list[Thing] = field(default_factory=list)


def lay_out(scene: Scene, rng: Random, width: int = 16, height: int = 16) -> Layout:
    """Places everything of a scene on a canvas of width × height cells."""
    light = {"space": SPACE, "underwater": UNDERWATER}.get(scene.setting) or LIGHTS[scene.time]
    if scene.setting == "plain":
        return _plain(scene, rng, width, height)
    fog = 0.62 if scene.weather == "fog" else 0.0
    top, bottom = vary(rng, light.sky_top), vary(rng, light.sky_bottom)
    dull = {"cloudy": 0.12, "rain": 0.50, "snowfall": 0.35, "fog": 0.6}.get(scene.weather, 0.0)
    grey = lit((0.66, 0.71, 0.77), light.tint)
    horizon, shore = _lines(scene.setting, rng, width, height)
    near, back = GROUND[scene.setting], FAR.get(scene.setting, GROUND[scene.setting])
    paint = Layout(
        width, height, (mix(top, grey, dull), mix(mix(bottom, grey, dull), light.haze, fog)),
        _shades(rng, back, light, 0.06 + 0.7 * fog), _shades(rng, near, light, 0.35 * fog),
        horizon, shore, light.tint, light.haze, light.night,
    )  # fmt: skip
    _sky(scene, rng, paint, fog)
    _BACKDROPS.get(scene.setting, _nothing)(rng, paint, fog)
    _weather(scene, rng, paint)
    _groups(scene, rng, paint)
    return paint


def _shades(rng: Random, colours: tuple[RGB, RGB], light: Light, haze: float) -> tuple[RGB, RGB]:
    a, b = (mix(lit(vary(rng, c, 0.025), light.tint), light.haze, haze) for c in colours)
    return (a, b)


def _plain(scene: Scene, rng: Random, width: int, height: int) -> Layout:
    colour = vary(rng, mix(NAMED[scene.background], (1, 1, 1), 0.12))
    pair = (mix(colour, (1, 1, 1), 0.08), colour)
    paint = Layout(width, height, pair, pair, pair, Curve(), Curve(), (1, 1, 1), (1, 1, 1), 0.0)
    _groups(scene, rng, paint)
    return paint


def _lines(setting: str, rng: Random, w: int, h: int) -> tuple[Curve, Curve]:
    """The far line (NOWHERE without one) and the ground line."""

    def curve(low: float, high: float, amplitude: float) -> Curve:
        first = (rng.uniform(0.4, 1) * amplitude, tau * rng.uniform(0.5, 1.1) / 14, rng.uniform(0, tau))
        second = (0.25 * amplitude, tau * rng.uniform(1.2, 2.2) / 14, rng.uniform(0, tau))
        return Curve(rng.uniform(low, high) * h, (first, second))

    none = Curve()
    match setting:
        case "sea":
            return none, curve(0.52, 0.62, 0)
        case "beach":
            return curve(0.50, 0.55, 0), curve(0.68, 0.76, 0.35)
        case "hills":
            return curve(0.54, 0.62, 1.2), curve(0.68, 0.76, 0.8)
        case "meadow":
            return curve(0.52, 0.58, 0.5), curve(0.60, 0.66, 0.2)
        case "forest":
            return none, curve(0.66, 0.74, 0.3)
        case "desert":
            return curve(0.58, 0.64, 1.0), curve(0.68, 0.76, 0.7)
        case "snow":
            return curve(0.54, 0.62, 0.9), curve(0.66, 0.74, 0.5)
        case "city":
            return none, curve(0.70, 0.76, 0)
        case "space":
            return none, curve(0.76, 0.84, 0.4) if rng.random() < 0.4 else none
        case "underwater":
            return none, curve(0.82, 0.88, 0.35)
        case _:
            return none, curve(0.64, 0.72, 0.5)


def _sky(scene: Scene, rng: Random, p: Layout, fog: float) -> None:
    m = min(p.width, p.height)
    if scene.setting == "underwater":
        _scatter(rng, p, "bubble", 5, 0.08, 0.75)
        return
    stars = scene.setting == "space" or scene.sky == "stars"
    if stars or (scene.time == "night" and scene.weather == "clear"):
        density = 16 if stars else 7
        _scatter(rng, p, "star", density, 0.02, 0.95 if scene.setting == "space" else 0.5)
    side = _free_side(scene, rng)
    if scene.setting == "space" and rng.random() < 0.8:
        colour = rng.choice(((0.85, 0.55, 0.35), (0.45, 0.65, 0.85), (0.75, 0.50, 0.75), (0.85, 0.75, 0.45)))
        p.things.append(Thing("planet", *_corner(rng, p, 1 - side), m * rng.uniform(0.11, 0.17), 1.0, vary(rng, colour)))
    x, y = _corner(rng, p, side)
    if scene.sky == "rainbow":
        end = min(p.far_line.base, p.ground_line.base)
        size = min(p.width * 0.46, end)
        p.things.append(Thing("rainbow", p.width * rng.uniform(0.38, 0.62), end - 0.6 * size, size, 1.0, (1, 1, 1)))
    elif scene.sky == "sun":
        low = scene.time in ("sunrise", "sunset")
        colour = (1.0, 0.72, 0.30) if scene.time == "sunset" else (1.0, 0.86, 0.45) if low else (1.0, 0.84, 0.25)
        y = p.height * rng.uniform(0.28, 0.46) if low else y
        p.things.append(Thing("sun", x, y, m * rng.uniform(0.15, 0.19), 1.0, vary(rng, colour, 0.02), 0.4 * fog))
    elif scene.sky in ("moon", "crescent"):
        p.things.append(Thing(scene.sky, x, y, m * rng.uniform(0.13, 0.16), 1.0, (0.98, 0.96, 0.86), 0.4 * fog))
    if scene.weather in ("cloudy", "rain", "snowfall"):
        white = lit((1, 1, 1) if scene.weather == "cloudy" else (0.80, 0.84, 0.89), mix(p.tint, (1, 1, 1), 0.35))
        count = rng.randint(2, 4) * p.width / 16
        for _ in range(round(count + rng.random() * 0.9)):
            size = m * rng.uniform(0.12, 0.20)
            at = (rng.uniform(0, p.width), p.height * rng.uniform(0.06, 0.36))
            if scene.sky and abs(at[0] - x) < m * 0.34:
                continue  # what the sky shows stays visible
            p.things.append(Thing("cloud", *at, size, rng.choice((-1.0, 1.0)), vary(rng, _unlit(white, p.tint), 0.02)))


def _unlit(colour: RGB, tint: RGB) -> RGB:
    return (min(1.0, colour[0] / tint[0]), min(1.0, colour[1] / tint[1]), min(1.0, colour[2] / tint[2]))


def _free_side(scene: Scene, rng: Random) -> float:
    """A side of the sky, as a share of the width."""
    place = scene.groups[0].place if len(scene.groups) == 1 else ""
    return {"left": 0.80, "right": 0.20}.get(place) or rng.choice((0.17, 0.83))


def _corner(rng: Random, p: Layout, side: float) -> tuple[float, float]:
    return p.width * (side + rng.uniform(-0.05, 0.05)), p.height * rng.uniform(0.12, 0.22)


def _scatter(rng: Random, p: Layout, kind: str, per_256: int, low: float, high: float) -> None:
    """Small things at random, between two heights (shares of the picture), about per_256 in 16 × 16 cells."""
    count = round(per_256 * p.width * p.height / 256 * (high - low) * 1.6)
    for _ in range(count):
        at = (rng.uniform(0, p.width), p.height * rng.uniform(low, high))
        p.things.append(Thing(kind, *at, _SMALL_SIZES[kind] * rng.uniform(0.8, 1.1), 1.0, _SMALL_COLOURS[kind]))


_SMALL_SIZES: Final = {"star": 0.55, "bubble": 0.5, "rain": 0.55, "flake": 0.45, "tuft": 0.5, "blossom": 0.6, "wave": 1.0}
_SMALL_COLOURS: Final[dict[str, RGB]] = {
    "star": (1.0, 0.98, 0.86), "bubble": (0.8, 0.95, 1.0), "rain": (0.72, 0.84, 0.95), "flake": (0.98, 0.98, 1.0),
}  # fmt: skip


def _weather(scene: Scene, rng: Random, p: Layout) -> None:
    if scene.weather == "rain":
        _scatter(rng, p, "rain", 34, 0.2, 0.98)
    elif scene.weather == "snowfall":
        _scatter(rng, p, "flake", 34, 0.03, 0.98)


# What stands behind the objects, by setting.


def _nothing(rng: Random, p: Layout, fog: float) -> None:
    del rng, p, fog


def _row(rng: Random, p: Layout, kind: str, step: float, size: tuple[float, float], base: float, foot: float,
         colour: RGB, haze: float = 0.0, share: float = 1.0) -> None:  # fmt: skip
    """A row of like things along the picture: `step` apart, standing with their `foot` (local v) on `base`."""
    x = rng.uniform(-0.5, 0.5) * step
    while x < p.width + 0.4 * step:
        s = rng.uniform(*size)
        if rng.random() < share:
            p.things.append(Thing(kind, x, base - foot * s, s, rng.choice((-1.0, 1.0)), vary(rng, colour), haze))
        x += step * rng.uniform(0.75, 1.25)


def _floor(rng: Random, p: Layout, kind: str, count: float, colour: RGB) -> None:
    """Small things on the ground."""
    for _ in range(round(count * p.width / 16 + rng.random())):
        y = rng.uniform(min(p.ground_line.base + 0.9, p.height - 0.5), p.height - 0.2)
        p.things.append(Thing(kind, rng.uniform(0, p.width), y, _SMALL_SIZES[kind] * rng.uniform(0.85, 1.1), 1.0, vary(rng, colour)))


def _waves(rng: Random, p: Layout, fog: float) -> None:
    del fog
    _floor(rng, p, "wave", 9, (0.50, 0.76, 0.90))


def _mountains(rng: Random, p: Layout, fog: float) -> None:
    m = min(p.width, p.height)
    base = p.ground_line.base + 0.6
    _row(rng, p, "mountain", m * 0.42, (m * 0.20, m * 0.27), base, 0.62, (0.60, 0.66, 0.80), 0.25 + 0.4 * fog)
    _row(rng, p, "mountain", m * 0.62, (m * 0.25, m * 0.37), base, 0.62, (0.47, 0.50, 0.64), 0.5 * fog)
    _floor(rng, p, "tuft", 4, (0.26, 0.50, 0.27))


def _hills(rng: Random, p: Layout, fog: float) -> None:
    _row(rng, p, "pine", p.height * 0.28, (p.height * 0.05, p.height * 0.08), p.ground_line.base + 0.4, 1.0,
         (0.26, 0.50, 0.32), 0.5 * fog, 0.4)  # fmt: skip
    _floor(rng, p, "tuft", 5, (0.28, 0.55, 0.25))


def _meadow(rng: Random, p: Layout, fog: float) -> None:
    del fog
    _floor(rng, p, "tuft", 6, (0.30, 0.58, 0.26))
    for colour in rng.sample(((0.95, 0.45, 0.45), (0.98, 0.85, 0.40), (0.98, 0.98, 0.96), (0.80, 0.55, 0.90)), 2):
        _floor(rng, p, "blossom", 4, colour)


def _forest(rng: Random, p: Layout, fog: float) -> None:
    h = p.height
    _row(rng, p, "pine", h * 0.15, (h * 0.17, h * 0.22), p.ground_line.base + 0.5, 1.0, (0.30, 0.50, 0.40), 0.22 + 0.4 * fog)
    _row(rng, p, "pine", h * 0.23, (h * 0.20, h * 0.28), p.ground_line.base + 1.0, 1.0, (0.16, 0.42, 0.28), 0.4 * fog)
    _floor(rng, p, "tuft", 5, (0.20, 0.40, 0.22))


def _desert(rng: Random, p: Layout, fog: float) -> None:
    del fog
    for _ in range(rng.randint(0, 2)):
        at = (rng.uniform(0, p.width), rng.uniform(p.ground_line.base + 0.6, p.height - 0.6))
        p.things.append(Thing("rock", *at, rng.uniform(0.6, 0.9), rng.choice((-1.0, 1.0)), vary(rng, (0.72, 0.50, 0.34))))


def _city(rng: Random, p: Layout, fog: float) -> None:
    h, base = p.height, p.ground_line.base + 0.3
    _row(rng, p, "tower", h * 0.19, (h * 0.22, h * 0.29), base, 1.0, (0.58, 0.66, 0.80), 0.25 + 0.4 * fog)
    x = rng.uniform(-1, 1)
    while x < p.width + 1:
        kind, size = rng.choice((("block", h * rng.uniform(0.14, 0.20)), ("tower", h * rng.uniform(0.16, 0.24))))
        colour = rng.choice(((0.42, 0.50, 0.68), (0.72, 0.52, 0.46), (0.80, 0.70, 0.55), (0.48, 0.60, 0.66)))
        p.things.append(Thing(kind, x, base - size, size, 1.0, vary(rng, colour), 0.5 * fog))
        x += size * 1.6


def _snow(rng: Random, p: Layout, fog: float) -> None:
    h = p.height
    _row(rng, p, "pine", h * 0.26, (h * 0.09, h * 0.14), p.ground_line.base + 0.4, 1.0, (0.34, 0.55, 0.50), 0.5 * fog, 0.6)


def _moon_ground(rng: Random, p: Layout, fog: float) -> None:
    del fog
    if p.ground_line.base < p.height:
        for _ in range(rng.randint(2, 3)):
            at = (rng.uniform(0, p.width), rng.uniform(p.ground_line.base + 0.8, p.height - 0.3))
            p.things.append(Thing("crater", *at, rng.uniform(0.7, 1.3), 1.0, (0.48, 0.48, 0.55)))


def _reef(rng: Random, p: Layout, fog: float) -> None:
    del fog
    for _ in range(round(p.width * rng.uniform(0.25, 0.4))):
        kind, colour = rng.choice((("seaweed", (0.20, 0.60, 0.42)), ("seaweed", (0.28, 0.66, 0.36)),
                                   ("coral", (0.95, 0.50, 0.50)), ("coral", (0.95, 0.62, 0.40)),
                                   ("rock", (0.45, 0.50, 0.58))))  # fmt: skip
        size = rng.uniform(0.9, 1.5) * (0.7 if kind == "rock" else 1.0)
        y = min(p.ground_line.base + rng.uniform(0.5, 1.5), p.height - 0.2) - 0.9 * size
        p.things.append(Thing(kind, rng.uniform(0, p.width), y, size, rng.choice((-1.0, 1.0)), vary(rng, colour)))


_BACKDROPS: Final[dict[str, Callable[[Random, Layout, float], None]]] = {
    "sea": _waves, "mountains": _mountains, "hills": _hills, "meadow": _meadow, "forest": _forest,
    "desert": _desert, "city": _city, "snow": _snow, "space": _moon_ground, "underwater": _reef,
}  # fmt: skip

# The objects. kind -> (half width, foot) in local units; the foot is where it touches the ground.
_SHAPES: Final[dict[str, tuple[float, float]]] = {
    "house": (1.0, 1.0), "tree": (0.8, 1.0), "sailboat": (0.96, 0.86), "lighthouse": (0.42, 1.0),
    "hot_air_balloon": (0.66, 1.0), "balloon": (0.56, 1.0), "rocket": (0.70, 0.9), "cactus": (0.72, 1.0),
    "mushroom": (0.94, 1.0), "flower": (0.62, 1.0), "fish": (1.0, 0.6), "bird": (1.0, 0.74), "cat": (0.86, 1.0),
    "dog": (0.80, 1.0), "rabbit": (0.62, 1.0), "penguin": (0.70, 1.0), "car": (0.98, 0.66), "butterfly": (1.0, 0.85),
    "whale": (1.0, 0.34), "snowman": (0.80, 1.0), "tent": (0.98, 0.70), "castle": (0.98, 1.0),
    "windmill": (0.75, 1.0), "palm": (0.85, 1.0),
}  # fmt: skip
_FLYING: Final = frozenset(("hot_air_balloon", "balloon", "bird", "butterfly", "rocket"))
_SWIMMING: Final = frozenset(("fish", "whale"))


def _groups(scene: Scene, rng: Random, p: Layout) -> None:
    """Objects in slots from left to right; in narrow pictures three and four stand in two rows."""
    groups = sorted(scene.groups, key=lambda g: {"left": 0, "right": 2}.get(g.place, 1))
    if len(groups) == 2 and not any(g.place for g in groups) and rng.random() < 0.5:
        groups.reverse()
    one_each = [group for group in groups for _ in range(group.count)]
    if not one_each:
        return
    total = len(one_each)
    rows = 2 if p.width / total < 3.6 else 1
    per_row = -(-total // rows)
    m = min(p.width, p.height)
    biggest = m * (0.34 if total == 1 else 0.30 if total == 2 else 0.26)
    drawn: list[Thing] = []
    flip = rng.choice((-1.0, 1.0))
    shrink = rng.uniform(0.86, 1.0)
    colours = {id(group): vary(rng, NAMED[group.colour]) for group in groups}
    for index, group in enumerate(one_each):
        row, column = divmod(index, per_row)
        in_row = min(per_row, total - row * per_row)
        slot = p.width / max(in_row, 1)
        half, _ = _SHAPES[group.kind]
        size = min(biggest, 0.47 * slot / half, 0.60 * slot) * shrink * rng.uniform(0.94, 1.0)
        if rows == 2:
            size = min(size, p.height * 0.19)
        x = _column(group, rng, p, total, slot, column, size * half)
        y = _height(scene, group, rng, p, size, row - (rows - 1) / 2)
        if _needs_island(scene, group):
            p.things.append(Thing("island", x, y + size * _SHAPES[group.kind][1], size * half * 1.35, 1.0, (0.90, 0.80, 0.55)))
        drawn.append(Thing(group.kind, x, y, size, flip, colours[id(group)]))
    p.things += sorted(drawn, key=lambda thing: thing.y + thing.size * _SHAPES[thing.kind][1])


def _column(group: Group, rng: Random, p: Layout, total: int, slot: float, column: int, reach: float) -> float:
    if total > 1:
        return (column + 0.5) * slot + rng.uniform(-0.5, 0.5) * max(0.0, slot / 2 - reach)
    at = {"left": 0.26, "right": 0.74, "middle": 0.5}.get(group.place)
    x = p.width * (at + rng.uniform(-0.04, 0.04) if at else rng.uniform(0.34, 0.66))
    return min(max(x, reach), p.width - reach)


def _height(scene: Scene, group: Group, rng: Random, p: Layout, size: float, row: float) -> float:
    """The centre's y; row is -0.5 or 0.5 in pictures of two rows, else 0."""
    h, foot = p.height, _SHAPES[group.kind][1]
    ground = p.ground_line.base
    if scene.setting == "plain" or (scene.setting == "space" and ground > h):
        return h * (0.5 + 0.46 * row) + rng.uniform(-0.04, 0.04) * h
    if scene.setting == "underwater" and group.kind in _SWIMMING | _FLYING:
        return h * (0.46 + 0.40 * row) + rng.uniform(-0.08, 0.08) * h
    if group.kind in _FLYING:
        return max(size * 0.95, h * (0.40 + 0.40 * row) + rng.uniform(-0.08, 0.06) * h)
    if group.kind == "fish" and scene.setting == "sea":
        return min(h - 0.6 * size, (ground + h) / 2 + h * 0.3 * row + rng.uniform(-0.02, 0.06) * h)
    if scene.setting == "beach" and group.kind in ("sailboat", "whale"):
        return ground - 0.3 + h * 0.24 * row - foot * size
    base = ground + (h - ground) * rng.uniform(0.42, 0.66) + h * 0.30 * row
    return min(base, h * 0.96) - foot * size


def _needs_island(scene: Scene, group: Group) -> bool:
    return scene.setting == "sea" and group.kind not in _FLYING | _SWIMMING | {"sailboat", "whale"}

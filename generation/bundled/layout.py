"""From a scene to a layout: the lines of its setting, its sky and weather, and where its objects stand."""

from math import tau
from random import Random
from typing import Final

from .backdrops import stand_behind
from .canvas import Curve, Layout, Thing
from .palette import FAR, GROUND, LIGHTS, NAMED, RGB, SPACE, UNDERWATER, Light, lit, mix, vary
from .scenes import Group, Scene
from .sky import hang, weather


def lay_out(scene: Scene, rng: Random, width: int = 16, height: int = 16) -> Layout:
    """Place everything of a scene on a canvas of width × height cells."""
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
    hang(scene, rng, paint, fog)
    stand_behind(scene.setting, rng, paint, fog)
    weather(scene, rng, paint)
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
            return curve(0.50, 0.57, 0.7), curve(0.66, 0.74, 0.3)
        case "mountains":
            return curve(0.50, 0.58, 1.3), curve(0.64, 0.72, 0.5)
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
            p.things.append(
                Thing(
                    "island",
                    x,
                    y + size * _SHAPES[group.kind][1],
                    size * half * 1.35,
                    (0.90, 0.80, 0.55),
                )
            )
        drawn.append(Thing(group.kind, x, y, size, colours[id(group)]))
    p.things += sorted(drawn, key=lambda thing: thing.y + thing.size * _SHAPES[thing.kind][1])


def _column(
    group: Group, rng: Random, p: Layout, total: int, slot: float, column: int, reach: float
) -> float:
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
